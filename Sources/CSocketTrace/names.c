#include "names.h"

#include "interpose.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

#define NAME(value) {value, #value}
#define END {0, NULL}

const struct name families_by_name[] = {
    NAME(AF_UNSPEC), NAME(AF_UNIX), NAME(AF_INET), NAME(AF_INET6),
#ifdef __linux__
    NAME(AF_NETLINK), NAME(AF_PACKET), NAME(AF_VSOCK),
#endif
    END,
};

static const struct name types[] = {
    NAME(SOCK_STREAM), NAME(SOCK_DGRAM), NAME(SOCK_RAW), NAME(SOCK_SEQPACKET), END,
};

const struct name protocols[] = {
    NAME(IPPROTO_ICMP), NAME(IPPROTO_TCP), NAME(IPPROTO_UDP), NAME(IPPROTO_IPV6), NAME(IPPROTO_ICMPV6),
    END,
};

const struct name shutdown_ways[] = {
    NAME(SHUT_RD), NAME(SHUT_WR), NAME(SHUT_RDWR), END,
};

const struct name file_commands[] = {
    NAME(F_GETFL), NAME(F_SETFL), NAME(F_SETFD), NAME(F_DUPFD), NAME(F_DUPFD_CLOEXEC), END,
};

const struct name message_flags[] = {
    NAME(MSG_OOB), NAME(MSG_PEEK), NAME(MSG_DONTROUTE), NAME(MSG_CTRUNC),
    NAME(MSG_TRUNC), NAME(MSG_DONTWAIT), NAME(MSG_EOR), NAME(MSG_WAITALL),
#ifdef MSG_NOSIGNAL
    NAME(MSG_NOSIGNAL),
#endif
#ifdef __linux__
    NAME(MSG_CONFIRM), NAME(MSG_ERRQUEUE), NAME(MSG_MORE), NAME(MSG_CMSG_CLOEXEC),
#endif
    END,
};

const struct name file_flags[] = {
    NAME(O_WRONLY), NAME(O_RDWR), NAME(O_APPEND), NAME(O_NONBLOCK), NAME(O_ASYNC), NAME(O_CLOEXEC), END,
};

const struct name descriptor_flags[] = {NAME(FD_CLOEXEC), END};

const struct name socket_flags[] = {
#ifdef __linux__
    NAME(SOCK_NONBLOCK), NAME(SOCK_CLOEXEC),
#endif
    END,
};

const struct name poll_events[] = {
    {POLLIN, "IN"}, {POLLPRI, "PRI"}, {POLLOUT, "OUT"}, {POLLERR, "ERR"},
    {POLLHUP, "HUP"}, {POLLNVAL, "NVAL"},
#ifdef POLLRDHUP
    {POLLRDHUP, "RDHUP"},
#endif
    END,
};

static const struct name levels[] = {
    NAME(SOL_SOCKET), NAME(IPPROTO_IP), NAME(IPPROTO_TCP), NAME(IPPROTO_UDP), NAME(IPPROTO_IPV6), END,
};

static const struct name socket_options[] = {
    NAME(SO_REUSEADDR), NAME(SO_REUSEPORT), NAME(SO_KEEPALIVE),
    NAME(SO_LINGER), NAME(SO_BROADCAST), NAME(SO_RCVBUF), NAME(SO_SNDBUF), NAME(SO_RCVTIMEO),
    NAME(SO_SNDTIMEO),
    NAME(SO_RCVLOWAT), NAME(SO_SNDLOWAT), NAME(SO_OOBINLINE), NAME(SO_ERROR),
#ifdef SO_NOSIGPIPE
    NAME(SO_NOSIGPIPE),
#endif
    END,
};

static const struct name tcp_options[] = {
    NAME(TCP_NODELAY), NAME(TCP_MAXSEG), NAME(TCP_KEEPINTVL),
    NAME(TCP_KEEPCNT),
#ifdef __linux__
    NAME(TCP_CORK), NAME(TCP_KEEPIDLE), NAME(TCP_DEFER_ACCEPT), NAME(TCP_QUICKACK), NAME(TCP_USER_TIMEOUT),
#endif
    END,
};

static const struct name ip_options[] = {
    NAME(IP_TOS), NAME(IP_TTL), NAME(IP_MULTICAST_TTL), NAME(IP_MULTICAST_LOOP), NAME(IP_ADD_MEMBERSHIP),
    END,
};

static const struct name ipv6_options[] = {
    NAME(IPV6_V6ONLY), NAME(IPV6_UNICAST_HOPS), END,
};

static const struct name no_names[] = {END};

const char *name_of(const struct name *table, long value)
{
    for (; table->text; table++)
        if (table->value == value) return table->text;
    return NULL;
}

bool value_of(const struct name *table, const char *text, size_t length, long *value)
{
    for (; table->text; table++)
        if (strlen(table->text) == length && memcmp(table->text, text, length) == 0) {
            *value = table->value;
            return true;
        }
    return false;
}

void add_name(struct line *line, const struct name *table, long value)
{
    const char *text = name_of(table, value);
    if (text) add_text(line, text);
    else add_decimal(line, value);
}

void field_name(struct line *line, const struct name *table, long value)
{
    field(line, "");
    add_name(line, table, value);
}

void add_flags(struct line *line, const struct name *table, unsigned long flags)
{
    const char *separator = "";
    for (; table->text; table++) {
        unsigned long flag = (unsigned long)table->value;
        if ((flags & flag) != flag) continue;
        add_text(line, separator);
        add_text(line, table->text);
        separator = "|";
        flags &= ~flag;
    }
    if (flags) {
        add_text(line, separator);
        add_text(line, "0x");
        add_hex(line, flags);
    } else if (!*separator) {
        add_char(line, '0');
    }
}

void field_flags(struct line *line, const struct name *table, unsigned long flags)
{
    field(line, "");
    add_flags(line, table, flags);
}

void field_socket_type(struct line *line, int type)
{
    unsigned flags = 0;
#ifdef __linux__
    flags = (unsigned)type & (SOCK_NONBLOCK | SOCK_CLOEXEC);
#endif
    field_name(line, types, (long)((unsigned)type & ~flags));
    if (!flags) return;
    add_char(line, '|');
    add_flags(line, socket_flags, flags);
}

void fields_option(struct line *line, int level, int name)
{
    const struct name *options = level == SOL_SOCKET ? socket_options
        : level == IPPROTO_TCP                       ? tcp_options
        : level == IPPROTO_IP                        ? ip_options
        : level == IPPROTO_IPV6                      ? ipv6_options
                                                     : no_names;
    field_name(line, levels, level);
    field_name(line, options, name);
}
