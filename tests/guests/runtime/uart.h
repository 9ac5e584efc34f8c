/* The guest's emulated 16550A, polled. */
#pragma once

#include <stddef.h>
#include <stdint.h>

void uart_put(const char *text, size_t size);

/* A key, or -1 if there is none. */
int uart_get(void);

/* Waits for a key. */
uint8_t uart_wait(void);
