// What the files of this module share. All of it runs after fork(2) in what may have been a process of many
// threads: no memory is allocated, no lock taken, and nothing called that may do so (signal-safety(7)).

#ifndef WARDEN_H
#define WARDEN_H

#include "CSupervision.h"
#include <signal.h>

/// Takes over the new process: runs the program, guards it to its end, and exits.
_Noreturn void warden_run(const struct supervision_launch *launch);

/// Starts the program as a child of the caller, and puts that, or which call failed and why, into `report`.
/// Returns the program's process identifier, or -1.
pid_t warden_start_program(const struct supervision_launch *launch, struct supervision_report *report);

/// Removes `folder` and what is in it.
void warden_remove(const char *folder);

/// Closes every descriptor but those in `kept`.
void warden_close_all_but(const int *kept, int count);

/// What the descendants of this process amount to, those not counted that have ended.
struct warden_census {
    int processes;
    int64_t memory_bytes;
    int64_t processor_nanoseconds;
};

/// Counts the descendants of this process, and sends each `signal` unless that is 0.
/// `group` is the program's process group, which is all that can be found where there is no /proc.
struct warden_census warden_descendants(pid_t group, int signal);

#endif
