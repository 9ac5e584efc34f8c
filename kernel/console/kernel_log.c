/* The kernel's log in static memory: it works before anything is initialised. */
#include "kernel/console/kernel_log.h"

static uint8_t memory[LOG_SIZE];

struct log kernel_log = {.lines = {.bytes = memory, .size = sizeof(memory)}};

void log_line(const char *format, ...) {
    va_list arguments;

    va_start(arguments, format);
    log_print_list(&kernel_log, format, arguments);
    va_end(arguments);
}
