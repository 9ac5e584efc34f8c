/*
 * panic() ends with a breakpoint, so that the registers come from the trap entry like those of any other trap.
 */
#include "supervisor/dev/panic.h"

#include <stdbool.h>

#include "lib/format.h"
#include "supervisor/arch/riscv/sbi.h"
#include "supervisor/dev/log.h"

enum { MESSAGE_SIZE = 160, REGISTER_COUNT = 32, REGISTERS_PER_LINE = 4 };

static unsigned long panic_hart;
static bool is_reporting;

void panic_set_hart(unsigned long hart) {
    panic_hart = hart;
}

void panic(const char *format, ...) {
    char message[MESSAGE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    format_buffer_list(message, sizeof(message), format, arguments);
    va_end(arguments);
    log_line("panic: %s", message);
    __asm__ volatile("ebreak");
    __builtin_unreachable();
}

static void report_registers(const struct user_context *registers) {
    const int digits = sizeof(registers->x[0]) * 2;
    for (int i = 0; i < REGISTER_COUNT; i += REGISTERS_PER_LINE) {
        log_line("  %s%-2d %0*lx %0*lx %0*lx %0*lx", i == 0 ? "pc, x" : "    x", i == 0 ? 1 : i, digits,
                 registers->x[i], digits, registers->x[i + 1], digits, registers->x[i + 2], digits,
                 registers->x[i + 3]);
    }
}

void panic_trap(const struct user_context *registers) {
    /* A trap while this is written: there is nothing left to trust. */
    if (!is_reporting) {
        is_reporting = true;
        log_line("panic on hart %lu: %s (cause %lu), value 0x%lx, sstatus 0x%lx", panic_hart,
                 user_context_cause_text(registers->cause), registers->cause, registers->value, registers->status);
        report_registers(registers);
    }
    sbi_shutdown(SBI_RESET_REASON_FAILURE);
}
