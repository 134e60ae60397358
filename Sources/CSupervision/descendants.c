// Everything that descends from the warden. Orphans are its children, since it is their subreaper (prctl(2)):
// so a process which left its group and its session, and whose parent has ended, is found as well.

#define _GNU_SOURCE
#include "warden.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef __linux__
#include <dirent.h>
#include <sys/syscall.h>
#endif

/// Without /proc all that can be found is the group.
static struct warden_census group_alone(pid_t group, int signal) {
    return (struct warden_census){.processes = kill(-group, signal) == 0};
}

#ifdef __linux__

struct process {
    pid_t identifier, parent;
    bool ended;
    int64_t ticks, pages;
};

/// Reads /proc/`name`/stat, as proc_pid_stat(5) describes it. False: no process, or one that is gone.
static bool read_process(int proc, const char *name, struct process *process) {
    char path[32], text[1024];
    if (name[0] < '1' || name[0] > '9' || strlen(name) > 20) return false;
    strcpy(path, name);
    strcat(path, "/stat");
    int file = openat(proc, path, O_RDONLY | O_CLOEXEC);
    if (file == -1) return false;
    ssize_t count = read(file, text, sizeof text - 1);
    close(file);
    if (count <= 0) return false;
    text[count] = 0;

    // The second field is a name in parentheses that may hold anything, also a parenthesis and a space.
    char *field = strrchr(text, ')');
    if (field == NULL) return false;
    *process = (struct process){.identifier = atoi(text)};
    bool is_zombie = field[2] == 'Z' || field[2] == 'X';
    for (int number = 2; field != NULL && number <= 24; number++) {
        if (number == 4) process->parent = atoi(field);
        if (14 <= number && number <= 17) process->ticks += atoll(field);
        // One whose first thread alone has ended, by pthread_exit(3), looks like a zombie too.
        if (number == 20) process->ended = is_zombie && atoi(field) < 2;
        if (number == 24) process->pages = atoll(field);
        field = strchr(field + 1, ' ');
        if (field != NULL) field++;
    }
    return true;
}

/// The descendants found so far. One without room counts, but its children don't until it has ended.
struct family {
    pid_t members[4096];
    int count;
};

static bool contains(const struct family *family, pid_t process) {
    for (int i = 0; i < family->count; i++) {
        if (family->members[i] == process) return true;
    }
    return false;
}

struct warden_census warden_descendants(pid_t group, int signal) {
    int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (proc == -1) return group_alone(group, signal);
    struct warden_census census = {0};
    struct family family = {.members = {getpid()}, .count = 1};
    const int64_t tick = 1000000000 / sysconf(_SC_CLK_TCK), page = sysconf(_SC_PAGESIZE);
    // Few entries at a time: the shorter the time from the listing of a process to its signal, the fewer of
    // those that keep forking and exiting get away. The kernel lists by number, so that parents come before
    // children but when numbers start again from the bottom; who signals looks again until none is left.
    _Alignas(struct dirent64) char entries[512];
    for (long size; (size = syscall(SYS_getdents64, proc, entries, sizeof entries)) > 0;) {
        for (long offset = 0; offset < size;) {
            struct dirent64 *entry = (struct dirent64 *)(entries + offset);
            offset += entry->d_reclen;
            struct process process;
            if (!read_process(proc, entry->d_name, &process) || !contains(&family, process.parent)) continue;
            if (process.ended) continue;
            if (signal != 0) kill(process.identifier, signal);
            if (family.count < 4096) family.members[family.count++] = process.identifier;
            census.processes += 1;
            census.memory_bytes += process.pages * page;
            census.processor_nanoseconds += process.ticks * tick;
        }
    }
    close(proc);
    return census;
}

#else

struct warden_census warden_descendants(pid_t group, int signal) {
    return group_alone(group, signal);
}

#endif
