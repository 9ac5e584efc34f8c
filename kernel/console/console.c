/*
 * The mux of console.h: what is shown next, who gets the keys.
 *
 * No lost wake-up: a caller of console_pump sets has_work before it tries the lock, and the holder looks at has_work
 * after it has let go of the lock. With a full fence between the two steps on both sides, either the caller finds the
 * lock open, or the holder sees has_work and goes round again. A holder that runs out of budget returns a deadline
 * instead, so its hart comes back. Who takes the lock without pumping (console_input.c) pumps when it has let go.
 *
 * An unfinished line (a prompt) is shown when nothing has been added for PAUSE, or at once if the cursor is in that
 * line already. When another line takes the screen, the text is kept; the line of the guest that has the keyboard is
 * shown again when it changes, or when the screen has been quiet for PAUSE.
 */
#include "kernel/console/console.h"

#include <string.h>

#include "lib/format.h"

enum {
    PAUSES_PER_SECOND = 20,
    POLLS_PER_SECOND = 1000,
    TURN_SIZE = 256,                             /* bytes of a guest that are looked at in one turn */
    RAW_HIDDEN_LIMIT = PORT_OUTPUT_SIZE * 3 / 4, /* output behind a raw view beyond which */
    RAW_HIDDEN_KEEP = PORT_OUTPUT_SIZE / 2,      /* only the latest this much is kept */
    FLUSH_STALL_LIMIT = 1000000,                 /* looks at a UART that takes nothing */
    FLUSH_CHUNK = 4096,
};

static_assert(LOG_LINE_SIZE <= SCREEN_TEXT_SIZE, "the screen takes every line of the log");
static_assert(LINE_SIZE <= SCREEN_RAW_SIZE && PORT_FETCH_SIZE <= SCREEN_RAW_SIZE, "and what the raw view puts");

static uint64_t pause_of(const struct console *console) {
    return console->config.ticks_per_second / PAUSES_PER_SECOND;
}

static uint64_t poll_of(const struct console *console) {
    return console->config.ticks_per_second / POLLS_PER_SECOND + 1;
}

void console_init(struct console *console, const struct console_config *config) {
    memset(console, 0, sizeof(*console));
    console->config = *config;
    screen_init(&console->screen, config->columns);
}

void console_attach_uart(struct console *console, struct uart *uart) {
    spinlock_lock(&console->lock);
    console->uart = uart;
    uart->ops->rx_irq_enable(uart, uart->has_irq);
    spinlock_unlock(&console->lock);
}

status_t console_add_port(struct console *console, struct port *port) {
    status_t status = STATUS_NO_MEMORY;

    spinlock_lock(&console->lock);
    if (console->port_count < CONSOLE_PORT_COUNT_MAX) {
        struct tag *tag = &port->display.tag;
        tag_init(tag, port->name, console->config.colour ? (int)console->port_count : TAG_NO_COLOUR);
        tagger_init(&port->display.tagger, screen_line_width(&console->screen, tag));
        console->ports[console->port_count++] = port;
        if (console->keyboard == nullptr) {
            console->keyboard = port;
        }
        status = STATUS_OK;
    }
    spinlock_unlock(&console->lock);
    return status;
}

/* Showing lines. */

/* Somebody else's line is about to be shown: the row of the present one ends. */
static void displace_row(struct console *console, uint64_t now) SYNC_NEEDS(console->lock);
static void displace_row(struct console *console, uint64_t now) {
    struct port *port = console->row_port;

    if (port != nullptr && port == console->keyboard && port->display.tagger.line.length > 0) {
        port->display.changed = true;
        port->display.displaced = true;
        port->display.changed_at = now;
    }
    console->row_port = nullptr;
    screen_end_row(&console->screen);
}

static void show_line(struct console *console, struct port *port, uint64_t now) SYNC_NEEDS(console->lock);
static void show_line(struct console *console, struct port *port, uint64_t now) {
    if (console->row_port != port) {
        displace_row(console, now);
        console->row_port = port;
    }
    screen_show(&console->screen, &port->display.tag, &port->display.tagger.line);
    console->screen_changed_at = now;
    port->display.changed = false;
    port->display.displaced = false;
}

static void finish_line(struct console *console, struct port *port, uint64_t now) SYNC_NEEDS(console->lock);
static void finish_line(struct console *console, struct port *port, uint64_t now) {
    /* Where the cursor stood in it no longer matters, so it need not be sent there: most lines end in CR LF. */
    line_move_right(&port->display.tagger.line, LINE_SIZE);
    show_line(console, port, now);
    screen_end_row(&console->screen);
    console->row_port = nullptr;
    tagger_next_line(&port->display.tagger);
}

static bool show_kernel_line(struct console *console, uint64_t now) SYNC_NEEDS(console->lock);
static bool show_kernel_line(struct console *console, uint64_t now) {
    if (!log_take(console->config.log, console->text) &&
        !console->config.next_line(console->config.context, console->text)) {
        return false;
    }
    displace_row(console, now);
    screen_put_line(&console->screen, console->text, strlen(console->text));
    console->screen_changed_at = now;
    return true;
}

/* A guest's turn. */

/* Makes sure that there is a byte of output at hand, if the guest has written one. */
static bool fetch(struct port *port) {
    struct port_display *display = &port->display;

    if (display->fetched_begin == display->fetched_end) {
        display->fetched_begin = 0;
        display->fetched_end = port_take_output(port, display->fetched, sizeof(display->fetched));
    }
    return display->fetched_begin < display->fetched_end;
}

/* After a CR there is nothing new to see yet: LF comes, or text. */
static bool is_just_returned(const struct line *line) {
    return line->cursor == 0 && line->length > 0 && line->changed_from == line->length;
}

/* The line has grown or changed and is not finished. */
static void note_partial_line(struct console *console, struct port *port, uint64_t now) SYNC_NEEDS(console->lock);
static void note_partial_line(struct console *console, struct port *port, uint64_t now) {
    struct port_display *display = &port->display;
    const struct line *line = &display->tagger.line;
    bool is_on_screen = console->row_port == port;
    bool comes_back = display->displaced && port == console->keyboard && line->length > 0;

    display->changed = is_on_screen || line->length > 0;
    display->changed_at = now;
    if ((is_on_screen && !is_just_returned(line)) || comes_back) {
        show_line(console, port, now);
    }
}

/* Takes output through the tagger up to the end of a line. False if there was none. */
static bool take_output(struct console *console, struct port *port, uint64_t now, unsigned *budget)
    SYNC_NEEDS(console->lock);
static bool take_output(struct console *console, struct port *port, uint64_t now, unsigned *budget) {
    struct port_display *display = &port->display;
    unsigned taken = 0;

    while (taken < TURN_SIZE && *budget > 0 && (!display->ending || display->ending_left > 0) && fetch(port)) {
        enum tagger_result result = tagger_put(&display->tagger, display->fetched[display->fetched_begin]);
        size_t used = result != TAGGER_LINE_FULL;
        display->fetched_begin += used;
        display->ending_left -= display->ending ? used : 0;
        taken++;
        (*budget)--;
        if (result != TAGGER_TAKEN) {
            finish_line(console, port, now);
            return true;
        }
    }
    if (taken > 0) {
        note_partial_line(console, port, now);
    }
    return taken > 0;
}

/* Says in a line of the guest's own how much of its output was dropped; what came before the gap ends first. */
static void show_hidden_count(struct console *console, struct port *port, uint64_t now) SYNC_NEEDS(console->lock);
static void show_hidden_count(struct console *console, struct port *port, uint64_t now) {
    struct port_display *display = &port->display;
    char text[48];

    if (display->tagger.line.length > 0) {
        finish_line(console, port, now);
        return;
    }
    format_buffer(text, sizeof(text), "... %llu bytes not shown", (unsigned long long)display->hidden_count);
    display->hidden_count = 0;
    /* A sequence that the gap is in the middle of does not go on behind it. */
    tagger_init(&display->tagger, display->tagger.width);
    for (size_t index = 0; text[index] != '\0'; index++) {
        (void)tagger_put(&display->tagger, (uint8_t)text[index]);
    }
    finish_line(console, port, now);
}

/* The guest is gone and all it printed is through the tagger: what it began to say ends here. */
static void end_output(struct console *console, struct port *port, uint64_t now) SYNC_NEEDS(console->lock);
static void end_output(struct console *console, struct port *port, uint64_t now) {
    struct port_display *display = &port->display;

    display->ending = false;
    if (display->tagger.line.length > 0) {
        finish_line(console, port, now);
    }
    tagger_init(&display->tagger, display->tagger.width);
    display->changed = false;
    display->displaced = false;
}

/* When the unfinished line is to be shown, or UINT64_MAX. */
static uint64_t partial_line_due(const struct console *console, const struct port *port) SYNC_NEEDS(console->lock);
static uint64_t partial_line_due(const struct console *console, const struct port *port) {
    const struct port_display *display = &port->display;

    if (!display->changed) {
        return UINT64_MAX;
    }
    uint64_t since = display->changed_at;
    if (display->displaced && console->screen_changed_at > since) {
        since = console->screen_changed_at;
    }
    return since + pause_of(console);
}

/* False if the guest had nothing to show. */
static bool take_turn(struct console *console, struct port *port, uint64_t now, unsigned *budget)
    SYNC_NEEDS(console->lock);
static bool take_turn(struct console *console, struct port *port, uint64_t now, unsigned *budget) {
    if (port->display.hidden_count > 0) {
        show_hidden_count(console, port, now);
        return true;
    }
    if (take_output(console, port, now, budget)) {
        return true;
    }
    if (partial_line_due(console, port) <= now) {
        show_line(console, port, now);
        return true;
    }
    return false;
}

/*
 * What a guest that is gone had still to say comes before the kernel's lines, one of which says that it is gone. That
 * is a ring's worth at most.
 */
static bool end_guests(struct console *console, uint64_t now, unsigned *budget) SYNC_NEEDS(console->lock);
static bool end_guests(struct console *console, uint64_t now, unsigned *budget) {
    for (size_t index = 0; index < console->port_count; index++) {
        struct port *port = console->ports[index];
        if (!port->display.ending) {
            continue;
        }
        if (port->display.hidden_count > 0) {
            show_hidden_count(console, port, now);
        } else if (!take_output(console, port, now, budget)) {
            end_output(console, port, now);
        }
        return true;
    }
    return false;
}

static bool take_turns(struct console *console, uint64_t now, unsigned *budget) SYNC_NEEDS(console->lock);
static bool take_turns(struct console *console, uint64_t now, unsigned *budget) {
    for (size_t tried = 0; tried < console->port_count; tried++) {
        struct port *port = console->ports[console->turn];
        console->turn = (console->turn + 1) % console->port_count;
        if (take_turn(console, port, now, budget)) {
            return true;
        }
    }
    return false;
}

/* The raw view. */

/* From the tagged view: what the guest's line holds so far, a prompt perhaps, is where the raw view begins. */
static void enter_raw(struct console *console, uint64_t now) SYNC_NEEDS(console->lock);
static void enter_raw(struct console *console, uint64_t now) {
    struct port *port = console->raw_wanted;

    displace_row(console, now);
    console->raw = port;
    screen_put_raw(&console->screen, port->display.tagger.line.cells, port->display.tagger.line.length);
}

static void leave_raw(struct console *console, uint64_t now) SYNC_NEEDS(console->lock);
static void leave_raw(struct console *console, uint64_t now) {
    struct port_display *display = &console->raw->display;

    console->raw = nullptr;
    screen_put_reset(&console->screen);
    display->changed = display->tagger.line.length > 0;
    display->displaced = false;
    display->changed_at = now;
}

static void hide_output(struct port *port) {
    struct port_display *display = &port->display;
    size_t dropped = display->fetched_end - display->fetched_begin; /* older than what is in the ring */

    display->fetched_begin = display->fetched_end;
    dropped += port_trim_output(port, RAW_HIDDEN_KEEP);
    display->hidden_count += dropped;
    display->ending_left -= dropped < display->ending_left ? dropped : display->ending_left;
}

/* What the others print meanwhile is kept while there is room, then the latest of it. */
static void hide_others(struct console *console) SYNC_NEEDS(console->lock);
static void hide_others(struct console *console) {
    for (size_t index = 0; index < console->port_count; index++) {
        struct port *port = console->ports[index];
        if (port != console->raw && port_output_pending(port) > RAW_HIDDEN_LIMIT) {
            hide_output(port);
        }
    }
}

/* Passes bytes on; the tagger sees them too, so that the guest's line is right when the raw view ends. */
static bool take_raw_output(struct console *console, unsigned *budget) SYNC_NEEDS(console->lock);
static bool take_raw_output(struct console *console, unsigned *budget) {
    struct port_display *display = &console->raw->display;

    if (!fetch(console->raw)) {
        return false;
    }
    size_t size = display->fetched_end - display->fetched_begin;
    screen_put_raw(&console->screen, display->fetched + display->fetched_begin, size);
    while (display->fetched_begin < display->fetched_end) {
        enum tagger_result result = tagger_put(&display->tagger, display->fetched[display->fetched_begin]);
        display->fetched_begin += result != TAGGER_LINE_FULL;
        if (result != TAGGER_TAKEN) {
            tagger_next_line(&display->tagger);
        }
    }
    *budget -= size < *budget ? (unsigned)size : *budget;
    return true;
}

/* The pump. */

/* Puts something on the screen, which is idle. False if there is nothing to show now. */
static bool produce(struct console *console, uint64_t now, unsigned *budget) SYNC_NEEDS(console->lock);
static bool produce(struct console *console, uint64_t now, unsigned *budget) {
    if (console->raw != nullptr && console->raw_wanted != console->raw) {
        leave_raw(console, now);
        return true;
    }
    if (console->raw != nullptr) {
        hide_others(console);
        return take_raw_output(console, budget);
    }
    if (end_guests(console, now, budget) || show_kernel_line(console, now)) {
        return true;
    }
    if (console->raw_wanted != nullptr) {
        enter_raw(console, now);
        return true;
    }
    return take_turns(console, now, budget);
}

static bool is_panicking(const struct console *console) {
    return __atomic_load_n(&console->panicking, __ATOMIC_RELAXED);
}

/* Gives the UART what it takes. False if it does not take all, or the budget ends. */
static bool drain(struct console *console, unsigned *budget) SYNC_NEEDS(console->lock);
static bool drain(struct console *console, unsigned *budget) {
    while (!screen_is_idle(&console->screen)) {
        if (*budget == 0 || is_panicking(console) ||
            !console->uart->ops->try_put(console->uart, screen_next(&console->screen))) {
            return false;
        }
        screen_advance(&console->screen);
        (*budget)--;
    }
    return true;
}

/*
 * The next time at which an unfinished line is due. One that is overdue waits for the UART, and looking at it again
 * before a pause has passed would change nothing.
 */
static uint64_t next_partial_line(const struct console *console, uint64_t now) SYNC_NEEDS(console->lock);
static uint64_t next_partial_line(const struct console *console, uint64_t now) {
    uint64_t next = UINT64_MAX;

    for (size_t index = 0; console->raw == nullptr && index < console->port_count; index++) {
        uint64_t due = partial_line_due(console, console->ports[index]);
        if (due <= now) {
            due = now + pause_of(console);
        }
        if (due < next) {
            next = due;
        }
    }
    return next;
}

/* Moves bytes until nothing is left to show, the UART is full or the budget ends; returns the deadline. */
static uint64_t move(struct console *console, uint64_t now, unsigned *budget) SYNC_NEEDS(console->lock);
static uint64_t move(struct console *console, uint64_t now, unsigned *budget) {
    struct uart *uart = console->uart;

    if (uart == nullptr) {
        return UINT64_MAX;
    }
    while (drain(console, budget) && *budget > 0 && produce(console, now, budget)) {
    }
    /* A full UART interrupts when it has room. After a budget's end it may have room now, and must not interrupt yet.
     */
    bool is_full = !screen_is_idle(&console->screen) && *budget > 0;
    uart->ops->tx_irq_enable(uart, is_full && uart->has_irq);

    uint64_t deadline = next_partial_line(console, now);
    uint64_t poll = now + poll_of(console);
    return (*budget == 0 || !uart->has_irq) && poll < deadline ? poll : deadline;
}

uint64_t console_pump(struct console *console, uint64_t now, unsigned budget) {
    uint64_t deadline = UINT64_MAX;

    __atomic_store_n(&console->has_work, true, __ATOMIC_RELAXED);
    do {
        __atomic_thread_fence(__ATOMIC_SEQ_CST); /* has_work is out before we look at the lock */
        if (!spinlock_try(&console->lock)) {
            return UINT64_MAX; /* the holder sees has_work, and returns the deadline to its own hart */
        }
        __atomic_store_n(&console->has_work, false, __ATOMIC_RELAXED);
        __atomic_thread_fence(__ATOMIC_SEQ_CST); /* what others bring from here on sets it again */
        budget -= budget > 0;                    /* each round costs, so that others cannot keep us here for ever */
        deadline = move(console, now, &budget);
        spinlock_unlock(&console->lock);
        __atomic_thread_fence(__ATOMIC_SEQ_CST); /* the lock is open before we look at has_work */
    } while (budget > 0 && __atomic_load_n(&console->has_work, __ATOMIC_RELAXED));
    return deadline;
}

void console_flush(struct console *console, uint64_t now) {
    /* More than there can be when it begins; guests that go on printing do not keep us. */
    size_t allowance = (console->port_count + 4) * (PORT_OUTPUT_SIZE + LOG_SIZE);
    unsigned stall_count = 0;

    spinlock_lock(&console->lock);
    struct port *keyboard = console->keyboard;
    console->keyboard = nullptr; /* so that no unfinished line is shown twice */
    console->raw_wanted = nullptr;
    while (console->uart != nullptr && stall_count < FLUSH_STALL_LIMIT && allowance >= FLUSH_CHUNK &&
           !is_panicking(console)) {
        unsigned budget = FLUSH_CHUNK;
        now += pause_of(console); /* and all of them are due */
        (void)move(console, now, &budget);
        if (budget < FLUSH_CHUNK) {
            allowance -= FLUSH_CHUNK - budget;
            stall_count = 0;
        } else if (!screen_is_idle(&console->screen)) {
            stall_count++;
        } else if (console->row_port != nullptr) {
            displace_row(console, now);
        } else {
            break;
        }
    }
    console->keyboard = keyboard;
    spinlock_unlock(&console->lock);
}
