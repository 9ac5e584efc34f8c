/*
 * Uses all that it gets of a hart, and counts: the instructions of its own and how often it lost the hart. What is left
 * of a span in which all that share a hart do so is what the kernel needed to switch between them.
 */
#pragma once

#include <stdint.h>

#include "tests/guests/runtime/csr.h"

/* A round of the loop below: 16 times addi and bnez, and 8 more. The kernel's own work between two of them is never as
 * long as GAP ticks. */
enum { SPIN_INNER_COUNT = 16, SPIN_ROUND_INSTRUCTIONS = 2 * SPIN_INNER_COUNT + 8, SPIN_GAP = 1000 };

struct spin_share {
    unsigned long rounds;
    unsigned long gaps;
};

/* Until a time, in ticks. The CSR's low half is enough on rv32: the spans are over in seconds. */
static inline struct spin_share spin_until(unsigned long end) {
    struct spin_share share = {};
    unsigned long now, last = csr_read(time);
    __asm__ volatile(".option push\n"
                     ".option norvc\n"
                     "1: li t0, %[inner]\n"
                     "2: addi t0, t0, -1\n"
                     "   bnez t0, 2b\n"
                     "   csrr %[now], time\n"
                     "   sub t0, %[now], %[last]\n"
                     "   sltu t0, %[gap], t0\n"
                     "   add %[gaps], %[gaps], t0\n"
                     "   mv %[last], %[now]\n"
                     "   addi %[rounds], %[rounds], 1\n"
                     "   bltu %[now], %[end], 1b\n"
                     ".option pop\n"
                     : [now] "=&r"(now), [last] "+&r"(last), [gaps] "+&r"(share.gaps), [rounds] "+&r"(share.rounds)
                     : [inner] "i"(SPIN_INNER_COUNT), [gap] "r"(SPIN_GAP), [end] "r"(end)
                     : "t0");
    return share;
}
