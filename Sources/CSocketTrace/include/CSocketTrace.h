// CSocketTrace records the socket calls of a program into which it is preloaded (LD_PRELOAD on Linux,
// DYLD_INSERT_LIBRARIES on macOS), and makes them fail on request. Nothing links it: this page is its
// interface.
//
//
// ENVIRONMENT
//
// LAB_TRACE_FD=N        The descriptor that records go to: a pipe, at a number that the program will not
//                       meet. Unset, or not open, every call is passed through and nothing below happens. Who
//                       reads the pipe must go on reading it: a full one holds the program up (or, where N
//                       does not block, loses records). The program can't close N: close(2), dup2(2) onto it,
//                       close_range(2) and closefrom(3) leave it open, and the first two answer EBADF.
//                       Children inherit it and record as well.
//
// LAB_TRACE_FAULTS=     FAMILY:WHICH:ACTION, several separated by `;`
//   FAMILY              socket bind listen setsockopt getsockname getpeername connect shutdown close
//                       getaddrinfo, and for several calls together:
//                       accept    accept, accept4
//                       recv      recv, recvfrom, recvmsg, read, readv
//                       send      send, sendto, sendmsg, sendmmsg, write, writev
//                       poll      poll, ppoll, select, pselect, epoll_wait, epoll_pwait
//                       fork      fork, posix_spawn, posix_spawnp
//                       sleep     sleep, usleep, nanosleep, clock_nanosleep
//   WHICH               3     the third call of the family     2,5   these, at most eight
//                       3+    from the third on                *     every one
//   ACTION              EINTR, EMFILE …    fails with that errno (getaddrinfo: EAI_NONAME, EAI_AGAIN …)
//                       short=BYTES        moves so many bytes at most (recv and send, but not sendmmsg)
//                       late=MILLISECONDS  is made after so long
//                       timeout            finds its time over: on a socket that has a time-out (accept, recv
//                                          and send), it fails with EAGAIN; a sleep returns at once
//
//   Calls are counted from 1, those of syscall(2) too; of read, write and close only those on sockets. A
//   process and its children of fork(2) count together; a program started by exec counts anew. Rules that
//   match the same call add up; an error comes before `short`. A call that fails has not touched the socket,
//   apart from two: close(2) has closed, as Linux does, and connect(2) with EINTR or EINPROGRESS has begun to
//   connect. (Where it could not begin, it fails with its true errno.) A malformed rule is noted as
//   `bad-rule` and left out.
//
// LAB_TRACE_HOSTS=      127.0.0.2,[::1],127.0.0.1:9
//                       What getaddrinfo(3) answers for every name, in this order: those of the family that
//                       the hints ask for, with the port given here, or else that of the service. Nothing
//                       left, or an empty list: EAI_NONAME. A malformed entry is noted as `bad-host`.
//
//
// RECORDS
//
// One line for each, written by one write(2), at most 1024 bytes; fields are separated by tabs, and never
// empty. A program that ends first waits for those of its other threads whose call is done and not recorded
// yet, for a fifth of a second at most.
//
//   PHASE  PID  TID  NANOSECONDS  CALL  RESULT  ERRNO  ARGUMENT…
//
//   PHASE        >  entry of a call that can block or is made late, and of exit; RESULT and ERRNO are `-`
//                <  return
//                *  return made so by a rule or by the list of hosts: failed, cut short, or answered. (A late
//                   call's return is `<`, as is that of a call which would have been as short anyway.)
//                !  of the recorder: CALL is `loaded` (once a program), `bad-rule` or `bad-host` (with its
//                   text)
//   NANOSECONDS  of CLOCK_MONOTONIC
//   RESULT       decimal
//   ERRNO        decimal, 0 where the call did not fail. (getaddrinfo and posix_spawn return their error, and
//                have 0 here, but for EAI_SYSTEM.)
//
// Descriptors, sizes and counts are decimal; constants have their C names, or are decimal where they have
// none here; flags are joined by `|`, what is left of them is hexadecimal, none is `0`. `-` is what there is
// not, or not yet: what is marked (return) below is `-` on entry, and where the call failed.
//
//   ADDRESS      127.0.0.1:7007   [::1]:7007   unix:/path   unix:@abstract   `family 0`
//   DATA         "hello\n": the first 24 bytes as in a C string, every byte but printable ASCII as \n \r \t
//                \" \\ or \xff (always two digits), with … after the quote where there are more; of a
//                receiving call what came (return)
//   EVENTS       `3:IN 5:IN|HUP`, at most 8 descriptors, then ` …`; asked for on entry, found on return
//   TEXT         as in DATA, without quotes, at most 64 bytes; an empty one is `""`
//   VALUE        an int; `on,5` (SO_LINGER); `1500ms` (time-outs); `16 bytes` (all others)
//   ANSWER       `127.0.0.1:7007,[::1]:7007`, at most 16, then `,…`; where the call failed `EAI_NONAME`
//
//   CALL                          ARGUMENTS
//   socket                        domain  type  protocol
//   bind connect                  fd  ADDRESS  length
//   listen                        fd  backlog
//   accept                        fd  ADDRESS of the peer (return)
//   accept4                       fd  ADDRESS of the peer (return)  flags
//   getsockname getpeername       fd  ADDRESS (return)
//   setsockopt                    fd  level  name  VALUE
//   getaddrinfo                   TEXT host  TEXT service  family  type  ANSWER (return)
//   send recv write read          fd  DATA  length asked for  flags  ADDRESS
//   writev readv sendmsg recvmsg  fd  DATA  length asked for, of all buffers  flags  ADDRESS
//   sendto recvfrom               fd  DATA  length asked for  flags  ADDRESS
//   sendmmsg                      fd  DATA  length  flags  ADDRESS, of the first message;  count of messages
//   shutdown                      fd  how
//   close dup                     fd
//   dup2                          fd  new fd
//   dup3                          fd  new fd  flags
//   fcntl                         fd  command  value; of F_GETFL the flags found (return)
//   poll ppoll                    count  milliseconds  EVENTS
//   select pselect                limit (nfds)  milliseconds  EVENTS
//   epoll_wait epoll_pwait        fd  room  milliseconds  EVENTS (return)
//   sleep usleep nanosleep clock_nanosleep   milliseconds, as `1500ms`
//   fork                          none; two records: the parent's, and the child's with result 0
//   posix_spawn posix_spawnp      TEXT path  the child's process (return)
//   exit _exit _Exit              status
//   syscall                       the name of the call, then its arguments as above (SYS_exit_group is _exit)
//
// So: AF_INET  SOCK_STREAM|SOCK_CLOEXEC  0 (socket), 3  SOL_SOCKET  SO_REUSEADDR  1 (setsockopt), 3  SHUT_WR
// (shutdown), 4  "hello\n"  6  MSG_NOSIGNAL  - (send), 1  -1  3:IN (poll).
//
// In data calls, ADDRESS is the destination, or the source (return); a call without flags has `0`, one
// without an address `-`. In EVENTS of epoll_wait, `?` stands for what the program gave in a descriptor's
// place. Without events EVENTS is `-`.
// Milliseconds are rounded up, -1 is for ever, or not to be read; with 0 there is no entry record, since the
// call can't block.
// read, readv, write, writev, close, dup and fcntl (F_GETFL, F_SETFL, F_SETFD, F_DUPFD, F_DUPFD_CLOEXEC) are
// recorded on sockets only, and on a number that was a socket until the program closed it.
//
//
// WHAT IT DOES NOT SEE
//
// Calls that libc makes itself (stdio on a socket, what getaddrinfo(3) sends, exit(3) after main returns), a
// statically linked program, vfork(2), io_uring, a system call made without libc. No record is no proof.

#pragma once
