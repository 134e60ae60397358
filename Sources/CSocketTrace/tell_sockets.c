#include "address.h"
#include "memory.h"
#include "names.h"
#include "tell.h"

#include <sys/time.h>

TELL(nothing)
{
    (void)line, (void)call;
}

TELL(socket)
{
    field_name(line, families_by_name, (int)call->arguments[0]);
    field_socket_type(line, (int)call->arguments[1]);
    if (call->arguments[2] == 0) field(line, "0");
    else field_name(line, protocols, (int)call->arguments[2]);
}

TELL(descriptor)
{
    field_decimal(line, (int)call->arguments[0]);
}

// The length is told as well: to give a wrong one is a mistake of its own.
TELL(address)
{
    tell_descriptor(line, call);
    field_address(line, (const struct sockaddr *)call->arguments[1], (socklen_t)call->arguments[2]);
    field_decimal(line, (socklen_t)call->arguments[2]);
}

TELL(listen)
{
    tell_descriptor(line, call);
    field_decimal(line, (int)call->arguments[1]);
}

// What the program's own buffer holds, where it gave one.
static void field_answered_address(struct line *line, const struct call *call)
{
    socklen_t length = 0;
    peek(&length, (const void *)call->arguments[2], sizeof length);
    field_address(line, (const struct sockaddr *)call->arguments[1], length);
}

// The kernel is asked for the address, since the program may have given no room for it. A client that has
// gone already has no name there any more.
TELL(accept)
{
    tell_descriptor(line, call);
    if (!call_succeeded(call)) field(line, "-");
    else if (!field_name_of_socket(line, (int)call->result, true)) field_answered_address(line, call);
#ifdef __linux__
    if (call->name == CALL_accept4) field_flags(line, socket_flags, (unsigned)call->arguments[3]);
#endif
}

TELL(name)
{
    tell_descriptor(line, call);
    bool peer = call->name == CALL_getpeername;
    if (!call_succeeded(call)) field(line, "-");
    else if (!field_name_of_socket(line, (int)call->arguments[0], peer)) field_answered_address(line, call);
}

TELL(option)
{
    int level = (int)call->arguments[1], option = (int)call->arguments[2];
    const void *value = (const void *)call->arguments[3];
    socklen_t length = (socklen_t)call->arguments[4];
    struct linger linger;
    struct timeval time;
    int number;

    tell_descriptor(line, call);
    fields_option(line, level, option);
    bool is_linger = level == SOL_SOCKET && option == SO_LINGER;
    bool is_time = level == SOL_SOCKET && (option == SO_RCVTIMEO || option == SO_SNDTIMEO);
    if (is_linger && length >= sizeof linger && peek(&linger, value, sizeof linger) == sizeof linger) {
        field(line, linger.l_onoff ? "on," : "off,");
        add_decimal(line, linger.l_linger);
    } else if (is_time && length >= sizeof time && peek(&time, value, sizeof time) == sizeof time) {
        field_decimal(line, (long long)time.tv_sec * 1000 + time.tv_usec / 1000);
        add_text(line, "ms");
    } else if (length == sizeof number && peek(&number, value, sizeof number) == sizeof number) {
        field_decimal(line, number);
    } else {
        field_decimal(line, length);
        add_text(line, " bytes");
    }
}

TELL(shutdown)
{
    tell_descriptor(line, call);
    field_name(line, shutdown_ways, (int)call->arguments[1]);
}

TELL(dup)
{
    tell_descriptor(line, call);
    field_decimal(line, (int)call->arguments[1]);
#ifdef __linux__
    if (call->name == CALL_dup3) field_flags(line, file_flags, (unsigned)call->arguments[2]);
#endif
}

TELL(fcntl)
{
    int command = (int)call->arguments[1];
    tell_descriptor(line, call);
    field_name(line, file_commands, command);
    switch (command) {
    case F_GETFL:
        if (call_succeeded(call)) field_flags(line, file_flags, (unsigned)call->result);
        else field(line, "-");
        break;
    case F_SETFL: field_flags(line, file_flags, (unsigned)call->arguments[2]); break;
    case F_SETFD: field_flags(line, descriptor_flags, (unsigned)call->arguments[2]); break;
    default: field_decimal(line, (int)call->arguments[2]);
    }
}
