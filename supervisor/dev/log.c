/*
 * Text goes straight through, piece by piece, so a line has no greatest length.
 */
#include "supervisor/dev/log.h"

#include "lib/format.h"

static struct tty *log_tty;

void log_init(struct tty *tty) {
    log_tty = tty;
}

static void put(struct format_sink *sink, const char *text, size_t size) {
    (void)sink;
    tty_write(log_tty, text, size);
}

void log_line(const char *format, ...) {
    static const char prefix[] = "diosix supervisor: ";
    struct format_sink sink = {put};
    if (log_tty == nullptr) {
        return;
    }
    tty_start_line(log_tty);
    tty_write(log_tty, prefix, sizeof(prefix) - 1);
    va_list arguments;
    va_start(arguments, format);
    format_print_list(&sink, format, arguments);
    va_end(arguments);
    tty_write(log_tty, "\n", 1);
}
