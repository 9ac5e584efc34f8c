/*
 * The kernel's own traps (trap.S brings them here) and the split of a guest's: trap_fast for what needs neither the
 * scheduler nor another hart, trap_slow for all else. Which is which is the portable kernel's business
 * (kernel/guest/trap.h).
 */
#include "kernel/arch/riscv/trap.h"

#include "kernel/arch/hart.h"
#include "kernel/arch/riscv/csr.h"
#include "kernel/guest/trap.h"
#include "kernel/panic.h"

/* On the stack of the interrupted code, by trap.S. */
struct kernel_trap {
    unsigned long x[REG_COUNT]; /* the place of x[0] has the pc */
};

bool trap_fast(struct context *context);
[[noreturn]] void trap_slow(struct context *context);
void trap_kernel(const struct kernel_trap *trap);

void trap_expect(struct hart *hart) {
    hart->trap_cause = 0;
    __atomic_store_n(&hart->trap_expected, 1, __ATOMIC_RELAXED);
    __atomic_signal_fence(__ATOMIC_SEQ_CST); /* trap_kernel, on this hart, reads it */
}

bool trap_came(struct hart *hart) {
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    hart->trap_expected = 0;
    return hart->trap_cause != 0;
}

void trap_kernel(const struct kernel_trap *trap) {
    struct hart *hart = arch_hart_self();
    unsigned long cause = csr_read(mcause);
    if (hart->trap_expected && !(cause & CAUSE_INTERRUPT)) {
        hart->trap_expected = 0;
        hart->trap_cause = cause + 1;
        hart->trap_value = csr_read(mtval);
        csr_write(mepc, trap->x[0] + 4);
        return;
    }
    panic_trap(trap->x[0], cause, csr_read(mtval), trap->x);
}

bool trap_fast(struct context *context) {
    if (csr_read(mcause) != CAUSE_ECALL_S) {
        return false;
    }
    if (!guest_trap_fast(context)) {
        return false;
    }
    csr_write(mepc, csr_read(mepc) + 4);
    return true;
}

void trap_slow(struct context *context) {
    unsigned long cause = csr_read(mcause);
    struct guest_trap trap = {
        .is_interrupt = (cause & CAUSE_INTERRUPT) != 0,
        .cause = cause & ~CAUSE_INTERRUPT,
        .value = csr_read(mtval),
    };
    arch_context_enter(guest_trap_slow(context, &trap));
}
