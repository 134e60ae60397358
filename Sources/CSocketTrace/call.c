#include "call.h"

#include "faults.h"
#include "record.h"
#include "sockets.h"
#include "tell.h"
#include "transfer.h"
#include "underway.h"

#define KIND(name, family, traits, tell) [CALL_##name] = {#name, FAMILY_##family, traits, tell},
const struct kind kinds[] = {CALLS(KIND)};
#undef KIND

int trace_descriptor = -1;

// close(2) of the descriptor that records go to, or its replacement by dup2(2): it counts as none of the
// program's.
static bool ends_trace(const struct call *call)
{
    switch (call->name) {
    case CALL_close: return call->arguments[0] == trace_descriptor;
    case CALL_dup2:
#ifdef __linux__
    case CALL_dup3:
#endif
        return (int)call->arguments[1] == trace_descriptor;
    default: return false;
    }
}

// Whether a call of the family says itself how long it waits.
static bool has_limit(enum family family)
{
    return family == FAMILY_poll || family == FAMILY_sleep;
}

static bool can_block(const struct call *call)
{
    const struct kind *kind = &kinds[call->name];
    return (kind->traits & BLOCKS) && !(has_limit(kind->family) && call->milliseconds == 0);
}

static bool ends_program(const struct call *call)
{
    return call->name == CALL_exit || call->name == CALL__exit || call->name == CALL__Exit;
}

static void begin(struct call *call)
{
    const struct kind *kind = &kinds[call->name];
    if (ends_program(call)) await_records();
    memcpy(call->passed, call->arguments, sizeof call->passed);
    if (ends_trace(call)) {
        call->unrecorded = true;
        call_answered(call, -1, EBADF);
        return;
    }
    bool is_open = true;
    if (kind->traits & ON_FILES_TOO) {
        enum descriptor descriptor = what_is((int)call->arguments[0]);
        if (descriptor == OTHER) {
            call->unrecorded = true;
            return;
        }
        is_open = descriptor == SOCKET;
    }
    if (has_limit(kind->family)) call->milliseconds = wait_of(call);
    if (can_block(call)) record_entry(call);
    if (is_open) apply_faults(call);
}

bool call_begins(struct call *call)
{
    int before = errno;
    begin(call);
    // A call that waits may wait for ever: it is counted once it is over.
    if (!call->unrecorded && !call->returned && !can_block(call)) note_underway(call);
    errno = before;
    return !call->returned;
}

long call_ends(struct call *call)
{
    if (call->name == CALL_fork && call->result == 0) forget_other_threads();
    if (!call->unrecorded) note_underway(call);
    if (call->limit) finish_shortened(call);
    if (call->name == CALL_close) note_close((int)call->arguments[0], !call->unrecorded);
    if (!call->unrecorded) record_call(call->on_request ? '*' : '<', call);
    note_recorded(call);
    errno = call->error;
    return call->result;
}
