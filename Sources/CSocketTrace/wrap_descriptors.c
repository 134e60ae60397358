// Closing, doubling and changing descriptors.

#include "call.h"
#include "descriptors.h"

#include <limits.h>
#include <stdarg.h>

WRAPPER(int, close, int descriptor)
{
    TRACE(close, descriptor);
}

WRAPPER(int, dup, int descriptor)
{
    TRACE(dup, descriptor);
}

WRAPPER(int, dup2, int descriptor, int other)
{
    TRACE(dup2, descriptor, other);
}

bool is_recorded_command(int command)
{
    switch (command) {
    case F_GETFL:
    case F_SETFL:
    case F_SETFD:
    case F_DUPFD:
    case F_DUPFD_CLOEXEC: return true;
    default: return false;
    }
}

// The third argument is none, an int or a pointer. All of them arrive in what a long is passed in.
static int trace_fcntl(int descriptor, int command, long argument)
{
    if (!is_recorded_command(command)) return REAL(fcntl)(descriptor, command, argument);
    TRACE(fcntl, descriptor, command, argument);
}

WRAPPER(int, fcntl, int descriptor, int command, ...)
{
    va_list rest;
    va_start(rest, command);
    long argument = va_arg(rest, long);
    va_end(rest);
    return trace_fcntl(descriptor, command, argument);
}

#ifdef __linux__

WRAPPER(int, dup3, int descriptor, int other, int flags)
{
    TRACE(dup3, descriptor, other, flags);
}

#if defined(__GLIBC__) && defined(__LP64__)
// fcntl(2) for files beyond 2 GB, which a long is enough for here.
WRAPPER(int, fcntl64, int descriptor, int command, ...)
{
    va_list rest;
    va_start(rest, command);
    long argument = va_arg(rest, long);
    va_end(rest);
    return trace_fcntl(descriptor, command, argument);
}
#endif

// The call itself, since libc has had a function for it only since glibc 2.34.
static int close_all(unsigned first, unsigned last, int flags)
{
#ifdef SYS_close_range
    return (int)REAL(syscall)(SYS_close_range, first, last, flags);
#else
    errno = ENOSYS;
    return -1;
#endif
}

int close_all_but_trace(unsigned first, unsigned last, int flags)
{
    unsigned kept = (unsigned)trace_descriptor;
    if (trace_descriptor == -1 || kept < first || kept > last) return close_all(first, last, flags);
    if (kept > first && close_all(first, kept - 1, flags) == -1) return -1;
    return kept < last ? close_all(kept + 1, last, flags) : 0;
}

WRAPPER(int, close_range, unsigned first, unsigned last, int flags)
{
    return close_all_but_trace(first, last, flags);
}

WRAPPER(void, closefrom, int first)
{
    int before = errno;
    unsigned lowest = first > 0 ? (unsigned)first : 0;
    if (close_all_but_trace(lowest, UINT_MAX, 0) == -1) {
        // A kernel older than the call.
        int limit = (int)sysconf(_SC_OPEN_MAX);
        for (int descriptor = (int)lowest; descriptor < limit; descriptor++)
            if (descriptor != trace_descriptor) REAL(close)(descriptor);
    }
    errno = before;
}

#endif
