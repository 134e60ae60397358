// One call of the program on its way through this library.

#pragma once

#include "interpose.h"

#pragma GCC visibility push(hidden)

struct line;

#define IDENTIFIER(name, ...) CALL_##name,
enum call_name { CALLS(IDENTIFIER) NO_CALL };
#undef IDENTIFIER

#define IDENTIFIER(name) FAMILY_##name,
enum family { FAMILIES(IDENTIFIER) FAMILY_COUNT };
#undef IDENTIFIER

struct call {
    enum call_name name;
    bool raw;           // made through syscall(2)
    long arguments[6];  // as the program gave them
    long passed[6];     // as the real call gets them
    long result;
    int error;          // errno as the program finds it afterwards
    bool entered;       // its entry is in the record
    bool returned;      // `result` and `error` say what came of it
    bool on_request;    // because of a rule, or answered from the list of hosts
    bool unrecorded;
    bool underway;      // counted as one that is not in the record yet
    long milliseconds;  // of poll and sleep, as wait_of tells it: the kernel may change the original
    size_t limit;       // the bytes that a shortened call may move, 0 for any other
    struct iovec vector[16];
    struct msghdr message;  // what a shortened call is given
};

struct kind {
    const char *name;
    enum family family;
    unsigned traits;
    void (*tell)(struct line *, const struct call *);
};

extern const struct kind kinds[];

// The descriptor that records go to, -1 while nothing is to be recorded.
extern int trace_descriptor;

// Before the real call: its entry in the record, and what the rules ask for. Returns false when the call was
// answered without it. Leaves errno as it was.
bool call_begins(struct call *call);

// The real call's result. Comes right after it, since it takes errno too.
static inline void call_returns(struct call *call, long result)
{
    call->error = errno;
    call->result = result;
    call->returned = true;
}

// The call was answered here.
static inline void call_answered(struct call *call, long result, int error)
{
    call->error = error;
    call->result = result;
    call->returned = call->on_request = true;
}

// After it: its return in the record. Sets errno to what the call left in it, and returns its result.
long call_ends(struct call *call);

// Whether the program is told that it failed.
static inline bool call_failed(const struct call *call)
{
    return call->result == -1;
}

// A wrapper's whole body: TRACE(listen, fd, backlog). The arguments travel as longs, as the kernel takes
// them, so that one set of functions tells, shortens and fails every call, made by its name or through
// syscall(2); the real call gets each as the type that its parameter has.
#define TRACE(function, ...)                                                                        \
    do {                                                                                        \
        if (trace_descriptor == -1) return REAL(function)(__VA_ARGS__);                             \
        struct call call = {.name = CALL_##function, .arguments = {LONGS(__VA_ARGS__)}};            \
        if (call_begins(&call)) call_returns(&call, REAL(function)(TYPED(call.passed, __VA_ARGS__))); \
        return call_ends(&call);                                                                \
    } while (0)

#define LONGS(...) PICK(__VA_ARGS__, LONGS6, LONGS5, LONGS4, LONGS3, LONGS2, LONGS1)(__VA_ARGS__)
#define LONGS1(a) (long)(a)
#define LONGS2(a, ...) (long)(a), LONGS1(__VA_ARGS__)
#define LONGS3(a, ...) (long)(a), LONGS2(__VA_ARGS__)
#define LONGS4(a, ...) (long)(a), LONGS3(__VA_ARGS__)
#define LONGS5(a, ...) (long)(a), LONGS4(__VA_ARGS__)
#define LONGS6(a, ...) (long)(a), LONGS5(__VA_ARGS__)

#define TYPED(from, ...) PICK(__VA_ARGS__, TYPED6, TYPED5, TYPED4, TYPED3, TYPED2, TYPED1)(from, __VA_ARGS__)
#define TYPED1(from, a) (__typeof__(a))(from)[0]
#define TYPED2(from, a, b) TYPED1(from, a), (__typeof__(b))(from)[1]
#define TYPED3(from, a, b, c) TYPED2(from, a, b), (__typeof__(c))(from)[2]
#define TYPED4(from, a, b, c, d) TYPED3(from, a, b, c), (__typeof__(d))(from)[3]
#define TYPED5(from, a, b, c, d, e) TYPED4(from, a, b, c, d), (__typeof__(e))(from)[4]
#define TYPED6(from, a, b, c, d, e, f) TYPED5(from, a, b, c, d, e), (__typeof__(f))(from)[5]

#define PICK(...) SEVENTH(__VA_ARGS__, , , , , , )
#define SEVENTH(a, b, c, d, e, f, g, ...) g

#pragma GCC visibility pop
