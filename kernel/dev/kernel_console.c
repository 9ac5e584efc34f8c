/* The machine's console: configuration, list of guests, power switch, and when to pump. */
#include "kernel/dev/kernel_console.h"

#include "kernel/arch/hart.h"
#include "kernel/boot/machine.h"
#include "kernel/console/kernel_log.h"
#include "kernel/dev/reset.h"
#include "kernel/dev/uart/ns16550a.h"
#include "kernel/guest/guest.h"
#include "kernel/guest/statistics.h"
#include "kernel/irq/timer.h"
#include "kernel/panic.h"
#include "kernel/trace/dump.h"
#include "kernel/trace/trace.h"

enum {
    PUMP_BUDGET = 512, /* bytes moved before the hart goes back to its guest */
    PUMP_REST = 50,    /* how many times as long as a pump took until the next that nobody on the hart asked for */
};

struct console kernel_console;

static struct ns16550a uart;

static struct guest *guest_of(const struct port *port) {
    for (uint32_t index = 0; index < guests_made(); index++) {
        if (&guests[index]->port == port) {
            return guests[index];
        }
    }
    return nullptr;
}

static const char *guest_state(void *, const struct port *port) {
    const struct guest *guest = guest_of(port);
    return guest != nullptr ? guest_state_text(guest) : "unknown";
}

static void obey(const struct port *port, enum guest_order order) {
    struct guest *guest = guest_of(port);
    if (guest != nullptr) {
        guest_obey(guest, order);
    }
}

static void command(void *, enum keys_action action, const struct port *port) {
    switch (action) {
    case KEYS_PAUSE:
        obey(port, GUEST_ORDER_PAUSE);
        break;
    case KEYS_STOP:
        obey(port, GUEST_ORDER_STOP);
        break;
    case KEYS_RESTART:
        obey(port, GUEST_ORDER_RESTART);
        break;
    case KEYS_STATISTICS:
        statistics_print();
        break;
    case KEYS_TRACE:
        trace_switch(!trace_is_on());
        log_line("trace: %s", trace_is_on() ? "on" : "off");
        break;
    case KEYS_DUMP:
        if (!trace_dump_request()) {
            log_line("trace: it is being shown already");
        }
        break;
    default:
        break;
    }
}

static bool next_line(void *, char *out_text) {
    return trace_dump_line(out_text, LOG_LINE_SIZE);
}

static void switch_off(void *) {
    power_off();
}

static unsigned parse_columns(const char *text) {
    unsigned columns = 0;
    for (; *text >= '0' && *text <= '9' && columns < 10000; text++) {
        columns = columns * 10 + (unsigned)(*text - '0');
    }
    return *text == '\0' ? columns : 0;
}

void kernel_console_init(void) {
    char value[8];
    struct console_config config = {
        .log = &kernel_log,
        .columns = machine_bootarg("console.columns", value, sizeof value) ? parse_columns(value) : 0,
        .colour = machine_bootarg("console.colour", value, sizeof value),
        .ticks_per_second = machine.ticks_per_second,
        .guest_state = guest_state,
        .power_off = switch_off,
        .command = command,
        .next_line = next_line,
    };
    console_init(&kernel_console, &config);
}

void kernel_console_attach(void) {
    static bool is_attached;
    if (machine.has_uart && !is_attached) {
        is_attached = true;
        /* machine_read_uart has checked all that the driver asks for. */
        CHECK(ns16550a_init(&uart, &machine.uart) == STATUS_OK);
        console_attach_uart(&kernel_console, &uart.uart);
    }
}

void kernel_console_kick(struct hart *hart) {
    hart->console_deadline = 0;
    hart->chores_at = 0;
    hart->must_decide = true;
}

/* Who asked for it pays for it: the vcpu that printed. What is left over, of others' output too, is nobody's here, and
 * takes the hart for a fiftieth of the time, however much a guest prints elsewhere; but for keys and the kernel's own
 * lines, which are shown at once. */
[[gnu::cold]] static void settle(struct hart *hart, uint64_t began, bool was_asked, uint64_t deadline) {
    uint64_t now = timer_now();
    uint64_t rested = now + (now - began) * PUMP_REST;
    if (was_asked) {
        run_queue_charge(&hart->queue, now);
    } else {
        run_queue_pass(&hart->queue, now);
    }
    hart->console_deadline = deadline > rested ? deadline : rested;
}

[[gnu::cold]] void kernel_console_pump(struct hart *hart, uint64_t now) {
    bool was_asked = hart->console_deadline == 0;
    /* Without a UART interrupt, keys are looked for whenever the console asks to be called. */
    uint64_t deadline = machine.uart.has_irq ? console_pump(&kernel_console, now, PUMP_BUDGET)
                                             : console_receive(&kernel_console, now, PUMP_BUDGET);
    settle(hart, now, was_asked, deadline);
}

[[gnu::cold]] void kernel_console_receive(void) {
    uint64_t now = timer_now();
    settle(arch_hart_self(), now, false, console_receive(&kernel_console, now, PUMP_BUDGET));
}
