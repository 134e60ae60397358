// Calls that are made and not in the record yet. The end of the program takes its other threads away wherever
// they are: it waits for these, so that no call is lost whose effect somebody has seen.

#pragma once

#include <stdbool.h>

#pragma GCC visibility push(hidden)

struct call;

// A call is underway from here on, until it is recorded. Counts it once, however often it is called.
void note_underway(struct call *call);

// It is in the record.
void note_recorded(struct call *call);

// In a child of fork(2), which has no thread but its own.
void forget_other_threads(void);

// Waits until no other thread has a call underway, for about a fifth of a second at most: one may wait after
// all, or have been cancelled.
void await_records(void);

#pragma GCC visibility pop
