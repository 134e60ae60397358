// glibc's names for a call whose caller knows how big its buffer is (_FORTIFY_SOURCE): recorded by the plain
// name.

#include "call.h"

#ifdef __GLIBC__

// glibc's own end of a program that would have written past its buffer.
_Noreturn void __chk_fail(void);

WRAPPER(ssize_t, __read_chk, int descriptor, void *data, size_t length, size_t room)
{
    if (length > room) __chk_fail();
    TRACE(read, descriptor, data, length);
}

WRAPPER(ssize_t, __recv_chk, int descriptor, void *data, size_t length, size_t room, int flags)
{
    if (length > room) __chk_fail();
    TRACE(recv, descriptor, data, length, flags);
}

WRAPPER(ssize_t, __recvfrom_chk, int descriptor, void *data, size_t length, size_t room, int flags,
        struct sockaddr *address, socklen_t *address_length)
{
    if (length > room) __chk_fail();
    TRACE(recvfrom, descriptor, data, length, flags, address, address_length);
}

WRAPPER(int, __poll_chk, struct pollfd *polled, nfds_t count, int timeout, size_t room)
{
    if (count > room / sizeof *polled) __chk_fail();
    TRACE(poll, polled, count, timeout);
}

WRAPPER(int, __ppoll_chk, struct pollfd *polled, nfds_t count, const struct timespec *timeout,
        const sigset_t *mask, size_t room)
{
    if (count > room / sizeof *polled) __chk_fail();
    TRACE(ppoll, polled, count, timeout, mask);
}

#endif
