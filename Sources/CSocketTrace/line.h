// A line of text on the stack, written to with neither malloc(3) nor stdio: it may be a signal handler that
// writes, or a child of fork(2) in a program with threads.

#pragma once

#include <stdbool.h>
#include <stddef.h>

#pragma GCC visibility push(hidden)

enum { LINE_ROOM = 1024 };

// What does not fit is dropped. The last byte is kept for the newline.
struct line {
    size_t length;
    char text[LINE_ROOM];
};

void add_char(struct line *line, char character);
void add_text(struct line *line, const char *text);
void add_decimal(struct line *line, long long value);
void add_hex(struct line *line, unsigned long value);

// Bytes as a C string literal spells them, without the quotes: \n, \", \xff.
void add_escaped(struct line *line, const void *bytes, size_t count);

// The same for a string, at most 64 bytes of it, then …; null is `-`, an empty one `""`.
void add_string(struct line *line, const char *text);

// Each begins a new field.
void field(struct line *line, const char *text);
void field_decimal(struct line *line, long long value);
void field_string(struct line *line, const char *text);

#pragma GCC visibility pop
