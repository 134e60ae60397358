#define _GNU_SOURCE
#include "CSockets.h"

#ifdef __linux__

#include <sys/socket.h>

int sockets_accept4(int listener, void *address, unsigned *length, int flags) {
    return accept4(listener, address, length, flags);
}

#endif
