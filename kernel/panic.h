/*
 * The end of the kernel: it has contradicted itself. Nothing that a guest, a device, an image or a device tree says may
 * lead here.
 *
 * A panic says which hart, what, the registers and a backtrace, stops all harts, and ends the machine with a failure.
 */
#pragma once

[[noreturn, gnu::format(printf, 1, 2)]] void panic(const char *format, ...);

/* The kernel itself trapped: `x` are its 32 registers. */
[[noreturn]] void panic_trap(unsigned long pc, unsigned long cause, unsigned long value, const unsigned long *x);

#define CHECK(condition)                                                      \
    do {                                                                      \
        if (!(condition)) {                                                   \
            panic("%s:%d: %s does not hold", __FILE__, __LINE__, #condition); \
        }                                                                     \
    } while (0)
