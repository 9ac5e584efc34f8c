/* The registers of vuart.h (TI PC16550D datasheet, section 8). */
#include "kernel/dev/uart/vuart.h"

#include "kernel/dev/uart/ns16550_registers.h"

void vuart_init(struct vuart *vuart, struct port *port) {
    *vuart = (struct vuart){.port = port};
}

static bool divisor_is_selected(const struct vuart *vuart) {
    return (vuart->lcr & NS16550_LCR_DLAB) != 0;
}

static bool is_looped(const struct vuart *vuart) {
    return (vuart->mcr & NS16550_MCR_LOOP) != 0;
}

static bool has_data(struct vuart *vuart) {
    return is_looped(vuart) ? vuart->has_looped_byte : port_input_pending(vuart->port) > 0;
}

/* Room for a whole FIFO, because that is what a driver writes once it has seen THRE. */
static bool has_room(struct vuart *vuart) {
    return is_looped(vuart) || port_space(vuart->port) >= NS16550_FIFO_SIZE;
}

static uint8_t read_received(struct vuart *vuart) {
    uint8_t byte = 0;

    if (!is_looped(vuart)) {
        (void)port_read(vuart->port, &byte, 1);
    } else if (vuart->has_looped_byte) {
        vuart->has_looped_byte = false;
        byte = vuart->looped_byte;
    }
    return byte;
}

static void write_send(struct vuart *vuart, uint8_t byte) {
    if (is_looped(vuart)) {
        vuart->looped_byte = byte;
        vuart->has_looped_byte = true;
    } else {
        (void)port_write(vuart->port, &byte, 1); /* without room the byte is lost; LSR.THRE said so */
    }
}

static uint8_t interrupt_cause(struct vuart *vuart) {
    if ((vuart->ier & NS16550_IER_RECEIVED) != 0 && has_data(vuart)) {
        return NS16550_IIR_RECEIVED;
    }
    if ((vuart->ier & NS16550_IER_THR_EMPTY) != 0 && has_room(vuart)) {
        return NS16550_IIR_THR_EMPTY;
    }
    return NS16550_IIR_NONE;
}

static uint8_t interrupt_identification(struct vuart *vuart) {
    return interrupt_cause(vuart) | (vuart->fifo_enabled ? NS16550_IIR_FIFO_ENABLED : 0);
}

static void write_fifo_control(struct vuart *vuart, uint8_t value) {
    bool enable = (value & NS16550_FCR_ENABLE) != 0;

    /* Switching the FIFOs on or off empties them too (8.5, FCR bit 0). What was sent already is not unsent. */
    if (enable != vuart->fifo_enabled || (value & NS16550_FCR_CLEAR_RECEIVER) != 0) {
        vuart->has_looped_byte = false;
        port_drop_input(vuart->port);
    }
    vuart->fifo_enabled = enable;
}

static uint8_t line_status(struct vuart *vuart) {
    return (uint8_t)((has_data(vuart) ? NS16550_LSR_DATA_READY : 0) |
                     (has_room(vuart) ? NS16550_LSR_THR_EMPTY | NS16550_LSR_IDLE : 0));
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
    uint8_t status = 0;

    if (!is_looped(vuart)) {
        return NS16550_MSR_DCD | NS16550_MSR_DSR | NS16550_MSR_CTS;
    }
    for (unsigned index = 0; index < sizeof(wires) / sizeof(wires[0]); index++) {
        if ((vuart->mcr & wires[index].output) != 0) {
            status |= wires[index].input;
        }
    }
    return status;
}

static uint8_t read_register(struct vuart *vuart, uint64_t index) {
    switch (index) {
    case NS16550_RBR:
        return divisor_is_selected(vuart) ? vuart->dll : read_received(vuart);
    case NS16550_IER:
        return divisor_is_selected(vuart) ? vuart->dlm : vuart->ier;
    case NS16550_IIR:
        return interrupt_identification(vuart);
    case NS16550_LCR:
        return vuart->lcr;
    case NS16550_MCR:
        return vuart->mcr;
    case NS16550_LSR:
        return line_status(vuart);
    case NS16550_MSR:
        return modem_status(vuart);
    case NS16550_SCR:
        return vuart->scr;
    default:
        return 0;
    }
}

static void write_register(struct vuart *vuart, uint64_t index, uint8_t value) {
    switch (index) {
    case NS16550_THR:
        if (divisor_is_selected(vuart)) {
            vuart->dll = value;
        } else {
            write_send(vuart, value);
        }
        return;
    case NS16550_IER:
        if (divisor_is_selected(vuart)) {
            vuart->dlm = value;
        } else {
            vuart->ier = value & NS16550_IER_MASK;
        }
        return;
    case NS16550_FCR:
        write_fifo_control(vuart, value);
        return;
    case NS16550_LCR:
        vuart->lcr = value;
        return;
    case NS16550_MCR:
        vuart->mcr = value & NS16550_MCR_MASK;
        return;
    case NS16550_SCR:
        vuart->scr = value;
        return;
    default: /* LSR and MSR are for reading */
        return;
    }
}

uint8_t vuart_read(struct vuart *vuart, uint64_t offset) {
    spinlock_lock(&vuart->lock);
    uint8_t value = read_register(vuart, offset);
    spinlock_unlock(&vuart->lock);
    return value;
}

void vuart_write(struct vuart *vuart, uint64_t offset, uint8_t value) {
    spinlock_lock(&vuart->lock);
    write_register(vuart, offset, value);
    spinlock_unlock(&vuart->lock);
}

bool vuart_irq_pending(struct vuart *vuart) {
    spinlock_lock(&vuart->lock);
    bool pending = interrupt_cause(vuart) != NS16550_IIR_NONE;
    spinlock_unlock(&vuart->lock);
    return pending;
}
