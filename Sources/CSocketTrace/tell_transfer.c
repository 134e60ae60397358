#include "address.h"
#include "memory.h"
#include "names.h"
#include "tell.h"
#include "transfer.h"

enum { PREVIEW = 24 };

// The first bytes that a transfer moves, out of as many buffers as they are spread over, and how many it asks
// for.
struct preview {
    unsigned char bytes[PREVIEW];
    size_t count, asked;
};

static void preview_buffer(struct preview *preview, const struct iovec *buffer, size_t moved)
{
    size_t left = moved > preview->asked ? moved - preview->asked : 0;
    size_t room = PREVIEW - preview->count;
    size_t size = buffer->iov_len < left ? buffer->iov_len : left;
    preview->count += peek(preview->bytes + preview->count, buffer->iov_base, size < room ? size : room);
    preview->asked += buffer->iov_len;
}

// `moved` is how many bytes the buffers hold.
static struct preview preview_of(const struct transfer *transfer, size_t moved)
{
    enum { AT_ONCE = 16 };
    struct preview preview = {0};
    struct iovec vector[AT_ONCE];
    if (!transfer->vector) preview_buffer(&preview, &transfer->buffer, moved);
    for (size_t done = 0; transfer->vector && done < transfer->count; done += AT_ONCE) {
        size_t count = transfer->count - done < AT_ONCE ? transfer->count - done : AT_ONCE;
        count = peek(vector, transfer->vector + done, count * sizeof *vector) / sizeof *vector;
        for (size_t i = 0; i < count; i++) preview_buffer(&preview, &vector[i], moved);
        if (count == 0) break;
    }
    return preview;
}

static void field_preview(struct line *line, const struct preview *preview, size_t moved)
{
    field(line, "\"");
    add_escaped(line, preview->bytes, preview->count);
    add_char(line, '"');
    if (preview->count < moved) add_text(line, "…");
}

TELL(transfer)
{
    struct transfer transfer = transfer_of(call->name, call->arguments);
    bool receives = kinds[call->name].family == FAMILY_recv;
    // Sent bytes are all there from the start, received ones only afterwards.
    size_t moved = !receives ? SIZE_MAX : call_succeeded(call) ? (size_t)call->result : 0;
    struct preview preview = preview_of(&transfer, moved);
    if (moved > preview.asked) moved = preview.asked;

    tell_descriptor(line, call);
    if (receives && !call_succeeded(call)) field(line, "-");
    else field_preview(line, &preview, moved);
    field_decimal(line, (long long)preview.asked);
    field_flags(line, message_flags, (unsigned)transfer.flags);
    if (receives && !call_succeeded(call)) field(line, "-");
    else field_address(line, transfer.address, transfer.address_length);
#ifdef __linux__
    if (call->name == CALL_sendmmsg) field_decimal(line, (unsigned)call->arguments[2]);
#endif
}
