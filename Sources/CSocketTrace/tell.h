// The fields that tell a call's arguments: on entry what the program gave, on return also what it got.
// include/CSocketTrace.h has the layout of each.

#pragma once

#include "call.h"
#include "line.h"

#pragma GCC visibility push(hidden)

#define TELL(name) void tell_##name(struct line *line, const struct call *call)

TELL(nothing);
TELL(socket);
TELL(address);
TELL(listen);
TELL(accept);
TELL(name);
TELL(option);
TELL(lookup);
TELL(transfer);
TELL(shutdown);
TELL(descriptor);
TELL(dup);
TELL(fcntl);
TELL(poll);
TELL(select);
TELL(epoll);
TELL(sleep);
TELL(spawn);
TELL(exit);

// Whether the call has returned, and well.
static inline bool call_succeeded(const struct call *call)
{
    return call->returned && !call_failed(call);
}

// How long a call of the poll or the sleep family waits, in milliseconds, rounded up; -1 for ever.
long wait_of(const struct call *call);

#pragma GCC visibility pop
