// From the warden to the program: descriptors, limits, signals, execve(2).

#define _GNU_SOURCE
#include "warden.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/prctl.h>
#include <sys/syscall.h>
#else
// vfork(2) spares the copy of the page tables, and is deprecated on macOS.
#define vfork fork
#endif

static void limit(int resource, rlim_t value) {
    struct rlimit current;
    getrlimit(resource, &current);
    // Only root may go above the hard limit.
    if (value > current.rlim_max) value = current.rlim_max;
    setrlimit(resource, &(struct rlimit){.rlim_cur = value, .rlim_max = value});
}

static void set_limits(const struct supervision_launch *launch) {
    // The warden counts processor time for all processes together. This holds if a program kills its warden.
    limit(RLIMIT_CPU, launch->processor_nanoseconds / 1000000000 + 2);
    limit(RLIMIT_FSIZE, launch->file_bytes);
    limit(RLIMIT_NOFILE, launch->open_files);
    limit(RLIMIT_CORE, 0);
}

/// Puts the call that failed, and its errno, into `report`. Returns -1.
static pid_t failed(const char *call, struct supervision_report *report) {
    *report = (struct supervision_report){.event = SUPERVISION_FAILED, .status = errno};
    strncpy(report->call, call, sizeof report->call - 1);
    return -1;
}

static _Noreturn void fail(int failures, const char *call) {
    struct supervision_report report;
    failed(call, &report);
    write(failures, &report, sizeof report);
    _exit(127);
}

/// A copy of `descriptor` above those that the program is to have, so that giving it one closes no other.
static int raised(int descriptor, const struct supervision_launch *launch) {
    return descriptor == -1 ? -1 : fcntl(descriptor, F_DUPFD_CLOEXEC, launch->channel_number + 1);
}

static _Noreturn void become_program(const struct supervision_launch *launch, int failures) {
    int raised_failures = raised(failures, launch);
    if (raised_failures == -1) fail(failures, "fcntl");
    failures = raised_failures;
    int input = raised(launch->input, launch), output = raised(launch->output, launch);
    int errors = raised(launch->errors, launch), channel = raised(launch->channel, launch);

    if (dup2(input, STDIN_FILENO) == -1 || dup2(output, STDOUT_FILENO) == -1) fail(failures, "dup2");
    if (dup2(errors, STDERR_FILENO) == -1) fail(failures, "dup2");
    if (launch->channel != -1 && dup2(channel, launch->channel_number) == -1) fail(failures, "dup2");
    if (chdir(launch->folder) == -1) fail(failures, "chdir");
    if (launch->library && symlink(launch->library, SUPERVISION_LIBRARY_NAME) == -1) fail(failures, "symlink");

    // A session only for a terminal: its leader may not call setpgid(2), which a program has every right to.
    if (launch->terminal) {
        setsid();
        if (ioctl(STDIN_FILENO, TIOCSCTTY, 0) == -1) fail(failures, "ioctl");
    } else {
        setpgid(0, 0);
    }
#ifdef __linux__
    // A program that kills its warden ends with it. One that gained privileges could not be ended by the kit.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
#endif
    set_limits(launch);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execve(launch->executable, launch->arguments, launch->environment);
    fail(failures, "execve");
}

pid_t warden_start_program(const struct supervision_launch *launch, struct supervision_report *report) {
    int failures[2];
    if (supervision_pipe(failures) == -1) return failed("pipe", report);
    pid_t program = vfork();
    if (program == 0) become_program(launch, failures[1]);
    if (program == -1) return failed("fork", report);
    close(failures[1]);
    // The end of file means that execve(2) has closed the other end: nothing failed.
    if (read(failures[0], report, sizeof *report) == sizeof *report) {
        waitpid(program, NULL, 0);
        program = -1;
    } else {
        *report = (struct supervision_report){.event = SUPERVISION_STARTED, .process = program};
    }
    close(failures[0]);
    return program;
}

void warden_remove(const char *folder) {
    if (rmdir(folder) == 0 || errno == ENOENT) return;
    // A program may have left anything there, folders that can't be entered too.
    char *script = "rm -rf -- \"$0\" || { chmod -R u+rwx -- \"$0\"; rm -rf -- \"$0\"; }";
    char *arguments[] = {"sh", "-c", script, (char *)folder, NULL};
    char *environment[] = {"PATH=/bin:/usr/bin", NULL};
    pid_t shell = vfork();
    if (shell == 0) {
        execve("/bin/sh", arguments, environment);
        _exit(127);
    }
    if (shell != -1) waitpid(shell, NULL, 0);
}

static void close_from_to(unsigned first, unsigned last) {
#ifdef SYS_close_range
    if (syscall(SYS_close_range, first, last, 0) == 0) return;
#endif
    // Linux before 5.9, and macOS.
    unsigned highest = sysconf(_SC_OPEN_MAX);
    for (unsigned number = first; number <= last && number < highest; number++) close(number);
}

void warden_close_all_but(const int *kept, int count) {
    for (unsigned first = 0;;) {
        unsigned next = UINT_MAX;
        for (int i = 0; i < count; i++) {
            if (kept[i] >= 0 && (unsigned)kept[i] >= first && (unsigned)kept[i] < next) next = kept[i];
        }
        if (next > first) close_from_to(first, next - 1);
        if (next == UINT_MAX) return;
        first = next + 1;
    }
}
