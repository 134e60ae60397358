#define _GNU_SOURCE
#include "CSupervision.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

int supervision_borrow(pid_t thread, int descriptor) {
#ifdef SYS_pidfd_getfd
    int handle = syscall(SYS_pidfd_open, thread, 0);
    // A thread that is not the first of its process: PIDFD_THREAD, which is O_EXCL, since Linux 6.9.
    if (handle == -1) handle = syscall(SYS_pidfd_open, thread, O_EXCL);
    if (handle == -1) return -1;
    int copy = syscall(SYS_pidfd_getfd, handle, descriptor, 0);
    int error = errno;
    close(handle);
    errno = error;
    return copy;
#else
    (void)thread, (void)descriptor;
    errno = ENOSYS;
    return -1;
#endif
}
