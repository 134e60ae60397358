// Addresses as people write them.

#pragma once

#include "interpose.h"
#include "line.h"

#pragma GCC visibility push(hidden)

// 127.0.0.1:7007, [::1]:7007, unix:/run/socket, unix:@abstract, `family 0`; `-` where there are no `length`
// bytes to read, or too few for a family.
void add_address(struct line *line, const struct sockaddr *address, socklen_t length);
void field_address(struct line *line, const struct sockaddr *address, socklen_t length);

// What getsockname(2) or getpeername(2) tells of a descriptor. Returns false, and adds nothing, where it
// fails.
bool field_name_of_socket(struct line *line, int descriptor, bool peer);

#pragma GCC visibility pop
