/*
 * Lines of the kernel on their way to the console. Anybody may write one at any time, on any hart and under any lock
 * but the log's own; it is kept until the console takes it, which before the UART is known may be a while.
 *
 * When the memory is full the oldest lines go, and the reader is told how many. Whatever a line is made of, what
 * comes out is printable ASCII without line breaks, so text that came from a guest or a device tree cannot pass for a
 * line of its own.
 */
#pragma once

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/sync/spinlock.h"
#include "lib/ring.h"

enum {
    LOG_SIZE = 8192,
    LOG_LINE_SIZE = 512, /* a longer line is cut, with "..." at its end; includes the final zero */
};

struct log {
    struct spinlock lock;
    /* guarded by lock: */
    struct ring lines; /* each with LF behind it */
    uint64_t dropped_count;
};

/* An empty log over `size` bytes: a power of two and at least twice LOG_LINE_SIZE. */
void log_init(struct log *log, void *memory, size_t size);

[[gnu::format(printf, 2, 3)]] void log_print(struct log *log, const char *format, ...);
[[gnu::format(printf, 2, 0)]] void log_print_list(struct log *log, const char *format, va_list arguments);

/* Whether there is no line to take: a glance without the lock, true or false of some moment just now. */
bool log_is_empty(const struct log *log);

/*
 * Takes the oldest line into `out_text`, of at least LOG_LINE_SIZE bytes, with a final zero but no LF. False when there
 * is none. After lines were dropped, the first one taken says how many.
 */
bool log_take(struct log *log, char *out_text);

/* log_take for a panic: false too if the lock stays held, as it does for ever if its holder has been stopped. */
bool log_take_bounded(struct log *log, char *out_text);

/*
 * Formats a line as log_print would keep it into `text`, of LOG_LINE_SIZE bytes: cut, and free of what is not
 * printable. Returns its length.
 */
[[gnu::format(printf, 2, 0)]] size_t log_format_list(char *text, const char *format, va_list arguments);
