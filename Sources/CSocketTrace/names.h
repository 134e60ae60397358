// Numbers by the names that their man pages give them.

#pragma once

#include "line.h"

#pragma GCC visibility push(hidden)

struct name {
    long value;
    const char *text;
};

// Each table ends with a null text.
extern const struct name families_by_name[], protocols[], shutdown_ways[], file_commands[];
extern const struct name message_flags[], file_flags[], descriptor_flags[], socket_flags[], poll_events[];
extern const struct name errnos[], lookup_errors[];

// The name of `value`, or null.
const char *name_of(const struct name *table, long value);

// The value of the first `length` characters of `text` as a name. Returns whether there is one.
bool value_of(const struct name *table, const char *text, size_t length, long *value);

// A name, or the number where there is none.
void add_name(struct line *line, const struct name *table, long value);
void field_name(struct line *line, const struct name *table, long value);

// Flags joined by `|`; those without a name as one hexadecimal number; none at all as `0`.
void add_flags(struct line *line, const struct name *table, unsigned long flags);
void field_flags(struct line *line, const struct name *table, unsigned long flags);

// SOCK_STREAM|SOCK_CLOEXEC
void field_socket_type(struct line *line, int type);

// The level of setsockopt(2), and the option's name, which depends on it.
void fields_option(struct line *line, int level, int name);

#pragma GCC visibility pop
