#include "sockets.h"

#include <limits.h>
#include <stdatomic.h>
#include <sys/stat.h>

// A bit for each descriptor. What lies beyond is not remembered.
enum { REMEMBERED = 65536, BITS = 8 * sizeof(unsigned) };

static atomic_uint closed_sockets[REMEMBERED / BITS];

static bool is_remembered(int descriptor)
{
    return descriptor >= 0 && descriptor < REMEMBERED;
}

enum descriptor what_is(int descriptor)
{
    struct stat status;
    if (fstat(descriptor, &status) == 0) return S_ISSOCK(status.st_mode) ? SOCKET : OTHER;
    if (!is_remembered(descriptor)) return OTHER;
    return atomic_load(&closed_sockets[descriptor / BITS]) >> descriptor % BITS & 1 ? CLOSED_SOCKET : OTHER;
}

void note_close(int descriptor, bool was_socket)
{
    if (!is_remembered(descriptor)) return;
    atomic_uint *word = &closed_sockets[descriptor / BITS];
    unsigned bit = 1u << descriptor % BITS;
    // Most closes change nothing here, and then nothing is written.
    if (((atomic_load(word) & bit) != 0) == was_socket) return;
    if (was_socket) atomic_fetch_or(word, bit);
    else atomic_fetch_and(word, ~bit);
}
