// What the calls that move data have in common: buffers, flags, an address.

#pragma once

#include "call.h"

#pragma GCC visibility push(hidden)

struct transfer {
    struct iovec buffer;        // of a call that takes one buffer
    const struct iovec *vector; // the program's own, or `buffer`
    size_t count;
    int flags;
    const struct sockaddr *address;
    socklen_t address_length;
};

// The transfer that `arguments` ask `name` for. Of sendmmsg(2), its first message.
struct transfer transfer_of(enum call_name name, const long arguments[6]);

// Changes what is passed on so that the call moves `limit` bytes at most. sendmmsg(2), which moves messages,
// is left as it is.
void shorten(struct call *call, size_t limit);

// After a shortened call: hands the program what recvmsg(2) got beside the data, and says whether it was the
// limit that made the call short.
void finish_shortened(struct call *call);

#pragma GCC visibility pop
