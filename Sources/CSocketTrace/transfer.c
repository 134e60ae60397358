#include "transfer.h"

#include "memory.h"

static struct transfer transfer_of_message(const struct msghdr *message, int flags)
{
    return (struct transfer){
        .vector = message->msg_iov,
        .count = (size_t)message->msg_iovlen,
        .flags = flags,
        .address = message->msg_name,
        .address_length = message->msg_namelen,
    };
}

struct transfer transfer_of(enum call_name name, const long arguments[6])
{
    struct msghdr message = {0};
    struct transfer transfer = {.count = 1, .buffer = {(void *)arguments[1], (size_t)arguments[2]}};
    switch (name) {
    case CALL_sendmsg:
    case CALL_recvmsg:
        peek(&message, (const void *)arguments[1], sizeof message);
        return transfer_of_message(&message, (int)arguments[2]);
#ifdef __linux__
    case CALL_sendmmsg:
        if (arguments[2] > 0) peek(&message, (const void *)arguments[1], sizeof message);
        return transfer_of_message(&message, (int)arguments[3]);
#endif
    case CALL_readv:
    case CALL_writev:
        return (struct transfer){.vector = (const void *)arguments[1], .count = (size_t)(int)arguments[2]};
    case CALL_sendto:
        transfer.address = (const struct sockaddr *)arguments[4];
        transfer.address_length = (socklen_t)arguments[5];
        transfer.flags = (int)arguments[3];
        return transfer;
    case CALL_recvfrom:
        transfer.address = (const struct sockaddr *)arguments[4];
        peek(&transfer.address_length, (const void *)arguments[5], sizeof transfer.address_length);
        transfer.flags = (int)arguments[3];
        return transfer;
    case CALL_send:
    case CALL_recv:
        transfer.flags = (int)arguments[3];
        return transfer;
    default:
        return transfer;
    }
}

// Fills the call's own vector with the first `limit` bytes of the program's. Returns how many entries that
// takes, 0 where the program asked for no more anyway.
static size_t shorten_vector(struct call *call, const struct iovec *from, size_t count, size_t limit)
{
    enum { ROOM = sizeof call->vector / sizeof *call->vector };
    size_t used = 0;
    while (used < count && used < ROOM) {
        struct iovec *entry = &call->vector[used];
        if (peek(entry, &from[used], sizeof *entry) != sizeof *entry) return 0;
        used++;
        if (entry->iov_len > limit) {
            entry->iov_len = limit;
            return used;
        }
        limit -= entry->iov_len;
    }
    return used < count ? used : 0;
}

static void shorten_message(struct call *call, size_t limit)
{
    if (peek(&call->message, (const void *)call->arguments[1], sizeof call->message) == 0) return;
    size_t count = (size_t)call->message.msg_iovlen;
    size_t used = shorten_vector(call, call->message.msg_iov, count, limit);
    if (used == 0) return;
    call->message.msg_iov = call->vector;
    call->message.msg_iovlen = used;
    call->passed[1] = (long)&call->message;
    call->limit = limit;
}

void shorten(struct call *call, size_t limit)
{
    size_t used;
    switch (call->name) {
    case CALL_sendmsg:
    case CALL_recvmsg:
        shorten_message(call, limit);
        return;
    case CALL_readv:
    case CALL_writev:
        used = shorten_vector(call, (const void *)call->arguments[1], (size_t)(int)call->arguments[2], limit);
        if (used == 0) return;
        call->passed[1] = (long)call->vector;
        call->passed[2] = (long)used;
        call->limit = limit;
        return;
#ifdef __linux__
    case CALL_sendmmsg:
        return;
#endif
    default:
        if ((size_t)call->arguments[2] <= limit) return;
        call->passed[2] = (long)limit;
        call->limit = limit;
    }
}

void finish_shortened(struct call *call)
{
    call->on_request = call->result == (long)call->limit;
    if (call->name != CALL_recvmsg || call_failed(call)) return;
    struct msghdr *message = (struct msghdr *)call->arguments[1];
    message->msg_namelen = call->message.msg_namelen;
    message->msg_controllen = call->message.msg_controllen;
    message->msg_flags = call->message.msg_flags;
}
