/*
 * What the payloads here share: loops of ROUND_COUNT rounds between two readings of the time CSR, and the lines that
 * bench.sh reads.
 *
 * Under QEMU's `-icount shift=0` with a time base of 10 MHz a tick is TICK_INSTRUCTIONS instructions, wherever they
 * were executed: nothing that a kernel does for the guest is left out. A loop is written twice, with what is measured
 * and without; the difference is the result. So what a guest sees of a call is everything from the ecall to the
 * instruction behind it.
 *
 * Results are kept and printed at the end, because printing makes work that may be done later.
 */
#pragma once

#include <stdint.h>

enum { ROUND_COUNT = 1000, TICK_INSTRUCTIONS = 100 };

/* The rounds of a loop: `text` is assembly, and the operands behind it are its own. All of a0 to a7 and t0 to t6 may
 * change. Ticks. */
#define MEASURE_LOOP(text, ...)                                                                                      \
    ({                                                                                                               \
        unsigned long start_, end_, left_ = ROUND_COUNT;                                                             \
        __asm__ volatile(".balign 4\n"                                                                               \
                         ".option push\n"                                                                            \
                         ".option norvc\n"                                                                           \
                         "csrr %[start_], time\n"                                                                    \
                         "1:\n" text "addi %[left_], %[left_], -1\n"                                                 \
                         "bnez %[left_], 1b\n"                                                                       \
                         "csrr %[end_], time\n"                                                                      \
                         ".option pop\n"                                                                             \
                         : [start_] "=&r"(start_), [end_] "=&r"(end_), [left_] "+&r"(left_)                          \
                         : __VA_ARGS__                                                                               \
                         : "a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "t0", "t1", "t2", "t3", "t4", "t5", "t6", \
                           "memory");                                                                                \
        (uint32_t)(end_ - start_);                                                                                   \
    })

/* Keeps a result: ticks for ROUND_COUNT rounds, of which each has `known` instructions that do not count. */
void measure_keep(const char *name, uint32_t ticks, uint32_t ticks_without, uint32_t known);

/* Prints what was kept, as lines "bench NAME 12.3". */
void measure_print(void);
