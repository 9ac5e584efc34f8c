/*
 * The physical ns16550a. The transmitter is fed by the FIFO-full: once LSR says that it is empty, it takes fifo_size
 * bytes without another look, so a burst costs one status read per sixteen bytes. Nothing here waits.
 *
 * Invariant: `room` never exceeds what the transmitter can take, because it is only refilled when LSR.THRE is seen,
 * which on a 16550A means that the whole FIFO is empty.
 */
#include "kernel/dev/uart/ns16550a.h"

#include "kernel/arch/mmio.h"
#include "kernel/dev/uart/ns16550_registers.h"

enum {
    REG_SHIFT_MAX = 8,
    CLOCKS_PER_BIT = 16, /* of the divided clock */
};

static paddr_t register_address(const struct ns16550a *device, unsigned index) {
    return paddr(device->base.value + ((uint64_t)index << device->reg_shift));
}

static uint8_t register_read(const struct ns16550a *device, unsigned index) {
    paddr_t address = register_address(device, index);

    return device->io_width == 4 ? (uint8_t)arch_mmio_read32(address) : arch_mmio_read8(address);
}

static void register_write(const struct ns16550a *device, unsigned index, uint8_t value) {
    paddr_t address = register_address(device, index);

    if (device->io_width == 4) {
        arch_mmio_write32(address, value);
    } else {
        arch_mmio_write8(address, value);
    }
}

static struct ns16550a *device_of(struct uart *uart) {
    return (struct ns16550a *)uart; /* its first member */
}

static bool try_put(struct uart *uart, uint8_t byte) {
    struct ns16550a *device = device_of(uart);

    if (device->room == 0) {
        if ((register_read(device, NS16550_LSR) & NS16550_LSR_THR_EMPTY) == 0) {
            return false;
        }
        device->room = device->fifo_size;
    }
    register_write(device, NS16550_THR, byte);
    device->room--;
    return true;
}

static bool try_get(struct uart *uart, uint8_t *out_byte) {
    struct ns16550a *device = device_of(uart);

    if ((register_read(device, NS16550_LSR) & NS16550_LSR_DATA_READY) == 0) {
        return false;
    }
    *out_byte = register_read(device, NS16550_RBR);
    return true;
}

static void irq_enable(struct ns16550a *device, uint8_t bit, bool enabled) {
    uint8_t ier = enabled ? (uint8_t)(device->ier | bit) : (uint8_t)(device->ier & ~bit);

    if (ier != device->ier) {
        device->ier = ier;
        register_write(device, NS16550_IER, ier);
    }
}

static void tx_irq_enable(struct uart *uart, bool enabled) {
    irq_enable(device_of(uart), NS16550_IER_THR_EMPTY, enabled);
}

static void rx_irq_enable(struct uart *uart, bool enabled) {
    irq_enable(device_of(uart), NS16550_IER_RECEIVED, enabled);
}

static const struct uart_ops ns16550a_ops = {
    .try_put = try_put,
    .try_get = try_get,
    .tx_irq_enable = tx_irq_enable,
    .rx_irq_enable = rx_irq_enable,
};

/* The divisor nearest to the speed, or 0 if it is not known or the clock cannot make it. */
static uint16_t divisor_of(const struct ns16550a_config *config) {
    if (config->clock_frequency == 0 || config->current_speed == 0) {
        return 0;
    }
    uint64_t per_divisor = (uint64_t)config->current_speed * CLOCKS_PER_BIT;
    uint64_t divisor = (config->clock_frequency + per_divisor / 2) / per_divisor;

    return divisor <= UINT16_MAX ? (uint16_t)divisor : 0;
}

/* 8N1 at the wanted speed. A divisor that is right already is left alone: writing it would garble a byte in flight. */
static void set_line(const struct ns16550a *device, uint16_t divisor) {
    if (divisor != 0) {
        register_write(device, NS16550_LCR, NS16550_LCR_8N1 | NS16550_LCR_DLAB);
        unsigned present = register_read(device, NS16550_DLL) | (unsigned)register_read(device, NS16550_DLM) << 8;
        if (present != divisor) {
            register_write(device, NS16550_DLL, (uint8_t)divisor);
            register_write(device, NS16550_DLM, (uint8_t)(divisor >> 8));
        }
    }
    register_write(device, NS16550_LCR, NS16550_LCR_8N1);
}

static bool config_is_valid(const struct ns16550a_config *config) {
    if ((config->io_width != 1 && config->io_width != 4) || config->reg_shift > REG_SHIFT_MAX) {
        return false;
    }
    if (config->io_width > 1u << config->reg_shift || config->base.value % config->io_width != 0) {
        return false;
    }
    uint64_t size = (uint64_t)NS16550_REGISTER_COUNT << config->reg_shift;

    return size - 1 <= UINT64_MAX - config->base.value;
}

status_t ns16550a_init(struct ns16550a *out_device, const struct ns16550a_config *config) {
    if (!config_is_valid(config)) {
        return STATUS_INVALID;
    }
    *out_device = (struct ns16550a){
        .uart = {.ops = &ns16550a_ops, .has_irq = config->has_irq},
        .base = config->base,
        .reg_shift = config->reg_shift,
        .io_width = config->io_width,
        .fifo_size = 1,
    };
    set_line(out_device, divisor_of(config)); /* also clears DLAB, so that index 1 is IER again */
    register_write(out_device, NS16550_IER, 0);
    register_write(out_device, NS16550_FCR, NS16550_FCR_ENABLE);
    /* Older parts lack the FIFO or have a broken one, and say so (PC16550D 8.6, IIR bits 6 and 7). */
    if ((register_read(out_device, NS16550_IIR) & NS16550_IIR_FIFO_ENABLED) == NS16550_IIR_FIFO_ENABLED) {
        out_device->fifo_size = NS16550_FIFO_SIZE;
    }
    /* OUT2 connects the interrupt on boards that follow the PC. */
    register_write(out_device, NS16550_MCR, NS16550_MCR_DTR | NS16550_MCR_RTS | NS16550_MCR_OUT2);
    return STATUS_OK;
}
