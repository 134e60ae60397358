// Processes: their beginnings and their ends.

#include "call.h"

// One fork, two returns: both are recorded, the child's with its own process and the result 0.
WRAPPER(pid_t, fork, void)
{
    if (trace_descriptor == -1) return REAL(fork)();
    struct call call = {.name = CALL_fork};
    if (call_begins(&call)) call_returns(&call, REAL(fork)());
    return (pid_t)call_ends(&call);
}

WRAPPER(int, posix_spawn, pid_t *child, const char *path, const posix_spawn_file_actions_t *actions,
        const posix_spawnattr_t *attributes, char *const arguments[], char *const environment[])
{
    TRACE(posix_spawn, child, path, actions, attributes, arguments, environment);
}

WRAPPER(int, posix_spawnp, pid_t *child, const char *file, const posix_spawn_file_actions_t *actions,
        const posix_spawnattr_t *attributes, char *const arguments[], char *const environment[])
{
    TRACE(posix_spawnp, child, file, actions, attributes, arguments, environment);
}

static void record_exit(enum call_name name, int status)
{
    if (trace_descriptor == -1) return;
    struct call call = {.name = name, .arguments = {status}};
    call_begins(&call);
}

WRAPPER(void, exit, int status)
{
    record_exit(CALL_exit, status);
    REAL(exit)(status);
}

WRAPPER(void, _exit, int status)
{
    record_exit(CALL__exit, status);
    REAL(_exit)(status);
}

WRAPPER(void, _Exit, int status)
{
    record_exit(CALL__Exit, status);
    REAL(_Exit)(status);
}
