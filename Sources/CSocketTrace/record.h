// The record: one line, one write(2), at most 1024 bytes, so that a pipe takes it whole.

#pragma once

#include "call.h"

#pragma GCC visibility push(hidden)

// `>` an entry, `<` a return, `*` a return made so on request.
void record_call(char phase, const struct call *call);

// Its entry. A call has one at most: see `entered`.
void record_entry(struct call *call);

// `!`, something about the recorder itself, with a text of its own or null.
void record_note(const char *note, const char *text);

#pragma GCC visibility pop
