#include "address.h"

#include "memory.h"

#include <netinet/in.h>
#include <sys/un.h>

static void add_port(struct line *line, in_port_t port)
{
    const unsigned char *byte = (const unsigned char *)&port;
    add_char(line, ':');
    add_decimal(line, byte[0] << 8 | byte[1]);
}

static void add_ipv4(struct line *line, const unsigned char *byte)
{
    for (int i = 0; i < 4; i++) {
        if (i > 0) add_char(line, '.');
        add_decimal(line, byte[i]);
    }
}

// RFC 5952: lower case, no leading zeros, the longest run of two zero groups or more as `::`.
static void add_ipv6(struct line *line, const unsigned char *byte)
{
    int group[8], best = -1, best_length = 1;
    for (int i = 0; i < 8; i++) group[i] = byte[2 * i] << 8 | byte[2 * i + 1];
    for (int i = 0, length; i < 8; i += length + 1) {
        for (length = 0; i + length < 8 && group[i + length] == 0; length++) continue;
        if (length > best_length) best = i, best_length = length;
    }
    bool mapped = best == 0 && best_length == 5 && group[5] == 0xffff;
    for (int i = 0; i < (mapped ? 6 : 8); i++) {
        if (i == best) {
            add_text(line, "::");
            i += best_length - 1;
            continue;
        }
        if (i > 0 && i != best + best_length) add_char(line, ':');
        add_hex(line, (unsigned long)group[i]);
    }
    if (mapped) {
        add_char(line, ':');
        add_ipv4(line, byte + 12);
    }
}

static void add_unix(struct line *line, const char *path, size_t length)
{
    add_text(line, "unix:");
    if (length > 0 && path[0] == 0) {
        add_char(line, '@');
        add_escaped(line, path + 1, length - 1);
    } else {
        add_escaped(line, path, strnlen(path, length));
    }
}

void add_address(struct line *line, const struct sockaddr *address, socklen_t length)
{
    union {
        struct sockaddr any;
        struct sockaddr_in ipv4;
        struct sockaddr_in6 ipv6;
        struct sockaddr_un local;
    } copy = {0};
    size_t room = length < sizeof copy ? length : sizeof copy, size = peek(&copy, address, room);
    sa_family_t family = copy.any.sa_family;

    if (size < offsetof(struct sockaddr, sa_data)) {
        add_char(line, '-');
    } else if (family == AF_INET && size >= sizeof copy.ipv4) {
        add_ipv4(line, (const unsigned char *)&copy.ipv4.sin_addr);
        add_port(line, copy.ipv4.sin_port);
    } else if (family == AF_INET6 && size >= sizeof copy.ipv6) {
        add_char(line, '[');
        add_ipv6(line, copy.ipv6.sin6_addr.s6_addr);
        add_char(line, ']');
        add_port(line, copy.ipv6.sin6_port);
    } else if (family == AF_UNIX) {
        add_unix(line, copy.local.sun_path, size - offsetof(struct sockaddr_un, sun_path));
    } else {
        add_text(line, "family ");
        add_decimal(line, family);
    }
}

void field_address(struct line *line, const struct sockaddr *address, socklen_t length)
{
    field(line, "");
    add_address(line, address, length);
}

bool field_name_of_socket(struct line *line, int descriptor, bool peer)
{
    struct sockaddr_storage name;
    struct sockaddr *address = (struct sockaddr *)&name;
    socklen_t length = sizeof name;
    int result = peer ? REAL(getpeername)(descriptor, address, &length)
                      : REAL(getsockname)(descriptor, address, &length);
    if (result == -1) return false;
    field_address(line, address, length);
    return true;
}
