#include "line.h"

#include <string.h>

void add_char(struct line *line, char character)
{
    if (line->length < LINE_ROOM - 1) line->text[line->length++] = character;
}

void add_text(struct line *line, const char *text)
{
    while (*text) add_char(line, *text++);
}

void add_decimal(struct line *line, long long value)
{
    char digits[20];
    size_t count = 0;
    // The least value has no positive counterpart; unsigned arithmetic has one for it.
    unsigned long long rest = value < 0 ? 0ULL - (unsigned long long)value : (unsigned long long)value;
    do digits[count++] = (char)('0' + rest % 10);
    while (rest /= 10);
    if (value < 0) add_char(line, '-');
    while (count) add_char(line, digits[--count]);
}

static void add_hex_digit(struct line *line, unsigned long value)
{
    add_char(line, "0123456789abcdef"[value & 15]);
}

void add_hex(struct line *line, unsigned long value)
{
    if (value > 15) add_hex(line, value >> 4);
    add_hex_digit(line, value);
}

void add_escaped(struct line *line, const void *bytes, size_t count)
{
    static const char special[] = "\n\r\t\"\\", spelling[] = "nrt\"\\";
    const unsigned char *byte = bytes;
    for (; count; count--, byte++) {
        const char *found = *byte ? strchr(special, *byte) : NULL;
        if (found) {
            add_char(line, '\\');
            add_char(line, spelling[found - special]);
        } else if (*byte < ' ' || *byte > '~') {
            add_text(line, "\\x");
            add_hex_digit(line, *byte >> 4);
            add_hex_digit(line, *byte);
        } else {
            add_char(line, (char)*byte);
        }
    }
}

void add_string(struct line *line, const char *text)
{
    enum { SHOWN = 64 };
    if (!text) {
        add_char(line, '-');
        return;
    }
    size_t length = strnlen(text, SHOWN + 1);
    if (length == 0) add_text(line, "\"\"");
    add_escaped(line, text, length > SHOWN ? SHOWN : length);
    if (length > SHOWN) add_text(line, "…");
}

void field(struct line *line, const char *text)
{
    add_char(line, '\t');
    add_text(line, text);
}

void field_decimal(struct line *line, long long value)
{
    field(line, "");
    add_decimal(line, value);
}

void field_string(struct line *line, const char *text)
{
    field(line, "");
    add_string(line, text);
}
