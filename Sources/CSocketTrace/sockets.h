// Which descriptors are sockets.

#pragma once

#include <stdbool.h>

#pragma GCC visibility push(hidden)

enum descriptor {
    OTHER,
    SOCKET,
    CLOSED_SOCKET,  // not open, and a socket when it was last closed: a second close, a read after it
};

enum descriptor what_is(int descriptor);

// A descriptor was closed, which had been a socket or not.
void note_close(int descriptor, bool was_socket);

#pragma GCC visibility pop
