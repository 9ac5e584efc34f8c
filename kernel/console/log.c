/* The lines of log.h. They are formatted on the writer's stack, so that the lock is held for a copy only. */
#include "kernel/console/log.h"

#include <string.h>

#include "lib/format.h"

static const char cut_mark[] = "...";

void log_init(struct log *log, void *memory, size_t size) {
    memset(log, 0, sizeof(*log));
    (void)ring_init(&log->lines, memory, size);
}

size_t log_format_list(char *text, const char *format, va_list arguments) {
    size_t length = format_buffer_list(text, LOG_LINE_SIZE, format, arguments);

    if (length >= LOG_LINE_SIZE) {
        length = LOG_LINE_SIZE - 1;
        memcpy(text + LOG_LINE_SIZE - sizeof(cut_mark), cut_mark, sizeof(cut_mark));
    }
    for (size_t index = 0; index < length; index++) {
        if (text[index] < 0x20 || text[index] > 0x7e) {
            text[index] = '?';
        }
    }
    return length;
}

static bool take_oldest(struct log *log, char *out_text) SYNC_NEEDS(log->lock);
static bool take_oldest(struct log *log, char *out_text) {
    size_t length = 0;
    char character;

    if (ring_count(&log->lines) == 0) {
        return false;
    }
    while (ring_get(&log->lines, &character, 1) == 1 && character != '\n' && length < LOG_LINE_SIZE - 1) {
        out_text[length++] = character;
    }
    out_text[length] = '\0';
    return true;
}

static void drop_oldest(struct log *log) SYNC_NEEDS(log->lock);
static void drop_oldest(struct log *log) {
    char character;

    while (ring_get(&log->lines, &character, 1) == 1 && character != '\n') {
    }
    log->dropped_count++;
}

void log_print_list(struct log *log, const char *format, va_list arguments) {
    char text[LOG_LINE_SIZE];
    size_t length = log_format_list(text, format, arguments);

    text[length++] = '\n'; /* in the place of the final zero */
    spinlock_lock(&log->lock);
    while (ring_space(&log->lines) < length && ring_count(&log->lines) > 0) {
        drop_oldest(log);
    }
    (void)ring_put(&log->lines, text, length); /* it fits: an empty ring takes any line */
    spinlock_unlock(&log->lock);
}

void log_print(struct log *log, const char *format, ...) {
    va_list arguments;

    va_start(arguments, format);
    log_print_list(log, format, arguments);
    va_end(arguments);
}

static bool take(struct log *log, char *out_text) SYNC_NEEDS(log->lock);
static bool take(struct log *log, char *out_text) {
    if (log->dropped_count > 0) {
        format_buffer(out_text, LOG_LINE_SIZE, "... lines of the kernel not shown: %llu",
                      (unsigned long long)log->dropped_count);
        log->dropped_count = 0;
        return true;
    }
    return take_oldest(log, out_text);
}

bool log_is_empty(const struct log *log) {
    return __atomic_load_n(&log->lines.written, __ATOMIC_RELAXED) ==
           __atomic_load_n(&log->lines.read, __ATOMIC_RELAXED);
}

bool log_take(struct log *log, char *out_text) {
    spinlock_lock(&log->lock);
    bool found = take(log, out_text);
    spinlock_unlock(&log->lock);
    return found;
}

bool log_take_bounded(struct log *log, char *out_text) {
    bool found = false;
    if (spinlock_lock_bounded(&log->lock)) {
        found = take(log, out_text);
        spinlock_unlock(&log->lock);
    }
    return found;
}
