#include "underway.h"

#include "call.h"

#include <signal.h>
#include <stdatomic.h>

static atomic_int underway;

// Of these, the thread's own. A signal handler that ends the program in the middle of one must not wait for
// it. (Of this model the memory is there from the start of a thread, and a handler may use it.)
#ifdef __linux__
__attribute__((tls_model("initial-exec")))
#endif
static _Thread_local volatile sig_atomic_t own;

void note_underway(struct call *call)
{
    if (call->underway) return;
    call->underway = true;
    // In this order a handler in between sees too few of the others' rather than too many.
    own = own + 1;
    atomic_fetch_add(&underway, 1);
}

void note_recorded(struct call *call)
{
    if (!call->underway) return;
    call->underway = false;
    atomic_fetch_sub(&underway, 1);
    own = own - 1;
}

void forget_other_threads(void)
{
    atomic_store(&underway, own);
}

void await_records(void)
{
    const struct timespec turn = {0, 100000};
    for (int i = 0; i < 2000 && atomic_load(&underway) > own; i++) REAL(nanosleep)(&turn, NULL);
}

// exit(3), and the return from main.
__attribute__((destructor)) static void unload(void)
{
    await_records();
}
