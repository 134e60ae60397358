#define _GNU_SOURCE
#include "warden.h"
#include <errno.h>
#include <pthread.h>
#include <unistd.h>

pid_t supervision_launch(const struct supervision_launch *launch) {
    sigset_t all, before;
    sigfillset(&all);
    // A signal that came before the warden has its own dispositions would run the kit's handlers in it.
    pthread_sigmask(SIG_BLOCK, &all, &before);
    pid_t warden = fork();
    if (warden == 0) warden_run(launch);
    int error = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = error;
    return warden;
}
