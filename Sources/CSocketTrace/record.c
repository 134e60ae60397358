#include "record.h"

#include "line.h"

#include <pthread.h>
#include <signal.h>
#include <time.h>

static long current_thread(void)
{
#ifdef __linux__
    return REAL(syscall)(SYS_gettid);
#else
    uint64_t thread = 0;
    pthread_threadid_np(NULL, &thread);
    return (long)thread;
#endif
}

// On Linux past libc's write, which is a point where a thread may be cancelled: most of the calls recorded
// are not.
static ssize_t write_raw(const struct line *line)
{
#ifdef __linux__
    return REAL(syscall)(SYS_write, trace_descriptor, line->text, line->length);
#else
    return REAL(write)(trace_descriptor, line->text, line->length);
#endif
}

static bool is_pending(int signal)
{
    sigset_t pending;
    sigpending(&pending);
    return sigismember(&pending, signal) == 1;
}

// Writes the line. Where the reader has gone, the record is lost and nothing else: the SIGPIPE of that write
// goes to the thread that made it, so it is held back here, and taken away before it can be seen. A signal of
// the program's own that waited already is left to wait. (sigprocmask(2) changes the thread's own mask on
// every system this is for, and needs no thread library in a program without one.)
static void write_line(struct line *line)
{
    line->text[line->length++] = '\n';
    sigset_t broken_pipe, before;
    sigemptyset(&broken_pipe);
    sigaddset(&broken_pipe, SIGPIPE);
    sigprocmask(SIG_BLOCK, &broken_pipe, &before);
    bool waited_already = sigismember(&before, SIGPIPE) == 1 && is_pending(SIGPIPE);

    ssize_t count;
    do count = write_raw(line);
    while (count == -1 && errno == EINTR);

    int taken;
    bool has_gone = count == -1 && errno == EPIPE;
    if (has_gone && !waited_already && is_pending(SIGPIPE)) sigwait(&broken_pipe, &taken);
    sigprocmask(SIG_SETMASK, &before, NULL);
}

static void begin_line(struct line *line, char phase, const char *what)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    line->length = 0;
    add_char(line, phase);
    field_decimal(line, getpid());
    field_decimal(line, current_thread());
    field_decimal(line, (long long)now.tv_sec * 1000000000 + now.tv_nsec);
    field(line, what);
}

// getaddrinfo(3) returns its errors, of which one says to look at errno; posix_spawn(3) returns an errno.
static int error_of(const struct call *call)
{
    bool failed = call->name == CALL_getaddrinfo ? call->result == EAI_SYSTEM : call_failed(call);
    return failed ? call->error : 0;
}

void record_call(char phase, const struct call *call)
{
    struct line line;
    const struct kind *kind = &kinds[call->name];
    begin_line(&line, phase, call->raw ? "syscall" : kind->name);
    if (call->returned) {
        field_decimal(&line, call->result);
        field_decimal(&line, error_of(call));
    } else {
        field(&line, "-");
        field(&line, "-");
    }
    if (call->raw) field(&line, kind->name);
    kind->tell(&line, call);
    write_line(&line);
}

void record_entry(struct call *call)
{
    record_call('>', call);
    call->entered = true;
}

void record_note(const char *note, const char *text)
{
    struct line line;
    begin_line(&line, '!', note);
    field_decimal(&line, 0);
    field_decimal(&line, 0);
    if (text) field_string(&line, text);
    write_line(&line);
}
