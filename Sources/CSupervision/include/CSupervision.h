// Runs a program under a warden: a process between the kit and the program, which holds the program to its
// limits and ends all that it started, also when the kit itself is no longer there to do it.

#ifndef C_SUPERVISION_H
#define C_SUPERVISION_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

#ifdef __linux__
#include <sys/xattr.h>
#endif

struct supervision_launch {
    const char *executable;
    char *const *arguments;   // with argv[0], ended by NULL, as execve(2) takes them
    char *const *environment; // NAME=VALUE, likewise
    const char *folder;       // made for the program to run in, and removed with all that is in it
    const char *library;      // a link to it lies there, as SUPERVISION_LIBRARY_NAME; NULL: none

    int lifeline; // the warden's end of supervision_lifeline()
    int input;
    int output;
    int errors;
    int channel;        // what the program gets as descriptor `channel_number`; -1: nothing
    int channel_number; // 2 or above
    bool terminal;      // input and output are a terminal, which is to control the program's session

    int64_t wall_nanoseconds;
    int64_t processor_nanoseconds;
    int64_t lingering_nanoseconds; // how long what the program leaves behind may go on once it has ended
    int64_t memory_bytes;          // the program's and its descendants' together
    int64_t file_bytes;            // of each file that it writes
    int32_t processes;
    int32_t open_files;
};

#define SUPERVISION_LIBRARY_NAME ".library.so"

enum supervision_limit {
    SUPERVISION_NO_LIMIT,
    SUPERVISION_WALL,
    SUPERVISION_PROCESSOR,
    SUPERVISION_MEMORY,
    SUPERVISION_PROCESSES,
    SUPERVISION_FILE_SIZE,
};

enum supervision_event {
    SUPERVISION_STARTED, // the program runs: execve(2) has succeeded
    SUPERVISION_FAILED,  // it can't be run
    SUPERVISION_ENDED,   // it has ended; what it left behind may still be there
};

/// What the warden tells the kit over the lifeline. It hangs up when nothing is left.
struct supervision_report {
    int32_t event;
    int32_t process;             // started: the program
    int32_t status;              // ended: as waitpid(2) tells it. failed: the errno
    int32_t limit;               // ended: the limit that ended it
    int32_t descendants;         // ended: how many processes it left running
    char call[12];               // failed: the call that did
    int64_t processor_nanoseconds;
    int64_t peak_memory_bytes;
};

enum supervision_order {
    SUPERVISION_SIGNAL_PROGRAM,
    SUPERVISION_SIGNAL_ALL, // the program and all its descendants
    SUPERVISION_FINISH,     // SIGKILL for all of them, then clean up
};

/// What the kit tells the warden over the lifeline. Hanging up, as a kit does that was killed, means FINISH.
struct supervision_command {
    uint8_t order;
    uint8_t signal;
};

/// Starts a warden, and it the program. Returns the warden's process identifier, or -1 and errno.
/// The kit then closes the descriptors in `launch`, reads the reports, and in the end waits for the warden.
pid_t supervision_launch(const struct supervision_launch *launch);

/// As socketpair(2): the two ends of a lifeline, [0] for the kit.
int supervision_lifeline(int ends[2]);

/// As pipe(2): [0] is for reading.
int supervision_pipe(int ends[2]);

/// A pseudoterminal (pty(7)), [0] its master, which echoes nothing and leaves newlines as they are.
int supervision_terminal(int ends[2]);

/// As write(2), but a pipe that nobody reads any more is EPIPE and no SIGPIPE.
ssize_t supervision_write(int descriptor, const void *bytes, size_t count);

/// How many bytes a pipe holds, asked at either end; FIONREAD. -1 and errno, as ever.
int supervision_unread(int descriptor);

/// A descriptor of our own for a file that another thread has open; pidfd_getfd(2). The caller closes it: while it is
/// open, so is the file. -1 and errno, as ever; ENOSYS: not on this kernel, EPERM: this process must not look.
int supervision_borrow(pid_t thread, int descriptor);

#endif
