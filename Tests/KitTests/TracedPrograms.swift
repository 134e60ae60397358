/// The program's text, in C.
extension TracedProgram {
    /// A word is `NAME`, `NAME:DESCRIPTOR` or `NAME:DESCRIPTOR:NUMBER`. A call's line on standard output is
    /// its name, its result, the errno that it left or 0 where it left that alone, and what came with it. A
    /// new descriptor is the lowest that is free, 3 at first.
    static let source = #"""
        #define _GNU_SOURCE
        #include <arpa/inet.h>
        #include <errno.h>
        #include <fcntl.h>
        #include <netdb.h>
        #include <poll.h>
        #include <pthread.h>
        #include <signal.h>
        #include <spawn.h>
        #include <stdbool.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <sys/select.h>
        #include <sys/socket.h>
        #include <sys/time.h>
        #include <sys/uio.h>
        #include <sys/wait.h>
        #include <time.h>
        #include <unistd.h>
        #ifdef __linux__
        #include <sys/epoll.h>
        #include <sys/syscall.h>
        #endif

        static struct sockaddr_in known;  // what bind and connect are given, and getsockname found last
        static socklen_t length;
        static char room[100];            // what was received
        static struct addrinfo *answers;
        static struct iovec out[] = {{"he", 2}, {"llo", 3}}, in[] = {{room, 2}, {room + 2, 98}};
        static struct msghdr sent = {.msg_iov = out, .msg_iovlen = 2};
        static struct msghdr received = {.msg_iov = in, .msg_iovlen = 2};

        #define ADDRESS (struct sockaddr *)&known
        #define ROOM (length = sizeof known, &length)

        static fd_set *set_of(int fd)
        {
            static fd_set set;
            FD_ZERO(&set);
            FD_SET(fd, &set);
            return &set;
        }

        static int look_up(int family, const char *name)
        {
            struct addrinfo hints = {.ai_family = family, .ai_socktype = SOCK_STREAM};
            return getaddrinfo(name, "7007", &hints, &answers);
        }

        static pid_t fork_and_wait(void)
        {
            pid_t child = fork();
            if (child > 0) waitpid(child, NULL, 0);
            return child;
        }

        static int spawn_and_wait(__typeof__(posix_spawn) *spawn)
        {
            pid_t child;
            char *arguments[] = {"true", NULL}, *environment[] = {NULL};
            int error = spawn(&child, "/bin/true", NULL, NULL, arguments, environment);
            if (error == 0) waitpid(child, NULL, 0);
            return error;
        }

        #ifdef __linux__
        // An old libc has none, and then they are the recorder's.
        __attribute__((weak)) int close_range(unsigned first, unsigned last, int flags);
        __attribute__((weak)) void closefrom(int first);

        static long close_range_by_number(int first)
        {
        #ifdef SYS_close_range
            return syscall(SYS_close_range, first, ~0u, 0);
        #else
            return 0;
        #endif
        }
        #endif

        #define CALLS_OF_POSIX(CALL) \
            CALL(socket, socket(AF_INET, SOCK_STREAM, 0)) \
            CALL(setsockopt, setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int))) \
            CALL(bind, bind(fd, ADDRESS, sizeof known)) \
            CALL(listen, listen(fd, 5)) \
            CALL(getsockname, getsockname(fd, ADDRESS, ROOM)) \
            CALL(getpeername, getpeername(fd, ADDRESS, ROOM)) \
            CALL(connect, connect(fd, ADDRESS, sizeof known)) \
            CALL(accept, accept(fd, NULL, NULL)) \
            CALL(send, send(fd, "hello", 5, 0)) \
            CALL(sendto, sendto(fd, "hello", 5, 0, NULL, 0)) \
            CALL(sendmsg, sendmsg(fd, &sent, 0)) \
            CALL(write, write(fd, "hello", 5)) \
            CALL(writev, writev(fd, out, 2)) \
            CALL(recv, recv(fd, room, sizeof room, number ? MSG_DONTWAIT : 0)) \
            CALL(recvfrom, recvfrom(fd, room, sizeof room, 0, NULL, NULL)) \
            CALL(recvmsg, recvmsg(fd, &received, 0)) \
            CALL(read, read(fd, room, sizeof room)) \
            CALL(readv, readv(fd, in, 2)) \
            CALL(shutdown, shutdown(fd, SHUT_WR)) \
            CALL(close, close(fd)) \
            CALL(dup, dup(fd)) \
            CALL(dup2, dup2(fd, number)) \
            CALL(fcntl, fcntl(fd, F_GETFL)) \
            CALL(poll, poll(&(struct pollfd){fd, POLLOUT, 0}, 1, -1)) \
            CALL(select, select(fd + 1, NULL, set_of(fd), NULL, NULL)) \
            CALL(pselect, pselect(fd + 1, NULL, set_of(fd), NULL, NULL, NULL)) \
            CALL(sleep, sleep(number)) \
            CALL(usleep, usleep(number)) \
            CALL(nanosleep, nanosleep(&(struct timespec){0, number}, NULL)) \
            CALL(getaddrinfo, look_up(AF_UNSPEC, "name.invalid")) \
            CALL(getaddrinfo_4, look_up(AF_INET, "name.invalid")) \
            CALL(getaddrinfo_numeric, look_up(AF_UNSPEC, "127.0.0.9")) \
            CALL(fork, fork_and_wait()) \
            CALL(posix_spawn, spawn_and_wait(posix_spawn)) \
            CALL(posix_spawnp, spawn_and_wait(posix_spawnp))

        #ifdef __linux__
        #define CALLS(CALL) CALLS_OF_POSIX(CALL) \
            CALL(accept4, accept4(fd, NULL, NULL, SOCK_CLOEXEC)) \
            CALL(sendmmsg, sendmmsg(fd, &(struct mmsghdr){.msg_hdr = sent}, 1, 0)) \
            CALL(ppoll, ppoll(&(struct pollfd){fd, POLLOUT, 0}, 1, NULL, NULL)) \
            CALL(epoll_wait, epoll_wait(fd, &(struct epoll_event){0}, 1, 0)) \
            CALL(epoll_pwait, epoll_pwait(fd, &(struct epoll_event){0}, 1, 0, NULL)) \
            CALL(dup3, dup3(fd, number, 0)) \
            CALL(clock_nanosleep, clock_nanosleep(CLOCK_MONOTONIC, number ? 0 : TIMER_ABSTIME, \
                                                  &(struct timespec){number, 0}, NULL)) \
            CALL(raw_socket, syscall(SYS_socket, AF_INET, SOCK_STREAM, 0)) \
            CALL(raw_read, syscall(SYS_read, fd, room, sizeof room)) \
            CALL(raw_close, syscall(SYS_close, fd)) \
            CALL(raw_exit_group, syscall(SYS_exit_group, 0)) \
            CALL(raw_close_range, close_range_by_number(fd)) \
            CALL(close_range, close_range(fd, ~0u, 0)) \
            CALL(closefrom, (closefrom(fd), 0))
        #else
        #define CALLS CALLS_OF_POSIX
        #endif

        #define FUNCTION(name, ...) static long do_##name(int fd, int number) { return __VA_ARGS__; }
        CALLS(FUNCTION)

        #define ENTRY(name, ...) {#name, do_##name},
        static const struct {
            const char *name;
            long (*make)(int fd, int number);
        } calls[] = {CALLS(ENTRY)};

        static void show_answers(void)
        {
            char host[100], port[20];
            int flags = NI_NUMERICHOST | NI_NUMERICSERV;
            for (struct addrinfo *one = answers; one; one = one->ai_next) {
                getnameinfo(one->ai_addr, one->ai_addrlen, host, sizeof host, port, sizeof port, flags);
                printf(" %s|%s", host, port);
            }
            if (answers) freeaddrinfo(answers);
            answers = NULL;
        }

        enum { UNTOUCHED = 7777 };

        static void make(const char *name, int fd, int number)
        {
            size_t i = 0;
            while (i < sizeof calls / sizeof *calls && strcmp(calls[i].name, name) != 0) i++;
            if (i == sizeof calls / sizeof *calls) exit(99);
            memset(room, 0, sizeof room);
            errno = UNTOUCHED;
            long result = calls[i].make(fd, number);
            // getaddrinfo(3) may leave anything there.
            bool untouched = errno == UNTOUCHED || strncmp(name, "getaddrinfo", 11) == 0;
            printf("%s %ld %d", name, result, untouched ? 0 : errno);
            if (*room) printf(" %s", room);
            show_answers();
            printf("\n");
        }

        // A thousand calls by each of four threads, at the same time.
        static void *exchange(void *unused)
        {
            int ends[2];
            char byte = 'x';
            if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == -1) exit(98);
            for (int i = 0; i < 500; i++)
                if (send(ends[0], &byte, 1, 0) != 1 || recv(ends[1], &byte, 1, 0) != 1) exit(97);
            return unused;
        }

        static void exchange_in_threads(void)
        {
            pthread_t threads[4];
            for (int i = 0; i < 4; i++) pthread_create(&threads[i], NULL, exchange, NULL);
            for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
        }

        // Comes back as soon as another thread's shutdown(2) is seen, whether that has returned or not.
        static void *half_close(void *unused)
        {
            shutdown(3, SHUT_WR);
            return unused;
        }

        static void see_half_close(void)
        {
            pthread_t thread;
            pthread_create(&thread, NULL, half_close, NULL);
            recv(4, room, sizeof room, 0);
        }

        // Calls of the program that a handler, which makes one itself, interrupts wherever they are.
        static volatile sig_atomic_t handled;

        static void handle(int signal)
        {
            int before = errno;
            send(3, "x", signal > 0, MSG_DONTWAIT);
            handled++;
            errno = before;
        }

        static void limit_waiting(int fd)
        {
            struct timeval minute = {60, 0};
            printf("setsockopt %d 0\n", setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &minute, sizeof minute));
            printf("setsockopt %d 0\n", setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &minute, sizeof minute));
        }

        static void be_interrupted(void)
        {
            struct itimerval often = {{0, 200}, {0, 200}}, never = {{0, 0}, {0, 0}};
            long made = 0, wrong = 0;
            signal(SIGALRM, handle);
            setitimer(ITIMER_REAL, &often, NULL);
            for (; handled < 300 || made < 1000; made++) {
                errno = 0;
                if (recv(3, room, 1, MSG_DONTWAIT) != -1 || errno != EAGAIN) wrong++;
            }
            setitimer(ITIMER_REAL, &never, NULL);
            signal(SIGALRM, SIG_IGN);
            printf("made %ld\nhandled %d\nwrong %ld\n", made, (int)handled, wrong);
        }

        // Goes on as a program whose records nobody reads.
        static void lose_reader(char *rest[])
        {
            int ends[2];
            if (pipe(ends) == -1) exit(96);
            close(ends[0]);
            dup2(ends[1], 201);
            close(ends[1]);
            setenv("LAB_TRACE_FD", "201", 1);
            execv(rest[0], rest);
        }

        int main(int count, char *words[])
        {
            setvbuf(stdout, NULL, _IOLBF, 0);
            known.sin_family = AF_INET;
            known.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
            for (int i = 1; i < count; i++) {
                int fd = -1, number = 0, ends[2];
                char name[32];
                sscanf(words[i], "%31[^:]:%d:%d", name, &fd, &number);
                if (strcmp(name, "pair") == 0) socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
                else if (strcmp(name, "unblock") == 0) printf("fcntl %d 0\n", fcntl(fd, F_SETFL, O_NONBLOCK));
                else if (strcmp(name, "limit") == 0) limit_waiting(fd);
                else if (strcmp(name, "exit") == 0) exit(fd);
                else if (strcmp(name, "_exit") == 0) _exit(fd);
                else if (strcmp(name, "threads") == 0) exchange_in_threads();
                else if (strcmp(name, "half-closed") == 0) see_half_close();
                else if (strcmp(name, "interrupted") == 0) be_interrupted();
                else if (strcmp(name, "gone") == 0) words[i] = words[0], lose_reader(words + i);
                else make(name, fd, number);
            }
            return 0;
        }
        """#
}
