/* Reading a log line by line. A dump that begins anew takes the place of the one before. */
#include "tools/trace/trace_log.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_SIZE = 512, FIRST_CAPACITY = 1024 };

struct reading {
    struct trace_log log;
    size_t capacity;
    bool has_begun;
    bool is_other_version;
};

static const char *const event_names[] = {
#define NAME(NAME, name) [TRACE_##NAME] = name,
    TRACE_EVENTS(NAME)
#undef NAME
};

/* One line without its end; what does not fit is left out. False at the end of the file. */
static bool read_line(FILE *input, char line[LINE_SIZE]) {
    size_t length = 0;
    int byte = fgetc(input);
    if (byte == EOF) {
        return false;
    }
    for (; byte != EOF && byte != '\n'; byte = fgetc(input)) {
        if (byte != '\r' && byte != '\0' && length < LINE_SIZE - 1) {
            line[length++] = (char)byte;
        }
    }
    line[length] = '\0';
    return true;
}

/* The next word of the line, or null at its end. */
static char *next_word(char **line) {
    char *word = *line + strspn(*line, " ");
    char *end = word + strcspn(word, " ");
    if (word == end) {
        return nullptr;
    }
    *line = *end != '\0' ? end + 1 : end;
    *end = '\0';
    return word;
}

/* A number of the given base up to `most`, and nothing behind it. */
static bool parse(const char *word, int base, uint64_t most, uint64_t *out_number) {
    static const char digits[] = "0123456789abcdef";
    uint64_t number = 0;
    if (word == nullptr || *word == '\0' || strlen(word) > 20) {
        return false;
    }
    for (; *word != '\0'; word++) {
        const char *digit = memchr(digits, *word, (size_t)base);
        if (digit == nullptr || __builtin_mul_overflow(number, (uint64_t)base, &number) ||
            __builtin_add_overflow(number, (uint64_t)(digit - digits), &number)) {
            return false;
        }
    }
    *out_number = number;
    return number <= most;
}

static bool parse_event(const char *word, uint16_t *out_event) {
    for (uint16_t event = 0; word != nullptr && event < TRACE_EVENT_COUNT; event++) {
        if (strcmp(word, event_names[event]) == 0) {
            *out_event = event;
            return true;
        }
    }
    return false;
}

static bool parse_vcpu(char *word, uint16_t *out_vcpu) {
    uint64_t guest;
    uint64_t id;
    if (word != nullptr && strcmp(word, "-") == 0) {
        *out_vcpu = TRACE_NO_VCPU;
        return true;
    }
    char *dot = word != nullptr ? strchr(word, '.') : nullptr;
    if (dot == nullptr) {
        return false;
    }
    *dot = '\0';
    if (!parse(word, 16, MANIFEST_GUESTS_MAX - 1, &guest) || !parse(dot + 1, 16, MANIFEST_VCPUS_MAX - 1, &id)) {
        return false;
    }
    *out_vcpu = (uint16_t)(guest << TRACE_VCPU_BITS | id);
    return true;
}

static bool take_begin(struct reading *reading, char *line) {
    uint64_t version;
    uint64_t ticks;
    if (!parse(next_word(&line), 10, UINT32_MAX, &version)) {
        return false;
    }
    reading->is_other_version = version != TRACE_VERSION;
    if (reading->is_other_version) {
        return true;
    }
    if (!parse(next_word(&line), 10, UINT64_MAX, &ticks) || ticks == 0) {
        return false;
    }
    struct trace_entry *entries = reading->log.entries;
    reading->log = (struct trace_log){.ticks_per_second = ticks, .entries = entries};
    reading->has_begun = true;
    return true;
}

/* A name of the manifest's form; anything else could make a mess of what we write. */
static bool is_name(const char *word) {
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
    return word != nullptr && strlen(word) < MANIFEST_GUEST_NAME_SIZE && strspn(word, letters) == strlen(word);
}

static bool take_guest(struct reading *reading, char *line) {
    uint64_t index;
    if (!parse(next_word(&line), 10, MANIFEST_GUESTS_MAX - 1, &index)) {
        return false;
    }
    const char *name = next_word(&line);
    if (!is_name(name)) {
        return false;
    }
    snprintf(reading->log.guests[index], sizeof(reading->log.guests[index]), "%s", name);
    return true;
}

static bool take_hart(struct reading *reading, char *line) {
    uint64_t hart;
    uint64_t count;
    uint64_t lost;
    if (!parse(next_word(&line), 16, UINT32_MAX, &hart) || !parse(next_word(&line), 10, UINT32_MAX, &count) ||
        !parse(next_word(&line), 10, UINT32_MAX, &lost)) {
        return false;
    }
    reading->log.lost_count += lost;
    return true;
}

/* Makes room for one more entry. */
static bool grow(struct reading *reading) {
    if (reading->log.entry_count < reading->capacity) {
        return true;
    }
    size_t capacity = reading->capacity == 0 ? FIRST_CAPACITY : reading->capacity * 2;
    struct trace_entry *entries = reallocarray(reading->log.entries, capacity, sizeof(*entries));
    if (entries == nullptr) {
        return false;
    }
    reading->log.entries = entries;
    reading->capacity = capacity;
    return true;
}

static bool take_record(struct reading *reading, char *line) {
    uint64_t hart;
    struct trace_entry *entry = &reading->log.entries[reading->log.entry_count];
    if (!parse(next_word(&line), 16, UINT32_MAX, &hart) || !parse(next_word(&line), 16, UINT64_MAX, &entry->time) ||
        !parse_event(next_word(&line), &entry->event) || !parse_vcpu(next_word(&line), &entry->vcpu) ||
        !parse(next_word(&line), 16, UINT64_MAX, &entry->words[0]) ||
        !parse(next_word(&line), 16, UINT64_MAX, &entry->words[1])) {
        return false;
    }
    entry->hart = (uint32_t)hart;
    entry->order = (uint32_t)reading->log.entry_count++;
    return true;
}

static bool take_end(struct reading *reading, char *) {
    reading->log.is_complete = true;
    return true;
}

static const struct {
    const char *word;
    bool (*take)(struct reading *reading, char *line);
} kinds[] = {
    {TRACE_LINE_BEGIN, take_begin},   {TRACE_LINE_GUEST, take_guest}, {TRACE_LINE_HART, take_hart},
    {TRACE_LINE_RECORD, take_record}, {TRACE_LINE_END, take_end},
};

static void take_line(struct reading *reading, char *line) {
    char *rest = line;
    const char *word = next_word(&rest);
    if (line[0] != '#' || word == nullptr) {
        return;
    }
    for (size_t index = 0; index < sizeof(kinds) / sizeof(kinds[0]); index++) {
        bool is_it = strcmp(word, kinds[index].word) == 0;
        if (is_it && (reading->has_begun || kinds[index].take == take_begin)) {
            reading->log.bad_count += !kinds[index].take(reading, rest);
        }
    }
}

static int compare(const void *left, const void *right) {
    const struct trace_entry *a = left;
    const struct trace_entry *b = right;
    if (a->time != b->time) {
        return a->time < b->time ? -1 : 1;
    }
    return a->order < b->order ? -1 : a->order > b->order;
}

status_t trace_log_read(FILE *input, struct trace_log *out_log) {
    char line[LINE_SIZE];
    struct reading reading = {};
    bool has_memory = true;
    while (has_memory && read_line(input, line)) {
        has_memory = grow(&reading);
        if (has_memory) {
            take_line(&reading, line);
        }
    }
    status_t status = !has_memory                ? STATUS_NO_MEMORY
                      : reading.is_other_version ? STATUS_UNSUPPORTED
                      : !reading.has_begun       ? STATUS_NOT_FOUND
                                                 : STATUS_OK;
    if (status != STATUS_OK) {
        free(reading.log.entries);
        return status;
    }
    qsort(reading.log.entries, reading.log.entry_count, sizeof(*reading.log.entries), compare);
    *out_log = reading.log;
    return STATUS_OK;
}

void trace_log_free(struct trace_log *log) {
    free(log->entries);
    *log = (struct trace_log){};
}

const char *trace_log_guest(const struct trace_log *log, uint32_t guest, char buffer[TRACE_LOG_NAME_SIZE]) {
    if (guest < MANIFEST_GUESTS_MAX && log->guests[guest][0] != '\0') {
        return log->guests[guest];
    }
    snprintf(buffer, TRACE_LOG_NAME_SIZE, "guest%" PRIu32, guest);
    return buffer;
}

void trace_log_vcpu(const struct trace_log *log, uint16_t vcpu, char out_text[TRACE_LOG_NAME_SIZE]) {
    char buffer[TRACE_LOG_NAME_SIZE];
    if (vcpu == TRACE_NO_VCPU) {
        snprintf(out_text, TRACE_LOG_NAME_SIZE, "-");
        return;
    }
    snprintf(out_text, TRACE_LOG_NAME_SIZE, "%.16s.%u", trace_log_guest(log, vcpu >> TRACE_VCPU_BITS, buffer),
             vcpu & ((1u << TRACE_VCPU_BITS) - 1));
}
