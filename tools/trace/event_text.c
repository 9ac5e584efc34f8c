/* One function per event that has more to say than its name. */
#include "tools/trace/event_text.h"

#include <inttypes.h>

static const char *const names[] = {
#define NAME(NAME, name) [TRACE_##NAME] = name,
    TRACE_EVENTS(NAME)
#undef NAME
};

const char *event_name(const struct trace_entry *entry) {
    return names[entry->event];
}

/* Priv. spec, table "mcause values". */
static const char *const exceptions[] = {
    "misaligned fetch",
    "fetch access fault",
    "illegal instruction",
    "breakpoint",
    "misaligned load",
    "load access fault",
    "misaligned store",
    "store access fault",
    "ecall from user mode",
    "ecall",
    "ecall from the kernel?",
    "ecall from machine mode?",
    "fetch page fault",
    "load page fault",
    "cause 14",
    "store page fault",
    "double trap",
    "cause 17",
    "software check",
    "hardware error",
    "guest fetch page fault",
    "guest load page fault",
    "virtual instruction",
    "guest store page fault",
};

static const char *interrupt_name(uint64_t number) {
    switch (number) {
    case 3:
        return "IPI";
    case 7:
        return "timer";
    case 11:
        return "device";
    default:
        return "interrupt";
    }
}

/* mcause's top bit says interrupt; whether that is bit 31 or 63, it is the only one so far up. */
static bool is_interrupt(uint64_t cause, uint64_t *out_number) {
    *out_number = cause & 0xffff;
    return cause >> 31 != 0;
}

static void explain_cause(uint64_t cause, char *text, size_t size) {
    uint64_t number;
    if (is_interrupt(cause, &number)) {
        snprintf(text, size, "%s", interrupt_name(number));
    } else if (number < sizeof(exceptions) / sizeof(exceptions[0])) {
        snprintf(text, size, "%s", exceptions[number]);
    } else {
        snprintf(text, size, "cause %" PRIu64, number);
    }
}

/* SBI extension ids that are four letters are told as such. */
static void explain_call(const struct trace_entry *entry, char *text, size_t size) {
    char letters[5] = "";
    for (unsigned index = 0; index < 4; index++) {
        letters[index] = (char)(entry->words[0] >> (24 - 8 * index));
        if ((letters[index] < 'A' || letters[index] > 'Z') && letters[index] != 's') {
            letters[index] = '.';
        }
    }
    if (entry->words[0] >> 16 != 0) {
        snprintf(text, size, "%s, function %" PRIu64, letters, entry->words[1]);
    } else {
        snprintf(text, size, "extension 0x%" PRIx64 ", function %" PRIu64, entry->words[0], entry->words[1]);
    }
}

static uint64_t time_of_words(const struct trace_entry *entry) {
    uint64_t high = entry->words[1];
    return (entry->words[0] & UINT32_MAX) | high << 32;
}

static void explain_deadline(const struct trace_log *log, const struct trace_entry *entry, char *text, size_t size) {
    uint64_t until = time_of_words(entry);
    if (until == UINT64_MAX) {
        snprintf(text, size, "never");
    } else if (until <= entry->time) {
        snprintf(text, size, "at once");
    } else {
        snprintf(text, size, "in %.6f s", (double)(until - entry->time) / (double)log->ticks_per_second);
    }
}

static const char *state_name(uint64_t state) {
    static const char *const states[] = {"created",    "running", "paused",  "stopping",
                                         "restarting", "loading", "stopped", "crashed"};
    return state < sizeof(states) / sizeof(states[0]) ? states[state] : "in a state of its own";
}

void event_details(const struct trace_log *log, const struct trace_entry *entry, char out_text[EVENT_TEXT_SIZE]) {
    char text[64] = "";
    out_text[0] = '\0';
    switch (entry->event) {
    case TRACE_ENTER:
        snprintf(out_text, EVENT_TEXT_SIZE, "at 0x%" PRIx64, entry->words[0]);
        break;
    case TRACE_EXIT:
        explain_cause(entry->words[0], text, sizeof(text));
        snprintf(out_text, EVENT_TEXT_SIZE, "%s at 0x%" PRIx64, text, entry->words[1]);
        break;
    case TRACE_IDLE:
    case TRACE_TIMER:
        explain_deadline(log, entry, out_text, EVENT_TEXT_SIZE);
        break;
    case TRACE_IPI:
    case TRACE_STEAL:
        snprintf(out_text, EVENT_TEXT_SIZE, "to hart %" PRIu64, entry->words[0]);
        break;
    case TRACE_FENCE:
        snprintf(out_text, EVENT_TEXT_SIZE, "%s", entry->words[0] == 0 ? "fence.i" : "sfence.vma");
        break;
    case TRACE_SBI:
        explain_call(entry, out_text, EVENT_TEXT_SIZE);
        break;
    case TRACE_EMULATE:
        explain_cause(entry->words[0], text, sizeof(text));
        snprintf(out_text, EVENT_TEXT_SIZE, "%s, value 0x%" PRIx64, text, entry->words[1]);
        break;
    case TRACE_GUEST:
        snprintf(out_text, EVENT_TEXT_SIZE, "%s", state_name(entry->words[0]));
        break;
    default:
        break;
    }
}
