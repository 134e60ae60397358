// Calls that are made otherwise than the program made them, because a rule says so.

#pragma once

#include "call.h"

#pragma GCC visibility push(hidden)

// Applies the rules that match the call: waits, shortens what is passed on, or answers in the kernel's place.
void apply_faults(struct call *call);

#pragma GCC visibility pop
