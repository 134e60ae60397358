// syscall(2): the calls recorded by their names, made by their numbers.

#include "call.h"
#include "descriptors.h"

#include <stdarg.h>

#ifdef __linux__

#define NAMED(name) case SYS_##name: return CALL_##name;

// Which call a number is, and NO_CALL for one that is not recorded. Not every machine has every number.
static enum call_name call_with(long number, const long arguments[6])
{
    switch (number) {
    NAMED(socket) NAMED(bind) NAMED(listen) NAMED(accept4) NAMED(connect)
    NAMED(getsockname) NAMED(getpeername) NAMED(setsockopt)
    NAMED(sendto) NAMED(sendmsg) NAMED(sendmmsg) NAMED(write) NAMED(writev)
    NAMED(recvfrom) NAMED(recvmsg) NAMED(read) NAMED(readv)
    NAMED(shutdown) NAMED(close) NAMED(dup) NAMED(dup3)
    NAMED(ppoll) NAMED(epoll_pwait) NAMED(nanosleep) NAMED(clock_nanosleep)
#ifdef SYS_accept
    NAMED(accept)
#endif
#ifdef SYS_dup2
    NAMED(dup2)
#endif
#ifdef SYS_poll
    NAMED(poll)
#endif
#ifdef SYS_select
    NAMED(select)
#endif
#ifdef SYS_epoll_wait
    NAMED(epoll_wait)
#endif
#ifdef SYS_fork
    NAMED(fork)
#endif
    case SYS_pselect6: return CALL_pselect;
    case SYS_exit_group: return CALL__exit;
    case SYS_fcntl: return is_recorded_command((int)arguments[1]) ? CALL_fcntl : NO_CALL;
    default: return NO_CALL;
    }
}

// However few arguments the program gives, six places for them can be read; the kernel takes what it needs.
WRAPPER(long, syscall, long number, ...)
{
    struct call call = {.raw = true};
    long *a = call.arguments;
    va_list rest;
    va_start(rest, number);
    for (int i = 0; i < 6; i++) call.arguments[i] = va_arg(rest, long);
    va_end(rest);

#ifdef SYS_close_range
    if (number == SYS_close_range) return close_all_but_trace((unsigned)a[0], (unsigned)a[1], (int)a[2]);
#endif
    call.name = trace_descriptor == -1 ? NO_CALL : call_with(number, call.arguments);
    if (call.name == NO_CALL) return REAL(syscall)(number, a[0], a[1], a[2], a[3], a[4], a[5]);

    a = call.passed;
    if (call_begins(&call)) call_returns(&call, REAL(syscall)(number, a[0], a[1], a[2], a[3], a[4], a[5]));
    return call_ends(&call);
}

#endif
