/*
 * Traps that the kernel itself causes: expected ones (probing a CSR, reaching into a guest) and its own faults.
 */
#pragma once

#include "kernel/hart/hart.h"

/* The exception that a guest knows by another name, since without the H extension it is another: a call or an illegal
 * instruction in VS-mode, and an access beyond what the second stage translates. */
unsigned long trap_cause_of(unsigned long mcause);

/* What may trap next on this hart: it skips the instruction, which must be four bytes long. */
enum trap_expectation : unsigned long {
    TRAP_NONE,
    TRAP_PROBE, /* any instruction */
    TRAP_GUEST, /* one that goes through the guest's own translation and protection; others are the kernel's fault */
};

void trap_expect(struct hart *hart, enum trap_expectation what);

/* Whether none has come since. */
static inline bool trap_is_expected(const struct hart *hart) {
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    return __atomic_load_n(&hart->trap_expected, __ATOMIC_RELAXED) != TRAP_NONE;
}

/* Ends the expectation. */
static inline void trap_expect_none(struct hart *hart) {
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    __atomic_store_n(&hart->trap_expected, TRAP_NONE, __ATOMIC_RELAXED);
}

/* Ends the expectation; true: a trap came, its cause is in hart->trap_cause. */
bool trap_came(struct hart *hart);

/* Runs one CSR instruction that may trap; true: it did not. The instruction is four bytes long (CSR instructions have
 * no short form). */
#define PROBE(hart, ...)               \
    ({                                 \
        trap_expect(hart, TRAP_PROBE); \
        __VA_ARGS__;                   \
        !trap_came(hart);              \
    })
