#include "address.h"
#include "memory.h"
#include "names.h"
#include "tell.h"

TELL(exit)
{
    field_decimal(line, (int)call->arguments[0]);
}

TELL(spawn)
{
    pid_t child;
    bool started = call->returned && call->result == 0;
    field_string(line, (const char *)call->arguments[1]);
    if (started && peek(&child, (const void *)call->arguments[0], sizeof child) == sizeof child)
        field_decimal(line, child);
    else field(line, "-");
}

static void field_answers(struct line *line, const struct addrinfo *answer)
{
    enum { SHOWN = 16 };
    field(line, "");
    for (int count = 0; answer; answer = answer->ai_next, count++) {
        if (count == SHOWN) {
            add_text(line, ",…");
            return;
        }
        if (count > 0) add_char(line, ',');
        add_address(line, answer->ai_addr, answer->ai_addrlen);
    }
}

TELL(lookup)
{
    const struct addrinfo *hints = (const struct addrinfo *)call->arguments[2];
    field_string(line, (const char *)call->arguments[0]);
    field_string(line, (const char *)call->arguments[1]);
    field_name(line, families_by_name, hints ? hints->ai_family : AF_UNSPEC);
    if (hints && hints->ai_socktype) field_socket_type(line, hints->ai_socktype);
    else field(line, "0");
    if (!call->returned) field(line, "-");
    else if (call->result == 0) field_answers(line, *(struct addrinfo **)call->arguments[3]);
    else field_name(line, lookup_errors, call->result);
}
