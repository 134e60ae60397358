// What lies between the kit and a program. None of it is inherited through execve(2).

#define _GNU_SOURCE
#include "CSupervision.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

int supervision_lifeline(int ends[2]) {
#ifdef __linux__
    return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends);
#else
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == -1) return -1;
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    return fcntl(ends[1], F_SETFD, FD_CLOEXEC);
#endif
}

int supervision_pipe(int ends[2]) {
#ifdef __linux__
    return pipe2(ends, O_CLOEXEC);
#else
    if (pipe(ends) == -1) return -1;
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    return fcntl(ends[1], F_SETFD, FD_CLOEXEC);
#endif
}

int supervision_terminal(int ends[2]) {
    char name[128];
    ends[0] = posix_openpt(O_RDWR | O_NOCTTY);
    if (ends[0] == -1) return -1;
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    ends[1] = -1;
    if (grantpt(ends[0]) == 0 && unlockpt(ends[0]) == 0 && ptsname_r(ends[0], name, sizeof name) == 0)
        ends[1] = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    struct termios settings;
    if (ends[1] == -1 || tcgetattr(ends[1], &settings) == -1) {
        close(ends[0]);
        if (ends[1] != -1) close(ends[1]);
        return -1;
    }
    settings.c_lflag &= ~(tcflag_t)ECHO;
    settings.c_oflag &= ~(tcflag_t)OPOST;
    return tcsetattr(ends[1], TCSANOW, &settings);
}

ssize_t supervision_write(int descriptor, const void *bytes, size_t count) {
    sigset_t pipe, before, pending;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, &before);
    sigpending(&pending);
    bool pending_before = sigismember(&pending, SIGPIPE);
    ssize_t written = write(descriptor, bytes, count);
    int error = errno;
    // The SIGPIPE of a write is for the thread that wrote. It is taken here, to be gone when the mask is.
    if (written == -1 && error == EPIPE && !pending_before) {
        int taken;
        sigpending(&pending);
        if (sigismember(&pending, SIGPIPE)) sigwait(&pipe, &taken);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = error;
    return written;
}

int supervision_unread(int descriptor) {
    int count;
    return ioctl(descriptor, FIONREAD, &count) == -1 ? -1 : count;
}
