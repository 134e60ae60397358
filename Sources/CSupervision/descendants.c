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
    if (strlen(name) > 20) return false;
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

/// The names in a folder of /proc that are numbers, one after another.
///
/// Few entries are read at a time: the shorter the time from the listing of a process to its signal, the fewer
/// of those that keep forking and exiting get away.
struct listing {
    int folder;
    long size, offset;
    _Alignas(struct dirent64) char entries[512];
};

static const char *next_name(struct listing *listing) {
    while (true) {
        if (listing->offset >= listing->size) {
            listing->offset = 0;
            listing->size = syscall(SYS_getdents64, listing->folder, listing->entries, sizeof listing->entries);
            if (listing->size <= 0) return NULL;
        }
        struct dirent64 *entry = (struct dirent64 *)(listing->entries + listing->offset);
        listing->offset += entry->d_reclen;
        if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9') return entry->d_name;
    }
}

/// The descendants found so far, after the warden itself. One without room counts, but its children don't until
/// it has ended.
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

/// Adds a process to what is found. Until all are, memory is counted in pages, and time in ticks.
static void count_process(const struct process *process, struct family *family, struct warden_census *census) {
    if (family->count < 4096) family->members[family->count++] = process->identifier;
    census->processes += 1;
    census->memory_bytes += process->pages;
    census->processor_nanoseconds += process->ticks;
}

/// Looks at every process. The kernel lists by number, so that parents come before children but when numbers
/// start again from the bottom; who signals looks again until none is left.
static void search(int proc, int signal, struct family *family, struct warden_census *census) {
    struct listing listing = {.folder = proc};
    for (const char *name; (name = next_name(&listing)) != NULL;) {
        struct process process;
        if (!read_process(proc, name, &process) || process.ended) continue;
        if (!contains(family, process.parent)) continue;
        if (signal != 0) kill(process.identifier, signal);
        count_process(&process, family, census);
    }
}

/// Counts those in a list of children, which are numbers with a space behind each.
static void count_children(int proc, int list, struct family *family, struct warden_census *census) {
    char name[16], text[512];
    unsigned length = 0;
    for (ssize_t size; (size = read(list, text, sizeof text)) > 0;) {
        for (ssize_t i = 0; i < size; i++) {
            if (text[i] != ' ') {
                if (length < sizeof name - 1) name[length++] = text[i];
                continue;
            }
            name[length] = 0;
            length = 0;
            struct process process;
            if (read_process(proc, name, &process) && !process.ended) count_process(&process, family, census);
        }
    }
}

/// Opens /proc/`process`/task.
static int open_tasks(int proc, pid_t process) {
    char path[32], *start = path + 16;
    strcpy(start, "/task");
    for (; process > 0; process /= 10) *--start = '0' + process % 10;
    return openat(proc, start, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/// Looks at the descendants alone, by the lists of children that the kernel keeps for each thread: that takes no
/// longer where a machine has thousands of other processes. A list from which a child goes in the meantime may
/// leave out another: good enough for a measurement. False: there are none (CONFIG_PROC_CHILDREN).
static bool follow(int proc, struct family *family, struct warden_census *census) {
    for (int member = 0; member < family->count; member++) {
        char path[64];
        struct listing threads = {.folder = open_tasks(proc, family->members[member])};
        if (threads.folder == -1) continue;
        for (const char *name; (name = next_name(&threads)) != NULL;) {
            strcpy(path, name);
            strcat(path, "/children");
            int list = openat(threads.folder, path, O_RDONLY | O_CLOEXEC);
            if (list == -1 && member == 0) {
                close(threads.folder);
                return false;
            }
            if (list == -1) continue;
            count_children(proc, list, family, census);
            close(list);
        }
        close(threads.folder);
    }
    return true;
}

struct warden_census warden_descendants(pid_t group, int signal) {
    int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (proc == -1) return group_alone(group, signal);
    struct warden_census census = {0};
    struct family family = {.members = {getpid()}, .count = 1};
    if (signal != 0 || !follow(proc, &family, &census)) search(proc, signal, &family, &census);
    close(proc);
    census.memory_bytes *= sysconf(_SC_PAGESIZE);
    census.processor_nanoseconds *= 1000000000 / sysconf(_SC_CLK_TCK);
    return census;
}

#else

struct warden_census warden_descendants(pid_t group, int signal) {
    return group_alone(group, signal);
}

#endif
