#include "rules.h"

#include "names.h"
#include "record.h"

#include <limits.h>
#include <stdatomic.h>
#include <sys/mman.h>

enum { RULES = 64, LISTED = 8 };

// The calls of a family are numbered from 1. A rule is for those listed, and for every one from `from` on.
struct rule {
    enum family family;
    long listed[LISTED], from;
    struct fault fault;
};

static struct rule rules[RULES];
static int rule_count;

// How many calls of each family there were. Children of fork(2) go on counting here: the memory is shared.
typedef _Atomic(long) counter;
static counter own_counters[FAMILY_COUNT];
static counter *counters = own_counters;

#define SPELL(family) {FAMILY_##family, #family},
static const struct name families[] = {FAMILIES(SPELL) {0, NULL}};
#undef SPELL

// A piece of a rule.
struct word {
    const char *text;
    size_t length;
};

// Takes the word up to the next `separator` off the front of `rest`, and the separator.
static struct word take_word(struct word *rest, char separator)
{
    const char *found = memchr(rest->text, separator, rest->length);
    struct word word = {rest->text, found ? (size_t)(found - rest->text) : rest->length};
    size_t taken = word.length + (found != NULL);
    rest->text += taken;
    rest->length -= taken;
    return word;
}

// The whole word as a number from 1 on, or 0 where it is none.
static long number_in(struct word word)
{
    long number = 0;
    for (size_t i = 0; i < word.length; i++) {
        if (word.text[i] < '0' || word.text[i] > '9' || number > INT_MAX / 10) return 0;
        number = number * 10 + (word.text[i] - '0');
    }
    return number;
}

// 3    3+    *    2,5
static bool read_which(struct word text, struct rule *rule)
{
    if (text.length == 1 && *text.text == '*') {
        rule->from = 1;
        return true;
    }
    if (text.length > 1 && text.text[text.length - 1] == '+') {
        text.length--;
        rule->from = number_in(text);
        return rule->from > 0;
    }
    for (int count = 0; text.length > 0; count++) {
        if (count == LISTED) return false;
        rule->listed[count] = number_in(take_word(&text, ','));
        if (rule->listed[count] == 0) return false;
    }
    return rule->listed[0] > 0;
}

// EINTR    EAI_AGAIN    short=1    late=50    timeout
static bool read_action(struct word text, struct rule *rule)
{
    bool moves_data = rule->family == FAMILY_recv || rule->family == FAMILY_send;
    struct word action = take_word(&text, '=');
    if (action.length == 4 && memcmp(action.text, "late", 4) == 0)
        return (rule->fault.milliseconds = number_in(text)) > 0;
    if (action.length == 5 && memcmp(action.text, "short", 5) == 0)
        return (rule->fault.limit = (size_t)number_in(text)) > 0 && moves_data;

    bool sleeps = rule->family == FAMILY_sleep;
    bool may_expire = moves_data || sleeps || rule->family == FAMILY_accept;
    if (action.length == 7 && memcmp(action.text, "timeout", 7) == 0)
        return (rule->fault.expires = text.length == 0 && may_expire);

    const struct name *errors = rule->family == FAMILY_getaddrinfo ? lookup_errors : errnos;
    long error;
    if (sleeps || text.length > 0 || !value_of(errors, action.text, action.length, &error)) return false;
    rule->fault.error = (int)error;
    return true;
}

static bool read_rule(struct word text, struct rule *rule)
{
    struct word family = take_word(&text, ':'), which = take_word(&text, ':');
    long value;
    if (!value_of(families, family.text, family.length, &value) || value == FAMILY_other) return false;
    rule->family = (enum family)value;
    return read_which(which, rule) && read_action(text, rule);
}

static void note_bad_rule(struct word text)
{
    char copy[64] = "";
    memcpy(copy, text.text, text.length < sizeof copy ? text.length : sizeof copy - 1);
    record_note("bad-rule", copy);
}

void read_rules(const char *text)
{
    void *shared = mmap(NULL, sizeof own_counters, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared != MAP_FAILED) counters = shared;

    struct word rest = {text, strlen(text)};
    while (rest.length > 0) {
        struct word one = take_word(&rest, ';');
        struct rule rule = {0};
        if (one.length == 0) continue;
        if (rule_count < RULES && read_rule(one, &rule)) rules[rule_count++] = rule;
        else note_bad_rule(one);
    }
}

static bool matches(const struct rule *rule, long call)
{
    if (rule->from > 0 && call >= rule->from) return true;
    for (int i = 0; i < LISTED; i++)
        if (rule->listed[i] == call) return true;
    return false;
}

struct fault next_fault(enum family family)
{
    struct fault all = {0};
    if (rule_count == 0 || family == FAMILY_other) return all;
    long call = atomic_fetch_add(&counters[family], 1) + 1;
    for (int i = 0; i < rule_count; i++) {
        if (rules[i].family != family || !matches(&rules[i], call)) continue;
        struct fault fault = rules[i].fault;
        if (!all.error) all.error = fault.error;
        if (!all.limit || (fault.limit && fault.limit < all.limit)) all.limit = fault.limit;
        all.milliseconds += fault.milliseconds;
        all.expires |= fault.expires;
    }
    return all;
}
