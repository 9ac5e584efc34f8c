/*
 * The keyboard side of console.h: which guest gets the keys, and what the keys after Ctrl-] do.
 *
 * State changes under the console's lock; what leads out of the console (a guest is told of its keys, the list asks for
 * the guests' states, the power goes off) happens after it is released.
 */
#include "kernel/console/console.h"

enum {
    KEYS_PER_INTERRUPT = 64,
};

/* What is left to do for a key once the lock is released. */
struct reaction {
    enum keys_action action;
    struct port *port;    /* that has the keyboard; may be null */
    const char *declined; /* of KEYS_STAY: what there is not to be */
};

static void give_keyboard(struct console *console, struct port *port) SYNC_NEEDS(console->lock);
static void give_keyboard(struct console *console, struct port *port) {
    console->keyboard = port;
    console->raw_wanted = nullptr;
    if (console->row_port != port && port->display.tagger.line.length > 0) {
        port->display.changed = true; /* its prompt is shown again, and soon */
        port->display.changed_at = 0;
    }
    log_print(console->config.log, "keyboard: %s", port->name);
}

void console_select(struct console *console, struct port *port) {
    spinlock_lock(&console->lock);
    give_keyboard(console, port);
    spinlock_unlock(&console->lock);
}

void console_end_guest(struct console *console, struct port *port) {
    spinlock_lock(&console->lock);
    port->display.ending = true;
    port->display.ending_left = port->display.fetched_end - port->display.fetched_begin + port_output_pending(port);
    if (console->raw_wanted == port) {
        console->raw_wanted = nullptr;
    }
    spinlock_unlock(&console->lock);
    port_drop_input(port);
}

static void give_keyboard_to_index(struct console *console, unsigned index) SYNC_NEEDS(console->lock);
static void give_keyboard_to_index(struct console *console, unsigned index) {
    if (index < console->port_count) {
        give_keyboard(console, console->ports[index]);
    } else {
        log_print(console->config.log, "keyboard: there is no guest %c; Ctrl-] l lists them", keys_of_index(index));
    }
}

static void give_keyboard_to_next(struct console *console) SYNC_NEEDS(console->lock);
static void give_keyboard_to_next(struct console *console) {
    for (size_t index = 0; index < console->port_count; index++) {
        if (console->ports[index] == console->keyboard) {
            give_keyboard(console, console->ports[(index + 1) % console->port_count]);
            return;
        }
    }
}

static void toggle_raw(struct console *console, bool was_raw) SYNC_NEEDS(console->lock);
static void toggle_raw(struct console *console, bool was_raw) {
    if (was_raw) {
        log_print(console->config.log, "tagged view of all guests");
    } else if (console->keyboard != nullptr) {
        log_print(console->config.log, "raw view of %s; Ctrl-] r leaves it", console->keyboard->name);
        console->raw_wanted = console->keyboard;
    }
}

static const char *declined_text(enum keys_action asked) {
    return asked == KEYS_QUIT ? "power off" : asked == KEYS_STOP ? "stop" : "restart";
}

/* Does what the lock guards, and says what else is to be done. Every command but Ctrl-] Ctrl-] leaves the raw view. */
static struct reaction react(struct console *console, uint8_t byte) SYNC_NEEDS(console->lock);
static struct reaction react(struct console *console, uint8_t byte) {
    struct keys_event event = keys_press(&console->keys, byte);
    const char *declined = declined_text(console->keys.confirmed);
    bool was_raw = console->raw_wanted != nullptr;

    if (event.action != KEYS_SEND && event.action != KEYS_NOTHING) {
        console->raw_wanted = nullptr;
    }
    switch (event.action) {
    case KEYS_SELECT:
        give_keyboard_to_index(console, event.index);
        break;
    case KEYS_NEXT:
        give_keyboard_to_next(console);
        break;
    case KEYS_RAW:
        toggle_raw(console, was_raw);
        break;
    default:
        break;
    }
    return (struct reaction){.action = event.action, .port = console->keyboard, .declined = declined};
}

static void send_key(struct port *port, uint8_t byte) {
    /* A guest that does not read loses keys beyond its ring, as a UART's FIFO would. */
    if (port != nullptr && port_put_input(port, &byte, 1) == 1 && port->on_input != nullptr) {
        port->on_input(port, port->on_input_context);
    }
}

static void print_help(struct log *log) {
    log_print(log, "Ctrl-] and then");
    log_print(log, "  1-9, a-z  give the keyboard to that guest    n  to the next guest");
    log_print(log, "  r         raw view of this guest, and back   l  list the guests");
    log_print(log, "  p         pause this guest, or let it go on  s  what the guests have used");
    log_print(log, "  x         restart this guest                 k  stop it");
    log_print(log, "  t         trace, or stop tracing             d  show the trace");
    log_print(log, "  q         power off the machine              h  this help");
    log_print(log, "  Ctrl-]    send Ctrl-] to the guest");
}

/* The port at an index, or null behind the last. */
static struct port *port_at(struct console *console, size_t index, bool *out_has_keyboard) {
    struct port *port = nullptr;

    spinlock_lock(&console->lock);
    if (index < console->port_count) {
        port = console->ports[index];
        *out_has_keyboard = port == console->keyboard;
    }
    spinlock_unlock(&console->lock);
    return port;
}

static void print_guests(struct console *console) {
    const struct console_config *config = &console->config;
    bool has_keyboard;
    struct port *port;

    log_print(config->log, "guests (Ctrl-] and the key gives one the keyboard)");
    for (size_t index = 0; (port = port_at(console, index, &has_keyboard)) != nullptr; index++) {
        char key = keys_of_index((unsigned)index);
        log_print(config->log, "  %c  %-15s  %s%s", key != '\0' ? key : '-', port->name,
                  config->guest_state(config->context, port), has_keyboard ? ", has the keyboard" : "");
    }
}

static void ask_about_guest(struct log *log, const char *what, const struct port *port) {
    log_print(log, "%s guest %s? y: yes, any other key: no", what, port != nullptr ? port->name : "none");
}

static void carry_out(struct console *console, struct reaction reaction, uint8_t byte) {
    struct log *log = console->config.log;

    switch (reaction.action) {
    case KEYS_SEND:
        send_key(reaction.port, byte);
        return;
    case KEYS_LIST:
        print_guests(console);
        return;
    case KEYS_HELP:
        print_help(log);
        return;
    case KEYS_ASK_QUIT:
        log_print(log, "power off, with all guests? y: yes, any other key: no");
        return;
    case KEYS_ASK_STOP:
        ask_about_guest(log, "stop", reaction.port);
        return;
    case KEYS_ASK_RESTART:
        ask_about_guest(log, "restart", reaction.port);
        return;
    case KEYS_PAUSE:
    case KEYS_STOP:
    case KEYS_RESTART:
    case KEYS_STATISTICS:
    case KEYS_TRACE:
    case KEYS_DUMP:
        console->config.command(console->config.context, reaction.action, reaction.port);
        return;
    case KEYS_QUIT:
        log_print(log, "power off: yes");
        console->config.power_off(console->config.context);
        return;
    case KEYS_STAY:
        log_print(log, "%s: no", reaction.declined);
        return;
    case KEYS_UNKNOWN:
        log_print(log, "Ctrl-]: no such command; Ctrl-] h lists them");
        return;
    case KEYS_NOTHING:
    case KEYS_SELECT:
    case KEYS_NEXT:
    case KEYS_RAW:
        return;
    }
}

void console_input(struct console *console, uint8_t byte) {
    spinlock_lock(&console->lock);
    struct reaction reaction = react(console, byte);
    spinlock_unlock(&console->lock);
    carry_out(console, reaction, byte);
}

static bool fetch_key(struct console *console, uint8_t *out_byte) {
    spinlock_lock(&console->lock);
    struct uart *uart = console->uart;
    bool found = uart != nullptr && uart->ops->try_get(uart, out_byte);
    spinlock_unlock(&console->lock);
    return found;
}

uint64_t console_receive(struct console *console, uint64_t now, unsigned budget) {
    uint8_t byte;

    for (unsigned count = 0; count < KEYS_PER_INTERRUPT && fetch_key(console, &byte); count++) {
        console_input(console, byte);
    }
    return console_pump(console, now, budget);
}
