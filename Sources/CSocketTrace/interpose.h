// How a call of the program comes to this library, and how this library makes the real one.
//
// A wrapper is written once, as WRAPPER(int, listen, int fd, int backlog) { … }. On Linux it carries the
// name that it stands for, so that the dynamic linker finds it first; the real one is the next of that name. On
// macOS the linker is told of each pair, and leaves this library's own calls alone.

#pragma once

// Fortified or large-file headers would give the names below another meaning.
#undef _FORTIFY_SOURCE
#undef _FILE_OFFSET_BITS
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <spawn.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/epoll.h>
#include <sys/syscall.h>
#endif

#include "calls.h"

// Whatever has no wrapper's name stays inside: a preloaded symbol would stand in for the program's own.
#pragma GCC visibility push(hidden)

#ifdef __APPLE__

#define WRAPPER(result, name, ...)                                                              \
    static result traced_##name(__VA_ARGS__);                                                   \
    __attribute__((used, section("__DATA,__interpose"))) static const struct {                  \
        const void *wrapper, *real;                                                             \
    } interpose_##name = {(const void *)traced_##name, (const void *)name};                     \
    static result traced_##name(__VA_ARGS__)

#define REAL(name) name

#else

#define WRAPPER(result, name, ...)                                                              \
    __attribute__((visibility("default"))) result traced_##name(__VA_ARGS__) __asm__(#name);    \
    result traced_##name(__VA_ARGS__)

#define REAL(name) (real.name ? real.name : (find_real_calls(), real.name))

#define POINTER(name, ...) __typeof__(name) *name;
extern struct real {
    CALLS(POINTER)
} real;
#undef POINTER

// The constructor finds them all: dlsym(3) is not for signal handlers. REAL comes here only when the program,
// or a library of its, makes a call before that.
void find_real_calls(void);

#endif

#pragma GCC visibility pop
