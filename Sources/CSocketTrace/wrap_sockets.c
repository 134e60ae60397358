// Making, naming and connecting sockets.

#include "call.h"
#include "hosts.h"

WRAPPER(int, socket, int domain, int type, int protocol)
{
    TRACE(socket, domain, type, protocol);
}

WRAPPER(int, bind, int descriptor, const struct sockaddr *address, socklen_t length)
{
    TRACE(bind, descriptor, address, length);
}

WRAPPER(int, listen, int descriptor, int backlog)
{
    TRACE(listen, descriptor, backlog);
}

WRAPPER(int, accept, int descriptor, struct sockaddr *address, socklen_t *length)
{
    TRACE(accept, descriptor, address, length);
}

#ifdef __linux__
WRAPPER(int, accept4, int descriptor, struct sockaddr *address, socklen_t *length, int flags)
{
    TRACE(accept4, descriptor, address, length, flags);
}
#endif

WRAPPER(int, connect, int descriptor, const struct sockaddr *address, socklen_t length)
{
    TRACE(connect, descriptor, address, length);
}

WRAPPER(int, getsockname, int descriptor, struct sockaddr *address, socklen_t *length)
{
    TRACE(getsockname, descriptor, address, length);
}

WRAPPER(int, getpeername, int descriptor, struct sockaddr *address, socklen_t *length)
{
    TRACE(getpeername, descriptor, address, length);
}

WRAPPER(int, setsockopt, int descriptor, int level, int name, const void *value, socklen_t length)
{
    TRACE(setsockopt, descriptor, level, name, value, length);
}

WRAPPER(int, shutdown, int descriptor, int how)
{
    TRACE(shutdown, descriptor, how);
}

WRAPPER(int, getaddrinfo, const char *node, const char *service, const struct addrinfo *hints,
        struct addrinfo **answer)
{
    // Without a name it is the wildcard or the loopback address that is asked for.
    if (trace_descriptor == -1 || !node || !has_hosts()) TRACE(getaddrinfo, node, service, hints, answer);

    struct call call = {.name = CALL_getaddrinfo, .arguments = {LONGS(node, service, hints, answer)}};
    if (call_begins(&call)) {
        int result = look_up_hosts(node, service, hints, answer);
        call_answered(&call, result, errno);
    }
    return (int)call_ends(&call);
}
