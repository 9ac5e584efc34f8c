/*
 * All guests and the kernel share one UART. The console shows the kernel's lines first (but behind what a guest that is
 * gone had still to say), then the guests' in turn, one line or a bounded number of bytes each; it sends keys to the
 * guest that has the keyboard. docs/consoles.md describes it from the outside.
 *
 * It never waits: console_pump moves what can be moved now and says when it wants to be called again. Who gives it
 * something to do calls console_pump afterwards: after port_write, after log_print, after console_input and
 * console_select, on the UART's interrupt (console_receive does), and at the deadline that it returned.
 *
 * Any number of harts may do so at once. One pumps, the others leave at once; the one that pumps finds what they
 * brought (console.c says why nothing is missed).
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "abi/status.h"
#include "kernel/console/keys.h"
#include "kernel/console/log.h"
#include "kernel/console/port.h"
#include "kernel/console/screen.h"
#include "kernel/dev/uart/uart.h"
#include "kernel/sync/spinlock.h"

enum {
    CONSOLE_PORT_COUNT_MAX = 64,
};

struct console_config {
    struct log *log;           /* whose lines are shown, and where the console's own go */
    unsigned columns;          /* of the terminal; 0: unknown, lines are not broken for it */
    bool colour;               /* it shows colours */
    uint64_t ticks_per_second; /* of the `now` arguments */

    /* All are called without any lock of the console held, with `context`; none may be null. */
    const char *(*guest_state)(void *context, const struct port *port); /* for the list: "running" */
    void (*power_off)(void *context);                                   /* the user said so */
    /* A command that is about more than the console: KEYS_PAUSE, KEYS_STOP, KEYS_RESTART of the guest of the port, or
     * one for the kernel. The port is the one with the keyboard, null if there is none. */
    void (*command)(void *context, enum keys_action action, const struct port *port);

    /* The next of lines that are made when there is room for them, behind those of the log: writes it, of LOG_LINE_SIZE
     * bytes at most; false: there is none now, and whoever has some pumps. Called under the console's lock. */
    bool (*next_line)(void *context, char *out_text);
    void *context;
};

struct console {
    struct spinlock lock;
    /* guarded by lock: */
    struct screen screen;
    struct keys keys;
    struct uart *uart; /* null until console_attach_uart */
    struct port *ports[CONSOLE_PORT_COUNT_MAX];
    size_t port_count;
    size_t turn;                /* index of the port whose turn is next */
    struct port *keyboard;      /* null while there is no port */
    struct port *row_port;      /* whose unfinished line the cursor is in; null: nobody's */
    struct port *raw;           /* whose bytes pass unchanged; null: the tagged view */
    struct port *raw_wanted;    /* what `raw` is to become */
    uint64_t screen_changed_at; /* when a line was last shown, in ticks */
    char text[LOG_LINE_SIZE];   /* of the line of the kernel being shown */

    /* atomic: */
    bool has_work;  /* somebody brought something since the last pump began */
    bool panicking; /* console_panic_claim was called: pumps stop */
    bool uart_dead; /* it did not take a byte in time during the panic */

    struct console_config config; /* constant */
};

/* The configuration is copied; what it points to must outlive the console. */
void console_init(struct console *console, const struct console_config *config);

/* Where to show it all. What was written before appears now. Enables the UART's receive interrupt. */
void console_attach_uart(struct console *console, struct uart *uart);

/* Gives a port (port_init) its place; the first one gets the keyboard. STATUS_NO_MEMORY after CONSOLE_PORT_COUNT_MAX.
 */
status_t console_add_port(struct console *console, struct port *port);

/* Gives a port the keyboard and says so. */
void console_select(struct console *console, struct port *port);

/*
 * The guest of the port stopped, or is about to start anew: its unfinished line ends once all it printed is shown, keys
 * that it has not read are dropped, its raw view is left.
 */
void console_end_guest(struct console *console, struct port *port);

/*
 * Shows what can be shown now. `budget` bounds the work: about one unit per byte taken from a guest or given to the
 * UART. Returns the time by which to call it again at the latest (the caller's last deadline is void then), or
 * UINT64_MAX: only if something happens.
 */
uint64_t console_pump(struct console *console, uint64_t now, unsigned budget);

/* The UART interrupted: fetches the keys that came, acts on them, pumps. Returns as console_pump. */
uint64_t console_receive(struct console *console, uint64_t now, unsigned budget);

/* A key. The caller pumps afterwards. */
void console_input(struct console *console, uint8_t byte);

/*
 * Before the machine goes off: shows everything there is, unfinished lines too, and waits for the UART as long as it
 * makes progress. Not for use while anything else matters.
 */
void console_flush(struct console *console, uint64_t now);

/*
 * The kernel is about to stop for good (console_panic.c). console_panic_claim takes the UART away from the pumps and
 * says whether the caller is the first to do so: there is one who speaks, with the following two.
 *
 * console_panic_begin shows what the kernel's log still holds, whoever holds the lock. From then on console_panic_line
 * sends lines straight to the UART, waiting a bounded time for each byte; a UART that does not take one in time is not
 * waited for again.
 */
bool console_panic_claim(struct console *console);
void console_panic_begin(struct console *console);
[[gnu::format(printf, 2, 3)]] void console_panic_line(struct console *console, const char *format, ...);
