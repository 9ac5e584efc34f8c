/*
 * One row per kind of device; the tty sees the row that was chosen. The SBI reads and writes RAM by physical address,
 * so bytes pass through a buffer in the image.
 */
#include "supervisor/dev/console.h"

#include <string.h>

#include "supervisor/arch/riscv/sbi.h"
#include "supervisor/arch/riscv/timer.h"
#include "supervisor/dev/uart.h"
#include "supervisor/mem/kernel_space.h"

#define READ_WAIT_NANOSECONDS 10000000ULL
#define WRITE_WAIT_NANOSECONDS 1000000ULL

/* A console that takes nothing for this many waits loses what it was given. */
enum { BUFFER_SIZE = 256, WRITE_WAIT_LIMIT = 1000 };

static const struct time_source *wait_time;
static char buffer[BUFFER_SIZE];
static volatile uint8_t *uart_registers;
static unsigned uart_shift;

void console_set_time(const struct time_source *time) {
    wait_time = time;
}

static void wait_for(uint64_t nanoseconds) {
    if (wait_time != nullptr) {
        timer_sleep(time_ticks(wait_time, nanoseconds));
    }
}

static void wait_for_input(void *context) {
    (void)context;
    wait_for(READ_WAIT_NANOSECONDS);
}

static void none_write(void *context, const char *bytes, size_t size) {
    (void)context;
    (void)bytes;
    (void)size;
}

static bool none_read(void *context, char *out_byte) {
    (void)context;
    (void)out_byte;
    return false;
}

/* Writes the buffer's first `size` bytes. */
static void sbi_write_buffer(unsigned long size) {
    unsigned long physical = (unsigned long)kernel_physical(buffer).value;
    unsigned long done = 0;
    unsigned waits = 0;
    while (done < size && waits < WRITE_WAIT_LIMIT) {
        unsigned long count = sbi_console_write(physical + done, size - done);
        done += count;
        if (count == 0) {
            waits++;
            wait_for(WRITE_WAIT_NANOSECONDS);
        }
    }
}

static void sbi_write(void *context, const char *bytes, size_t size) {
    (void)context;
    while (size != 0) {
        size_t piece = size < sizeof(buffer) ? size : sizeof(buffer);
        memcpy(buffer, bytes, piece);
        sbi_write_buffer(piece);
        bytes += piece;
        size -= piece;
    }
}

static bool sbi_read(void *context, char *out_byte) {
    (void)context;
    if (sbi_console_read((unsigned long)kernel_physical(buffer).value, 1) != 1) {
        return false;
    }
    *out_byte = buffer[0];
    return true;
}

static uint8_t uart_load(void *context, unsigned index) {
    (void)context;
    return uart_registers[(size_t)index << uart_shift];
}

static void uart_store(void *context, unsigned index, uint8_t value) {
    (void)context;
    uart_registers[(size_t)index << uart_shift] = value;
}

static const struct uart uart = {.load = uart_load, .store = uart_store};

static void uart_write_all(void *context, const char *bytes, size_t size) {
    (void)context;
    size_t done = 0;
    while (done < size && uart_write(&uart, bytes[done])) {
        done++;
    }
}

static bool uart_read_one(void *context, char *out_byte) {
    (void)context;
    return uart_read(&uart, out_byte);
}

static const struct tty_device device_none = {.write = none_write, .read = none_read, .wait = wait_for_input};
static const struct tty_device device_sbi = {.write = sbi_write, .read = sbi_read, .wait = wait_for_input};
static const struct tty_device device_uart = {.write = uart_write_all, .read = uart_read_one, .wait = wait_for_input};
static const struct tty_device *device = &device_none;

bool console_use_sbi(void) {
    if (!sbi_has_extension(SBI_EXTENSION_CONSOLE)) {
        return false;
    }
    device = &device_sbi;
    return true;
}

void console_use_uart(void *registers, unsigned shift) {
    uart_registers = registers;
    uart_shift = shift;
    uart_init(&uart);
    device = &device_uart;
}

const struct tty_device *console_device(void) {
    return device;
}
