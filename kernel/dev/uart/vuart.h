/*
 * The ns16550a that a guest sees: eight byte-wide registers over the guest's port of the console. Linux's 8250 driver
 * (which polls it when its node has no interrupts), U-Boot and our supervisor drive it.
 *
 * The trap handler calls vuart_read and vuart_write for the guest's loads and stores, from any number of its vcpus at
 * once. Whatever a guest does with it changes nothing but this struct and the guest's own port.
 *
 * It differs from the hardware where waiting would be needed: LSR.THRE is clear while the port has less room than a
 * FIFO, so that a guest which prints faster than the UART sends waits by itself, and a byte written in spite of that
 * is lost. The THRE interrupt follows the level of THRE; reading IIR does not clear it.
 */
#pragma once

#include <stdint.h>

#include "kernel/console/port.h"
#include "kernel/sync/spinlock.h"

/* Bytes that a driver may write once it has seen THRE. More than the original's 16: the tree says so (fifo-size), and a
 * driver that polls does so less often the longer it takes to send them. */
enum { VUART_FIFO_SIZE = 64 };

struct vuart {
    struct spinlock lock;
    /* atomic, written under the lock: the registers as written, and in loopback mode the byte that came back */
    uint8_t ier;
    uint8_t lcr;
    uint8_t mcr;
    uint8_t scr;
    uint8_t dll;
    uint8_t dlm;
    uint8_t looped_byte;
    uint8_t has_looped_byte; /* 0 or 1 */
    uint8_t fifo_enabled;    /* 0 or 1 */

    struct port *port; /* constant */
};

/* In the state after reset, for a guest that starts or starts again. */
void vuart_init(struct vuart *vuart, struct port *port);

/* A load or store of one byte at an offset from the base. Offsets beyond the registers read 0 and ignore writes. A
 * write returns whether the console may have something to show for it. */
uint8_t vuart_read(struct vuart *vuart, uint64_t offset);
bool vuart_write(struct vuart *vuart, uint64_t offset, uint8_t value);

/* Whether its interrupt line is raised: IIR would name a cause. */
bool vuart_irq_pending(const struct vuart *vuart);
