#include "memory.h"
#include "names.h"
#include "tell.h"

#include <sys/time.h>
#include <time.h>

// How many events a record shows, and how many entries are looked at with one peek.
enum { SHOWN = 8, TOGETHER = 64 };

// Milliseconds, rounded up: only what does not wait at all is 0. Null waits for ever.
static long wait_of_timespec(const void *pointer)
{
    struct timespec time;
    if (peek(&time, pointer, sizeof time) != sizeof time) return -1;
    return (long)time.tv_sec * 1000 + (time.tv_nsec + 999999) / 1000000;
}

static long wait_of_timeval(const void *pointer)
{
    struct timeval time;
    if (peek(&time, pointer, sizeof time) != sizeof time) return -1;
    return (long)time.tv_sec * 1000 + (time.tv_usec + 999) / 1000;
}

#ifdef __linux__
// The time to come, where it is given as a point of a clock.
static long wait_until(const struct call *call)
{
    struct timespec until, now;
    const void *given = (const void *)call->arguments[2];
    if (!((int)call->arguments[1] & TIMER_ABSTIME)) return wait_of_timespec(given);
    if (peek(&until, given, sizeof until) != sizeof until) return -1;
    if (clock_gettime((clockid_t)call->arguments[0], &now) == -1) return -1;
    long nanoseconds = (until.tv_sec - now.tv_sec) * 1000000000 + until.tv_nsec - now.tv_nsec;
    return nanoseconds > 0 ? (nanoseconds + 999999) / 1000000 : 0;
}
#endif

long wait_of(const struct call *call)
{
    switch (call->name) {
    case CALL_poll: return (int)call->arguments[2];
    case CALL_sleep: return (long)(unsigned)call->arguments[0] * 1000;
    case CALL_usleep: return ((long)(useconds_t)call->arguments[0] + 999) / 1000;
    case CALL_nanosleep: return wait_of_timespec((const void *)call->arguments[0]);
    case CALL_select: return wait_of_timeval((const void *)call->arguments[4]);
    case CALL_pselect: return wait_of_timespec((const void *)call->arguments[4]);
#ifdef __linux__
    case CALL_ppoll: return wait_of_timespec((const void *)call->arguments[2]);
    case CALL_epoll_wait:
    case CALL_epoll_pwait: return (int)call->arguments[3];
    case CALL_clock_nanosleep: return wait_until(call);
#endif
    default: return -1;
    }
}

// The events in one field, `3:IN 5:IN|HUP`.
static void begin_events(struct line *line, int shown)
{
    if (shown == 0) field(line, "");
    else if (shown == SHOWN) add_text(line, " …");
    else add_char(line, ' ');
}

static void end_events(struct line *line, int shown)
{
    if (shown == 0) field(line, "-");
}

static void add_event(struct line *line, long long descriptor, unsigned long events)
{
    add_decimal(line, descriptor);
    add_char(line, ':');
    add_flags(line, poll_events, events);
}

TELL(sleep)
{
    field_decimal(line, call->milliseconds);
    add_text(line, "ms");
}

TELL(poll)
{
    field_decimal(line, call->arguments[1]);
    field_decimal(line, call->milliseconds);
    const struct pollfd *polled = (const struct pollfd *)call->arguments[0];
    unsigned long count = call->returned && call->result <= 0 ? 0 : (unsigned long)call->arguments[1];
    int shown = 0;
    while (count > 0 && shown <= SHOWN) {
        struct pollfd some[TOGETHER];
        unsigned long wanted = count < TOGETHER ? count : TOGETHER;
        unsigned long found = peek(some, polled, wanted * sizeof *some) / sizeof *some;
        for (unsigned long i = 0; i < found && shown <= SHOWN; i++) {
            short events = call->returned ? some[i].revents : some[i].events;
            if (some[i].fd < 0 || (call->returned && !events)) continue;
            begin_events(line, shown);
            if (shown++ < SHOWN) add_event(line, some[i].fd, (unsigned short)events);
        }
        if (found < wanted) break;
        polled += found;
        count -= found;
    }
    end_events(line, shown);
}

// The program may have given no more of a set than its first `limit` descriptors need.
static fd_set copy_of_set(long set, int limit)
{
    fd_set copy;
    FD_ZERO(&copy);
    enum { BITS = 8 * sizeof(fd_mask) };
    peek(&copy, (const void *)set, (size_t)(limit + BITS - 1) / BITS * sizeof(fd_mask));
    return copy;
}

TELL(select)
{
    field_decimal(line, (int)call->arguments[0]);
    field_decimal(line, call->milliseconds);
    int limit = call->returned && call->result <= 0 ? 0 : (int)call->arguments[0], shown = 0;
    if (limit < 0) limit = 0;
    if (limit > FD_SETSIZE) limit = FD_SETSIZE;
    fd_set in = copy_of_set(call->arguments[1], limit);
    fd_set out = copy_of_set(call->arguments[2], limit);
    fd_set urgent = copy_of_set(call->arguments[3], limit);
    for (int descriptor = 0; descriptor < limit && shown <= SHOWN; descriptor++) {
        unsigned long events = 0;
        if (FD_ISSET(descriptor, &in)) events |= POLLIN;
        if (FD_ISSET(descriptor, &out)) events |= POLLOUT;
        if (FD_ISSET(descriptor, &urgent)) events |= POLLPRI;
        if (!events) continue;
        begin_events(line, shown);
        if (shown++ < SHOWN) add_event(line, descriptor, events);
    }
    end_events(line, shown);
}

#ifdef __linux__
// The kernel hands back what the program gave epoll_ctl(2): most often the descriptor, sometimes a pointer.
TELL(epoll)
{
    tell_descriptor(line, call);
    field_decimal(line, (int)call->arguments[2]);
    field_decimal(line, call->milliseconds);
    const struct epoll_event *event = (const struct epoll_event *)call->arguments[1];
    long count = call->returned && call->result > 0 ? call->result : 0;
    int shown = 0;
    for (struct epoll_event one; count > 0 && shown <= SHOWN; count--, event++) {
        if (peek(&one, event, sizeof one) != sizeof one) break;
        begin_events(line, shown);
        if (shown++ >= SHOWN) continue;
        if (one.data.u64 <= INT16_MAX) {
            add_event(line, (long long)one.data.u64, one.events);
        } else {
            add_text(line, "?:");
            add_flags(line, poll_events, one.events);
        }
    }
    end_events(line, shown);
}
#endif
