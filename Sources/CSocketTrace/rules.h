// The rules of LAB_TRACE_FAULTS: which calls are to fail, be short, or be late.

#pragma once

#include "call.h"

#pragma GCC visibility push(hidden)

// What the rules ask of one call. All zero: nothing.
struct fault {
    int error;          // an errno; of getaddrinfo(3) what it returns
    size_t limit;       // bytes
    long milliseconds;  // before the call is made
    bool expires;       // its socket's time-out has passed, where that has one
};

// Reads the rules. A malformed one is noted in the record and left out. Comes once, from the constructor.
void read_rules(const char *text);

// Counts a call of `family`, and returns what the rules that match it ask for, all together.
struct fault next_fault(enum family family);

#pragma GCC visibility pop
