/*
 * Registers as in the 16550 data sheet. A transmitter that never has room means that there is no such device: give up,
 * so that a wrong device tree costs output and not the guest.
 */
#include "supervisor/dev/uart.h"

enum {
    REGISTER_DATA = 0,
    REGISTER_INTERRUPT_ENABLE = 1,
    REGISTER_FIFO_CONTROL = 2,
    REGISTER_LINE_STATUS = 5,
    FIFO_ENABLE = 1 << 0,
    STATUS_DATA_READY = 1 << 0,
    STATUS_TRANSMITTER_EMPTY = 1 << 5,
    TRANSMIT_POLL_LIMIT = 1000000,
};

void uart_init(const struct uart *uart) {
    uart->store(uart->context, REGISTER_INTERRUPT_ENABLE, 0);
    uart->store(uart->context, REGISTER_FIFO_CONTROL, FIFO_ENABLE);
}

static bool status_has(const struct uart *uart, uint8_t bits) {
    return (uart->load(uart->context, REGISTER_LINE_STATUS) & bits) == bits;
}

bool uart_write(const struct uart *uart, char byte) {
    for (unsigned i = 0; i < TRANSMIT_POLL_LIMIT; i++) {
        if (status_has(uart, STATUS_TRANSMITTER_EMPTY)) {
            uart->store(uart->context, REGISTER_DATA, (uint8_t)byte);
            return true;
        }
    }
    return false;
}

bool uart_read(const struct uart *uart, char *out_byte) {
    if (!status_has(uart, STATUS_DATA_READY)) {
        return false;
    }
    *out_byte = (char)uart->load(uart->context, REGISTER_DATA);
    return true;
}
