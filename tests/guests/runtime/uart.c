/* Bytes through the data register, when the line status register says so. */
#include "tests/guests/runtime/uart.h"

#include "tests/guests/runtime/machine.h"
#include "tests/guests/runtime/timer.h"

enum { DATA = 0, LINE_STATUS = 5, LINE_STATUS_READY = 0x01, LINE_STATUS_EMPTY = 0x20, POLL_MS = 5 };

static volatile uint8_t *registers(void) {
    return (volatile uint8_t *)machine.uart;
}

void uart_put(const char *text, size_t size) {
    for (size_t index = 0; index < size; index++) {
        while ((registers()[LINE_STATUS] & LINE_STATUS_EMPTY) == 0) {
        }
        registers()[DATA] = (uint8_t)text[index];
    }
}

int uart_get(void) {
    return (registers()[LINE_STATUS] & LINE_STATUS_READY) != 0 ? registers()[DATA] : -1;
}

uint8_t uart_wait(void) {
    for (;;) {
        int key = uart_get();
        if (key >= 0) {
            return (uint8_t)key;
        }
        timer_wait_ms(POLL_MS);
    }
}
