/*
 * What the console asks of a physical UART. A driver embeds struct uart as its first member and fills in the
 * operations; the console (kernel/console) is the only caller and holds its own lock, so a driver has none.
 *
 * No operation waits: what cannot be done now returns false.
 */
#pragma once

#include <stdint.h>

struct uart;

struct uart_ops {
    /* Takes one byte for sending, or returns false while there is no room. */
    bool (*try_put)(struct uart *uart, uint8_t byte);
    /* Fetches one received byte, or returns false when there is none. */
    bool (*try_get)(struct uart *uart, uint8_t *out_byte);
    /* Whether the UART interrupts while it has room for more to send. */
    void (*tx_irq_enable)(struct uart *uart, bool enabled);
    /* Whether the UART interrupts while it holds received bytes. */
    void (*rx_irq_enable)(struct uart *uart, bool enabled);
};

struct uart {
    const struct uart_ops *ops;
    bool has_irq; /* whether the kernel gets its interrupts; without them the console asks to be called instead */
};
