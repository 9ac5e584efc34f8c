/*
 * An ns16550a, polled: no interrupt, because a guest's emulated one need not have any. Which baud rate and line format
 * it runs at is left as the firmware set it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct uart {
    /* How to reach register 0 to 7; `shift` is already in it. */
    void *context;
    uint8_t (*load)(void *context, unsigned index);
    void (*store)(void *context, unsigned index, uint8_t value);
};

/* Polled, with the FIFOs on. */
void uart_init(const struct uart *uart);

/* Waits for room, but not for ever: false when there was none. */
bool uart_write(const struct uart *uart, char byte);

/* A byte if one has come. */
bool uart_read(const struct uart *uart, char *out_byte);
