// LAB_TRACE_HOSTS: the addresses that getaddrinfo(3) answers with, whatever it is asked.

#pragma once

#include "interpose.h"

#pragma GCC visibility push(hidden)

// Keeps the list. Comes once, from the constructor.
void read_hosts(const char *text);

// Whether there is a list, be it an empty one.
bool has_hosts(void);

// getaddrinfo(3), answered from the list: those of its addresses that `hints` allow, in its order.
int look_up_hosts(const char *node, const char *service, const struct addrinfo *hints,
                  struct addrinfo **answer);

#pragma GCC visibility pop
