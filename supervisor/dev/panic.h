/*
 * The end of a supervisor that contradicts itself: one report, then the guest is shut down with the reason "system
 * failure". No value from a program, a device or the device tree leads here.
 */
#pragma once

#include "supervisor/arch/riscv/user_context.h"

/* Which hart the report names. */
void panic_set_hart(unsigned long hart);

/* Says why; the registers follow. */
[[noreturn, gnu::format(printf, 1, 2)]] void panic(const char *format, ...);

/* trap.S: the supervisor itself trapped, with these registers (the fields up to value are valid). On the panic's own
 * stack. */
[[noreturn]] void panic_trap(const struct user_context *registers);
