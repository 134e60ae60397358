#include "faults.h"

#include "record.h"
#include "rules.h"
#include "transfer.h"

static void pause_for(long milliseconds)
{
    struct timespec rest = {milliseconds / 1000, milliseconds % 1000 * 1000000};
    while (REAL(nanosleep)(&rest, &rest) == -1 && errno == EINTR) continue;
}

// An interrupted connect(2) goes on by itself, so it is begun here, without waiting. Where it cannot even
// begin, the program gets the true reason: to tell it EINTR would be to promise a connection that is not
// under way.
static void interrupt_connect(struct call *call, int error)
{
    int descriptor = (int)call->arguments[0];
    int flags = REAL(fcntl)(descriptor, F_GETFL);
    if (flags != -1) REAL(fcntl)(descriptor, F_SETFL, flags | O_NONBLOCK);
    int result = REAL(connect)(descriptor, (const struct sockaddr *)call->arguments[1],
                               (socklen_t)call->arguments[2]);
    bool begun = result == 0 || errno == EINPROGRESS;
    if (begun) call_answered(call, -1, error);
    else call_returns(call, result);
    if (flags != -1) REAL(fcntl)(descriptor, F_SETFL, flags);
}

static void fail(struct call *call, int error)
{
    switch (call->name) {
    case CALL_connect:
        if (error == EINTR || error == EINPROGRESS) interrupt_connect(call, error);
        else call_answered(call, -1, error);
        break;
    case CALL_close:
        // Whatever close(2) reports, Linux has closed.
        REAL(close)((int)call->arguments[0]);
        call_answered(call, -1, error);
        break;
    case CALL_getaddrinfo:
    case CALL_posix_spawn:
    case CALL_posix_spawnp: call_answered(call, error, errno); break;
    default: call_answered(call, -1, error);
    }
}

// Whether the call waits where there is nothing to be had.
static bool waits(const struct call *call)
{
    enum family family = kinds[call->name].family;
    if (family != FAMILY_recv && family != FAMILY_send) return false;
    int flags = REAL(fcntl)((int)call->arguments[0], F_GETFL);
    int asked = transfer_of(call->name, call->arguments).flags;
    return flags != -1 && !(flags & O_NONBLOCK) && !(asked & MSG_DONTWAIT);
}

// Whether the call gives up by itself, after the time of SO_RCVTIMEO or SO_SNDTIMEO: socket(7).
static bool has_timeout(const struct call *call)
{
    struct timeval time = {0};
    socklen_t length = sizeof time;
    int option = kinds[call->name].family == FAMILY_send ? SO_SNDTIMEO : SO_RCVTIMEO;
    int result = getsockopt((int)call->arguments[0], SOL_SOCKET, option, &time, &length);
    return result == 0 && (time.tv_sec != 0 || time.tv_usec != 0);
}

void apply_faults(struct call *call)
{
    int before = errno;
    struct fault fault = next_fault(kinds[call->name].family);
    if (fault.milliseconds) {
        // Whoever asked for it wants to know when the call has come so far.
        if (!call->entered) record_entry(call);
        pause_for(fault.milliseconds);
    }
    // A call that waits has no reason to say that it would.
    if (fault.error == EAGAIN && waits(call)) fault.error = 0;
    // Of a sleep, all of the time is over.
    if (fault.expires && kinds[call->name].family == FAMILY_sleep) call_answered(call, 0, before);
    else if (!fault.error && fault.expires && has_timeout(call)) fault.error = EAGAIN;
    errno = before;
    if (fault.error) fail(call, fault.error);
    else if (fault.limit) shorten(call, fault.limit);
}
