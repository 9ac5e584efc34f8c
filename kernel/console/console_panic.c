/*
 * The console's last words (console.h). Nothing here waits for anybody without a bound: the lock may be held by a hart
 * that has been stopped, or by the very code that failed, and the UART may be what is broken.
 */
#include "kernel/console/console.h"

#include <string.h>

enum {
    BYTE_TRY_LIMIT = 1000000, /* some times what a byte takes at 9600 baud */
};

static void put_byte(struct console *console, uint8_t byte) {
    struct uart *uart = console->uart;
    unsigned limit = console->uart_dead ? 1 : BYTE_TRY_LIMIT;

    for (unsigned count = 0; uart != nullptr && count < limit; count++) {
        if (uart->ops->try_put(uart, byte)) {
            console->uart_dead = false;
            return;
        }
    }
    console->uart_dead = true;
}

static void put_line(struct console *console, const char *text, size_t size) {
    for (size_t index = 0; index < size; index++) {
        put_byte(console, (uint8_t)text[index]);
    }
    put_byte(console, '\r');
    put_byte(console, '\n');
}

static void put_screen(struct console *console) {
    while (!screen_is_idle(&console->screen)) {
        put_byte(console, screen_next(&console->screen));
        screen_advance(&console->screen);
    }
}

/* Brings what was on its way to the screen to an end. Only for who has the lock: without it the state may be anything.
 */
static void finish_screen(struct console *console) SYNC_NEEDS(console->lock);
static void finish_screen(struct console *console) {
    put_screen(console);
    if (console->raw != nullptr) {
        console->raw = nullptr;
        screen_put_reset(&console->screen);
    }
    console->row_port = nullptr;
    screen_end_row(&console->screen);
    put_screen(console);
}

bool console_panic_claim(struct console *console) {
    return !__atomic_exchange_n(&console->panicking, true, __ATOMIC_SEQ_CST);
}

/* Leaves the lock held, if it got it: nobody is to pump any more. */
SYNC_UNCHECKED void console_panic_begin(struct console *console) {
    char text[LOG_LINE_SIZE];

    if (spinlock_lock_bounded(&console->lock)) {
        finish_screen(console);
    } else {
        put_line(console, "", 0);
    }
    while (log_take_bounded(console->config.log, text)) {
        put_line(console, text, strlen(text));
    }
}

void console_panic_line(struct console *console, const char *format, ...) {
    char text[LOG_LINE_SIZE];
    va_list arguments;

    va_start(arguments, format);
    size_t size = log_format_list(text, format, arguments);
    va_end(arguments);
    put_line(console, text, size);
}
