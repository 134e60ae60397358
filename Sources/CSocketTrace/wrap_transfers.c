// Moving data.

#include "call.h"

WRAPPER(ssize_t, send, int descriptor, const void *data, size_t length, int flags)
{
    TRACE(send, descriptor, data, length, flags);
}

WRAPPER(ssize_t, sendto, int descriptor, const void *data, size_t length, int flags,
        const struct sockaddr *address, socklen_t address_length)
{
    TRACE(sendto, descriptor, data, length, flags, address, address_length);
}

WRAPPER(ssize_t, sendmsg, int descriptor, const struct msghdr *message, int flags)
{
    TRACE(sendmsg, descriptor, message, flags);
}

#ifdef __linux__
WRAPPER(int, sendmmsg, int descriptor, struct mmsghdr *messages, unsigned count, int flags)
{
    TRACE(sendmmsg, descriptor, messages, count, flags);
}
#endif

WRAPPER(ssize_t, write, int descriptor, const void *data, size_t length)
{
    TRACE(write, descriptor, data, length);
}

WRAPPER(ssize_t, writev, int descriptor, const struct iovec *vector, int count)
{
    TRACE(writev, descriptor, vector, count);
}

WRAPPER(ssize_t, recv, int descriptor, void *data, size_t length, int flags)
{
    TRACE(recv, descriptor, data, length, flags);
}

WRAPPER(ssize_t, recvfrom, int descriptor, void *data, size_t length, int flags, struct sockaddr *address,
        socklen_t *address_length)
{
    TRACE(recvfrom, descriptor, data, length, flags, address, address_length);
}

WRAPPER(ssize_t, recvmsg, int descriptor, struct msghdr *message, int flags)
{
    TRACE(recvmsg, descriptor, message, flags);
}

WRAPPER(ssize_t, read, int descriptor, void *data, size_t length)
{
    TRACE(read, descriptor, data, length);
}

WRAPPER(ssize_t, readv, int descriptor, const struct iovec *vector, int count)
{
    TRACE(readv, descriptor, vector, count);
}
