// Waiting for several descriptors at once, and for nothing but time to pass.

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

WRAPPER(unsigned, sleep, unsigned seconds)
{
    TRACE(sleep, seconds);
}

WRAPPER(int, usleep, useconds_t microseconds)
{
    TRACE(usleep, microseconds);
}

WRAPPER(int, nanosleep, const struct timespec *time, struct timespec *rest)
{
    TRACE(nanosleep, time, rest);
}

#ifdef __linux__

WRAPPER(int, clock_nanosleep, clockid_t clock, int flags, const struct timespec *time, struct timespec *rest)
{
    TRACE(clock_nanosleep, clock, flags, time, rest);
}

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
