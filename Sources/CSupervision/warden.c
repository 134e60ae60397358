// The warden: the process between the kit and a program. It outlives a kit that is killed, and notices it.

#define _GNU_SOURCE
#include "warden.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/prctl.h>
#endif

static const int64_t second = 1000000000, millisecond = 1000000;

struct warden {
    const struct supervision_launch *launch;
    pid_t group;    // the program's, whose number is the program's own
    bool running;   // the program itself
    bool dismissed; // by the kit, or by its end
    enum supervision_limit limit;
    int64_t next_sample;
    int64_t end;       // of the wall limit; once the program has ended, of what it left behind
    int64_t processor; // of processes that have ended
    int64_t peak_memory;
    int64_t own_memory;
};

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * second + time.tv_nsec;
}

static int64_t nanoseconds(struct timeval time) {
    return time.tv_sec * second + time.tv_usec * 1000;
}

/// The most memory that a process had, in bytes.
static int64_t peak(const struct rusage *usage) {
#ifdef __APPLE__
    return usage->ru_maxrss;
#else
    return (int64_t)usage->ru_maxrss * 1024;
#endif
}

/// Waits for a command, unless `lifeline` is -1, or a child's end, but not beyond `time`.
static void wait_for_event(int lifeline, int64_t time) {
    int64_t rest = time - now();
    if (rest < 0) rest = 0;
    struct timespec timeout = {.tv_sec = rest / second, .tv_nsec = rest % second};
    fd_set reading;
    FD_ZERO(&reading);
    if (lifeline != -1) FD_SET(lifeline, &reading);
    sigset_t all_but_child;
    sigfillset(&all_but_child);
    sigdelset(&all_but_child, SIGCHLD);
    // SIGCHLD comes in here alone, and interrupts: no end of a child is missed between looking and waiting.
    pselect(lifeline + 1, &reading, NULL, NULL, &timeout, &all_but_child);
}

static void report_end(struct warden *warden, int status, const struct rusage *usage, bool leaves_some) {
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXFSZ) warden->limit = SUPERVISION_FILE_SIZE;
    // A process starts out with what its parent had as its peak: only what is above was its own.
    int64_t programs_peak = peak(usage) > warden->own_memory ? peak(usage) : 0;
    struct supervision_report report = {
        .event = SUPERVISION_ENDED,
        .status = status,
        .limit = warden->limit,
        .descendants = leaves_some ? warden_descendants(warden->group, 0).processes : 0,
        .processor_nanoseconds = warden->processor,
        .peak_memory_bytes = programs_peak > warden->peak_memory ? programs_peak : warden->peak_memory,
    };
    write(warden->launch->lifeline, &report, sizeof report);
}

/// Takes the ends of all children that have ended. Returns whether there are more.
static bool reap(struct warden *warden) {
    struct rusage usage, programs_usage;
    int status, programs_status = 0;
    bool ended = false;
    pid_t child;
    while ((child = wait4(-1, &status, WNOHANG, &usage)) > 0) {
        warden->processor += nanoseconds(usage.ru_utime) + nanoseconds(usage.ru_stime);
        if (child != warden->group || !warden->running) continue;
        ended = true;
        programs_status = status;
        programs_usage = usage;
    }
    bool more = child == 0;
    if (ended) {
        warden->running = false;
        warden->end = now() + warden->launch->lingering_nanoseconds;
        report_end(warden, programs_status, &programs_usage, more);
    }
    return more;
}

static void obey(struct warden *warden) {
    const int lifeline = warden->launch->lifeline;
    struct supervision_command command;
    ssize_t count;
    while ((count = recv(lifeline, &command, sizeof command, MSG_DONTWAIT)) == sizeof command) {
        switch (command.order) {
        case SUPERVISION_SIGNAL_PROGRAM:
            if (warden->running) kill(warden->group, command.signal);
            break;
        case SUPERVISION_SIGNAL_ALL:
            warden_descendants(warden->group, command.signal);
            break;
        case SUPERVISION_FINISH:
            warden->dismissed = true;
        }
    }
    // The end of file, or a reset: the kit is gone.
    if (count == 0 || (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)) warden->dismissed = true;
}

/// Measures, since no resource limit of the kernel's binds a family of processes, or counts those of root.
static void sample(struct warden *warden) {
    int64_t start = now();
    struct warden_census census = warden_descendants(warden->group, 0);
    if (census.memory_bytes > warden->peak_memory) warden->peak_memory = census.memory_bytes;
    int64_t processor = warden->processor + census.processor_nanoseconds;
    if (processor > warden->launch->processor_nanoseconds) warden->limit = SUPERVISION_PROCESSOR;
    if (census.processes > warden->launch->processes) warden->limit = SUPERVISION_PROCESSES;
    if (census.memory_bytes > warden->launch->memory_bytes) warden->limit = SUPERVISION_MEMORY;
    // On a machine with thousands of processes looking takes long: a twentieth of the time is enough for it.
    int64_t end = now(), pause = 20 * (end - start);
    warden->next_sample = end + (pause > 50 * millisecond ? pause : 50 * millisecond);
}

/// Sees the program through to its end, and what it left behind through the time it has, or up to a limit.
static void guard(struct warden *warden) {
    while (reap(warden) && !warden->dismissed && warden->limit == SUPERVISION_NO_LIMIT) {
        int64_t time = now();
        if (time >= warden->end) {
            if (warden->running) warden->limit = SUPERVISION_WALL;
            return;
        }
        if (time >= warden->next_sample) {
            sample(warden);
            continue;
        }
        bool samples_first = warden->next_sample < warden->end;
        wait_for_event(warden->launch->lifeline, samples_first ? warden->next_sample : warden->end);
        obey(warden);
    }
}

/// Ends everything that is left. A process that was sent SIGKILL forks no more, so each look finds fewer.
static void end_all(struct warden *warden) {
    // Most often it is alone, and a look at every process of the machine is spared. Its number, and its group's,
    // is nobody else's as long as its end has not been taken.
    if (warden->running) {
        kill(warden->group, SIGKILL);
        kill(-warden->group, SIGKILL);
        wait_for_event(-1, now() + 10 * millisecond);
    }
    while (reap(warden)) {
        warden_descendants(warden->group, SIGKILL);
        wait_for_event(-1, now() + 10 * millisecond);
    }
#ifndef __linux__
    // Orphans are not children of the warden here.
    warden_descendants(warden->group, SIGKILL);
#endif
}

static void child_ended(int signal) {
    (void)signal;
}

/// Lets go of what came from the kit. All signals stay blocked: Ctrl-C is for the kit, which then hangs up.
static void leave_kit(struct supervision_launch *launch) {
    setsid();
    for (int signal = 1; signal < NSIG; signal++) {
        sigaction(signal, &(struct sigaction){.sa_handler = signal == SIGCHLD ? child_ended : SIG_DFL}, NULL);
    }
    int kept[] = {launch->lifeline, launch->input, launch->output, launch->errors, launch->channel};
    warden_close_all_but(kept, sizeof kept / sizeof *kept);
    // Of a kit with many descriptors it may have a number that select(2) can't take.
    int lifeline = fcntl(launch->lifeline, F_DUPFD_CLOEXEC, 0);
    close(launch->lifeline);
    launch->lifeline = lifeline;
#ifdef __linux__
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    prctl(PR_SET_NAME, "warden", 0, 0, 0);
#endif
}

static int64_t own_peak(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return peak(&usage);
}

_Noreturn void warden_run(const struct supervision_launch *kits_launch) {
    struct supervision_launch launch = *kits_launch;
    leave_kit(&launch);
    struct supervision_report report = {.event = SUPERVISION_FAILED, .call = "mkdir"};
    if (mkdir(launch.folder, 0700) == -1) {
        report.status = errno;
        write(launch.lifeline, &report, sizeof report);
        _exit(1);
    }
    struct warden warden = {.launch = &launch, .group = warden_start_program(&launch, &report)};
    warden.own_memory = own_peak();
    warden.running = warden.group != -1;
    write(launch.lifeline, &report, sizeof report);
    warden_close_all_but(&launch.lifeline, 1);
    if (warden.running) {
        warden.end = now() + launch.wall_nanoseconds;
        warden.next_sample = now() + 50 * millisecond;
        guard(&warden);
        end_all(&warden);
    }
    warden_remove(launch.folder);
    _exit(0);
}
