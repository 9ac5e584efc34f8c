/*
 * Driver of a physical ns16550a and its many compatibles, described by what the device tree says of it
 * (Documentation/devicetree/bindings/serial/8250.yaml).
 */
#pragma once

#include <stdint.h>

#include "abi/status.h"
#include "kernel/dev/uart/uart.h"
#include "lib/address.h"

struct ns16550a_config {
    paddr_t base;             /* of register 0: reg plus reg-offset */
    uint32_t reg_shift;       /* log2 of the distance between registers, 0..8 */
    uint32_t io_width;        /* bytes per access: 1 or 4 */
    uint32_t clock_frequency; /* Hz; 0 if the tree does not say: then the speed stays what the firmware set */
    uint32_t current_speed;   /* baud; 0 likewise */
    bool has_irq;
};

struct ns16550a {
    struct uart uart; /* first */
    paddr_t base;
    uint32_t reg_shift;
    uint32_t io_width;
    uint8_t fifo_size; /* bytes that the transmitter takes once it is empty */
    uint8_t room;      /* of these, how many it still takes without being asked */
    uint8_t ier;       /* as last written */
};

/*
 * Takes the device over with its interrupts off, and sets up `out_device->uart` for the console.
 * STATUS_INVALID, with the device untouched: an io_width other than 1 and 4, registers that overlap or are not aligned
 * for it, or that run past the end of the address space.
 */
status_t ns16550a_init(struct ns16550a *out_device, const struct ns16550a_config *config);
