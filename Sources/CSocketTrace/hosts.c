#include "hosts.h"

#include "record.h"

#include <arpa/inet.h>
#include <limits.h>
#include <netinet/in.h>

enum { HOSTS = 32 };

struct host {
    char address[INET6_ADDRSTRLEN];
    in_port_t port;  // in network byte order
    bool has_port;
};

static struct host hosts[HOSTS];
static int host_count;
static bool are_given;

static bool is_numeric(const char *text)
{
    unsigned char address[16];
    return inet_pton(AF_INET, text, address) == 1 || inet_pton(AF_INET6, text, address) == 1;
}

// 127.0.0.1    127.0.0.1:9    [::1]    [::1]:9
static bool read_host(const char *text, size_t length, struct host *host)
{
    bool bracketed = length > 0 && *text == '[';
    const char *end = text + length, *start = text + bracketed;
    const char *after = memchr(start, bracketed ? ']' : ':', (size_t)(end - start));
    if (bracketed && !after) return false;
    if (!after) after = end;
    if ((size_t)(after - start) >= sizeof host->address) return false;
    memcpy(host->address, start, (size_t)(after - start));
    after += bracketed;

    host->has_port = after < end;
    if (host->has_port) {
        long port = 0;
        if (*after++ != ':' || after == end) return false;
        for (; after < end; after++) {
            if (*after < '0' || *after > '9') return false;
            port = port * 10 + (*after - '0');
            if (port > UINT16_MAX) return false;
        }
        host->port = htons((uint16_t)port);
    }
    return is_numeric(host->address);
}

static void note_bad_host(const char *text, size_t length)
{
    char copy[64] = "";
    memcpy(copy, text, length < sizeof copy ? length : sizeof copy - 1);
    record_note("bad-host", copy);
}

void read_hosts(const char *text)
{
    are_given = true;
    while (*text) {
        size_t length = strcspn(text, ",");
        struct host host = {0};
        if (host_count < HOSTS && read_host(text, length, &host)) hosts[host_count++] = host;
        else note_bad_host(text, length);
        text += length;
        if (*text == ',') text++;
    }
}

bool has_hosts(void)
{
    return are_given;
}

static void set_port(struct addrinfo *entry, in_port_t port)
{
    for (; entry; entry = entry->ai_next) {
        if (entry->ai_family == AF_INET6) ((struct sockaddr_in6 *)entry->ai_addr)->sin6_port = port;
        else ((struct sockaddr_in *)entry->ai_addr)->sin_port = port;
    }
}

static bool is_of_other_family(int error)
{
#ifdef EAI_ADDRFAMILY
    if (error == EAI_ADDRFAMILY) return true;
#endif
    return error == EAI_NONAME;
}

// Each address of the list is looked up for itself, by the real call: so socket types, services and what
// freeaddrinfo(3) will free are as it makes them. Then one list is made of the answers.
int look_up_hosts(const char *node, const char *service, const struct addrinfo *hints,
                  struct addrinfo **answer)
{
    struct addrinfo numeric = {0};
    if (hints) numeric = *hints;
    if ((numeric.ai_flags & AI_NUMERICHOST) && !is_numeric(node)) return EAI_NONAME;
    numeric.ai_flags &= ~(AI_ADDRCONFIG | AI_V4MAPPED | AI_ALL);
    numeric.ai_flags |= AI_NUMERICHOST;

    struct addrinfo *first = NULL, **end = &first;
    for (int i = 0; i < host_count; i++) {
        int error = REAL(getaddrinfo)(hosts[i].address, service, &numeric, end);
        if (error && !is_of_other_family(error)) {
            if (first) freeaddrinfo(first);
            return error;
        }
        if (error) {
            *end = NULL;
            continue;
        }
        if (hosts[i].has_port) set_port(*end, hosts[i].port);
        while (*end) end = &(*end)->ai_next;
        // The canonical name belongs to the first entry alone.
        numeric.ai_flags &= ~AI_CANONNAME;
    }
    if (!first) return EAI_NONAME;
    *answer = first;
    return 0;
}
