// Every call that is recorded, once: CALL(name, family, traits, how its arguments are told).
//
// The family is what a rule of LAB_TRACE_FAULTS names.

#pragma once

enum traits {
    BLOCKS = 1,         // may wait: its entry is recorded too
    ON_FILES_TOO = 2,   // takes any descriptor: recorded only where that is a socket
};

#define CALLS_OF_POSIX(CALL)                                                                    \
    CALL(socket, socket, 0, tell_socket)                                                        \
    CALL(bind, bind, 0, tell_address)                                                           \
    CALL(listen, listen, 0, tell_listen)                                                        \
    CALL(accept, accept, BLOCKS, tell_accept)                                                   \
    CALL(connect, connect, BLOCKS, tell_address)                                                \
    CALL(getsockname, getsockname, 0, tell_name)                                                \
    CALL(getpeername, getpeername, 0, tell_name)                                                \
    CALL(setsockopt, setsockopt, 0, tell_option)                                                \
    CALL(getaddrinfo, getaddrinfo, BLOCKS, tell_lookup)                                         \
    CALL(send, send, BLOCKS, tell_transfer)                                                     \
    CALL(sendto, send, BLOCKS, tell_transfer)                                                   \
    CALL(sendmsg, send, BLOCKS, tell_transfer)                                                  \
    CALL(write, send, BLOCKS | ON_FILES_TOO, tell_transfer)                                     \
    CALL(writev, send, BLOCKS | ON_FILES_TOO, tell_transfer)                                    \
    CALL(recv, recv, BLOCKS, tell_transfer)                                                     \
    CALL(recvfrom, recv, BLOCKS, tell_transfer)                                                 \
    CALL(recvmsg, recv, BLOCKS, tell_transfer)                                                  \
    CALL(read, recv, BLOCKS | ON_FILES_TOO, tell_transfer)                                      \
    CALL(readv, recv, BLOCKS | ON_FILES_TOO, tell_transfer)                                     \
    CALL(shutdown, shutdown, 0, tell_shutdown)                                                  \
    CALL(close, close, ON_FILES_TOO, tell_descriptor)                                           \
    CALL(dup, other, ON_FILES_TOO, tell_descriptor)                                             \
    CALL(dup2, other, ON_FILES_TOO, tell_dup)                                                   \
    CALL(fcntl, other, ON_FILES_TOO, tell_fcntl)                                                \
    CALL(poll, poll, BLOCKS, tell_poll)                                                         \
    CALL(select, poll, BLOCKS, tell_select)                                                     \
    CALL(pselect, poll, BLOCKS, tell_select)                                                    \
    CALL(sleep, sleep, BLOCKS, tell_sleep)                                                      \
    CALL(usleep, sleep, BLOCKS, tell_sleep)                                                     \
    CALL(nanosleep, sleep, BLOCKS, tell_sleep)                                                  \
    CALL(fork, fork, 0, tell_nothing)                                                           \
    CALL(posix_spawn, fork, 0, tell_spawn)                                                      \
    CALL(posix_spawnp, fork, 0, tell_spawn)                                                     \
    CALL(exit, other, BLOCKS, tell_exit)                                                        \
    CALL(_exit, other, BLOCKS, tell_exit)                                                       \
    CALL(_Exit, other, BLOCKS, tell_exit)

#ifdef __linux__
#define CALLS(CALL)                                                                             \
    CALLS_OF_POSIX(CALL)                                                                        \
    CALL(accept4, accept, BLOCKS, tell_accept)                                                  \
    CALL(sendmmsg, send, BLOCKS, tell_transfer)                                                 \
    CALL(dup3, other, ON_FILES_TOO, tell_dup)                                                   \
    CALL(ppoll, poll, BLOCKS, tell_poll)                                                        \
    CALL(epoll_wait, poll, BLOCKS, tell_epoll)                                                  \
    CALL(epoll_pwait, poll, BLOCKS, tell_epoll)                                                 \
    CALL(clock_nanosleep, sleep, BLOCKS, tell_sleep)                                            \
    CALL(syscall, other, 0, tell_nothing)
#else
#define CALLS(CALL) CALLS_OF_POSIX(CALL)
#endif

// The families, as LAB_TRACE_FAULTS spells them. `other` takes no rules.
#define FAMILIES(FAMILY)                                                                        \
    FAMILY(other) FAMILY(socket) FAMILY(bind) FAMILY(listen) FAMILY(accept) FAMILY(connect)     \
    FAMILY(recv) FAMILY(send) FAMILY(shutdown) FAMILY(close) FAMILY(setsockopt)                 \
    FAMILY(getsockname) FAMILY(getpeername) FAMILY(poll) FAMILY(sleep) FAMILY(getaddrinfo)      \
    FAMILY(fork)
