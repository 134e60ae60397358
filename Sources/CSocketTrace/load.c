// What happens when the library is loaded: the environment is read, once.

#include "call.h"
#include "hosts.h"
#include "record.h"
#include "rules.h"

#include <dlfcn.h>
#include <limits.h>

#ifdef __linux__

struct real real;

void find_real_calls(void)
{
    int before = errno;
#define FIND(name, ...) real.name = (__typeof__(real.name))dlsym(RTLD_NEXT, #name);
    CALLS(FIND)
#undef FIND
    errno = before;
}

#endif

// The descriptor that LAB_TRACE_FD names, or -1 where it names none that is open.
static int descriptor_in(const char *text)
{
    if (!text || !*text) return -1;
    char *end;
    long number = strtol(text, &end, 10);
    if (*end || number < 0 || number > INT_MAX) return -1;
    return REAL(fcntl)((int)number, F_GETFD) == -1 ? -1 : (int)number;
}

__attribute__((constructor)) static void load(void)
{
    int before = errno;
#ifdef __linux__
    find_real_calls();
#endif
    trace_descriptor = descriptor_in(getenv("LAB_TRACE_FD"));
    if (trace_descriptor != -1) {
        const char *faults = getenv("LAB_TRACE_FAULTS"), *hosts = getenv("LAB_TRACE_HOSTS");
        record_note("loaded", NULL);
        if (faults) read_rules(faults);
        if (hosts) read_hosts(hosts);
    }
    errno = before;
}
