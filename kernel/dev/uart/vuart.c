/* The registers of vuart.h (TI PC16550D datasheet, section 8). */
#include "kernel/dev/uart/vuart.h"

#include "kernel/dev/uart/ns16550_registers.h"

void vuart_init(struct vuart *vuart, struct port *port) {
    *vuart = (struct vuart){.port = port};
}

/* A register is one byte: who only looks at one needs no lock. */
static uint8_t get(const uint8_t *value) {
    return __atomic_load_n(value, __ATOMIC_RELAXED);
}

static void set(uint8_t *value, uint8_t to) {
    __atomic_store_n(value, to, __ATOMIC_RELAXED);
}

static bool divisor_is_selected(const struct vuart *vuart) {
    return (get(&vuart->lcr) & NS16550_LCR_DLAB) != 0;
}

static bool is_looped(const struct vuart *vuart) {
    return (get(&vuart->mcr) & NS16550_MCR_LOOP) != 0;
}

struct levels {
    bool has_data;
    bool has_room; /* for a whole FIFO, because that is what a driver writes once it has seen THRE */
};

static struct levels levels(const struct vuart *vuart) {
    uint32_t pending;
    uint32_t space;
    if (is_looped(vuart)) {
        return (struct levels){.has_data = get(&vuart->has_looped_byte), .has_room = true};
    }
    port_look(vuart->port, &pending, &space);
    return (struct levels){.has_data = pending > 0, .has_room = space >= VUART_FIFO_SIZE};
}

static uint8_t read_received(struct vuart *vuart) {
    uint8_t byte = 0;

    if (!is_looped(vuart)) {
        (void)port_read(vuart->port, &byte, 1);
    } else if (get(&vuart->has_looped_byte)) {
        set(&vuart->has_looped_byte, false);
        byte = get(&vuart->looped_byte);
    }
    return byte;
}

/* Whether it was for the port. */
[[gnu::noinline]] static bool write_send(struct vuart *vuart, uint8_t byte) {
    if (is_looped(vuart)) {
        set(&vuart->looped_byte, byte);
        set(&vuart->has_looped_byte, true);
        return false;
    }
    (void)port_write(vuart->port, &byte, 1); /* without room the byte is lost; LSR.THRE said so */
    return true;
}

static uint8_t interrupt_cause(const struct vuart *vuart) {
    struct levels now = levels(vuart);
    if ((get(&vuart->ier) & NS16550_IER_RECEIVED) != 0 && now.has_data) {
        return NS16550_IIR_RECEIVED;
    }
    if ((get(&vuart->ier) & NS16550_IER_THR_EMPTY) != 0 && now.has_room) {
        return NS16550_IIR_THR_EMPTY;
    }
    return NS16550_IIR_NONE;
}

static uint8_t interrupt_identification(const struct vuart *vuart) {
    return interrupt_cause(vuart) | (get(&vuart->fifo_enabled) ? NS16550_IIR_FIFO_ENABLED : 0);
}

[[gnu::noinline]] static void write_fifo_control(struct vuart *vuart, uint8_t value) {
    bool enable = (value & NS16550_FCR_ENABLE) != 0;

    /* Switching the FIFOs on or off empties them too (8.5, FCR bit 0). What was sent already is not unsent. */
    if (enable != get(&vuart->fifo_enabled) || (value & NS16550_FCR_CLEAR_RECEIVER) != 0) {
        set(&vuart->has_looped_byte, false);
        port_drop_input(vuart->port);
    }
    set(&vuart->fifo_enabled, enable);
}

static uint8_t line_status(const struct vuart *vuart) {
    struct levels now = levels(vuart);
    return (uint8_t)((now.has_data ? NS16550_LSR_DATA_READY : 0) |
                     (now.has_room ? NS16550_LSR_THR_EMPTY | NS16550_LSR_IDLE : 0));
}

/* In loopback mode the four inputs are the four outputs (8.7); otherwise somebody is always there and ready. */
static uint8_t modem_status(const struct vuart *vuart) {
    static const struct {
        uint8_t output;
        uint8_t input;
    } wires[] = {
        {NS16550_MCR_DTR, NS16550_MSR_DSR},
        {NS16550_MCR_RTS, NS16550_MSR_CTS},
        {NS16550_MCR_OUT1, NS16550_MSR_RI},
        {NS16550_MCR_OUT2, NS16550_MSR_DCD},
    };
    uint8_t mcr = get(&vuart->mcr);
    uint8_t status = 0;

    if (!is_looped(vuart)) {
        return NS16550_MSR_DCD | NS16550_MSR_DSR | NS16550_MSR_CTS;
    }
    for (unsigned index = 0; index < sizeof(wires) / sizeof(wires[0]); index++) {
        if ((mcr & wires[index].output) != 0) {
            status |= wires[index].input;
        }
    }
    return status;
}

/* What reading changes nothing of; `index` is not RBR. */
static uint8_t look_at_register(const struct vuart *vuart, uint64_t index) {
    switch (index) {
    case NS16550_IER:
        return divisor_is_selected(vuart) ? get(&vuart->dlm) : get(&vuart->ier);
    case NS16550_IIR:
        return interrupt_identification(vuart);
    case NS16550_LCR:
        return get(&vuart->lcr);
    case NS16550_MCR:
        return get(&vuart->mcr);
    case NS16550_LSR:
        return line_status(vuart);
    case NS16550_MSR:
        return modem_status(vuart);
    case NS16550_SCR:
        return get(&vuart->scr);
    default:
        return 0;
    }
}

/* Whether it sent anything. */
static bool write_register(struct vuart *vuart, uint64_t index, uint8_t value) {
    switch (index) {
    case NS16550_THR:
        if (divisor_is_selected(vuart)) {
            set(&vuart->dll, value);
            return false;
        }
        return write_send(vuart, value);
    case NS16550_IER:
        if (divisor_is_selected(vuart)) {
            set(&vuart->dlm, value);
        } else {
            set(&vuart->ier, value & NS16550_IER_MASK);
        }
        return false;
    case NS16550_FCR:
        write_fifo_control(vuart, value);
        return false;
    case NS16550_LCR:
        set(&vuart->lcr, value);
        return false;
    case NS16550_MCR:
        set(&vuart->mcr, value & NS16550_MCR_MASK);
        return false;
    case NS16550_SCR:
        set(&vuart->scr, value);
        return false;
    default: /* LSR and MSR are for reading */
        return false;
    }
}

[[gnu::noinline]] static uint8_t read_data(struct vuart *vuart) {
    spinlock_lock(&vuart->lock);
    uint8_t value = divisor_is_selected(vuart) ? get(&vuart->dll) : read_received(vuart);
    spinlock_unlock(&vuart->lock);
    return value;
}

/* Data apart, so that the registers which drivers poll are read by a function without a frame. */
[[gnu::noinline]] uint8_t vuart_read(struct vuart *vuart, uint64_t offset) {
    if (offset == NS16550_RBR) {
        return read_data(vuart);
    }
    return look_at_register(vuart, offset);
}

bool vuart_write(struct vuart *vuart, uint64_t offset, uint8_t value) {
    spinlock_lock(&vuart->lock);
    bool was_sent = write_register(vuart, offset, value);
    spinlock_unlock(&vuart->lock);
    return was_sent;
}

bool vuart_irq_pending(const struct vuart *vuart) {
    return interrupt_cause(vuart) != NS16550_IIR_NONE;
}
