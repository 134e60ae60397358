// What syscall(2) needs of the wrappers for descriptors.

#pragma once

#include <stdbool.h>

#pragma GCC visibility push(hidden)

// Whether fcntl(2) is recorded for this command.
bool is_recorded_command(int command);

// close_range(2), in two parts where the descriptor that records go to lies within.
int close_all_but_trace(unsigned first, unsigned last, int flags);

#pragma GCC visibility pop
