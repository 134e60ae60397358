// The calls of Linux that the Swift module of its libc leaves out.

#ifndef C_SOCKETS_H
#define C_SOCKETS_H

#ifdef __linux__

#include <sys/epoll.h>
#include <sys/signalfd.h>

/// As accept4(2). It takes no sockaddr, which would come to Swift from this module then, and no more from libc's.
int sockets_accept4(int listener, void *address, unsigned *length, int flags);

#endif

#endif
