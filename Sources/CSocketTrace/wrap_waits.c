// Waiting for several descriptors at once.

#include "call.h"

WRAPPER(int, poll, struct pollfd *polled, nfds_t count, int timeout)
{
    TRACE(poll, polled, count, timeout);
}

WRAPPER(int, select, int limit, fd_set *reads, fd_set *writes, fd_set *exceptions, struct timeval *timeout)
{
    TRACE(select, limit, reads, writes, exceptions, timeout);
}

WRAPPER(int, pselect, int limit, fd_set *reads, fd_set *writes, fd_set *exceptions,
        const struct timespec *timeout, const sigset_t *mask)
{
    TRACE(pselect, limit, reads, writes, exceptions, timeout, mask);
}

#ifdef __linux__

WRAPPER(int, ppoll, struct pollfd *polled, nfds_t count, const struct timespec *timeout, const sigset_t *mask)
{
    TRACE(ppoll, polled, count, timeout, mask);
}

WRAPPER(int, epoll_wait, int descriptor, struct epoll_event *events, int room, int timeout)
{
    TRACE(epoll_wait, descriptor, events, room, timeout);
}

WRAPPER(int, epoll_pwait, int descriptor, struct epoll_event *events, int room, int timeout,
        const sigset_t *mask)
{
    TRACE(epoll_pwait, descriptor, events, room, timeout, mask);
}

#endif
