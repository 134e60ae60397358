// Reading the program's memory without trusting its pointers.

#pragma once

#include <stddef.h>

#pragma GCC visibility push(hidden)

// Copies up to `size` bytes, no more than a page. Returns how many could be read: a call with a bad pointer
// must end in EFAULT, as it does without this library, not in SIGSEGV.
size_t peek(void *into, const void *from, size_t size);

#pragma GCC visibility pop
