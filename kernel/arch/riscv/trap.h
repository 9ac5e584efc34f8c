/*
 * Traps that the kernel itself causes: expected ones (probing a CSR, reaching into a guest) and its own faults.
 */
#pragma once

#include "kernel/hart/hart.h"

/* The exception that a guest knows by another name, since without the H extension it is another: a call or an illegal
 * instruction in VS-mode, and an access beyond what the second stage translates. */
unsigned long trap_cause_of(unsigned long mcause);

/* The next trap on this hart is expected: it skips the instruction, which must be four bytes long. */
void trap_expect(struct hart *hart);

/* Whether none has come since. */
static inline bool trap_is_expected(const struct hart *hart) {
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    return __atomic_load_n(&hart->trap_expected, __ATOMIC_RELAXED) != 0;
}

/* Ends the expectation. */
static inline void trap_expect_none(struct hart *hart) {
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    __atomic_store_n(&hart->trap_expected, 0, __ATOMIC_RELAXED);
}

/* Ends the expectation; true: a trap came, its cause is in hart->trap_cause. */
bool trap_came(struct hart *hart);

/* Runs one CSR instruction that may trap; true: it did not. The instruction is four bytes long (CSR instructions have
 * no short form). */
#define PROBE(hart, ...)   \
    ({                     \
        trap_expect(hart); \
        __VA_ARGS__;       \
        !trap_came(hart);  \
    })
