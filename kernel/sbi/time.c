/* TIME: the guest's timer (SBI v3.0, "Timer Extension"). */
#include "kernel/irq/timer.h"
#include "kernel/sbi/sbi.h"

enum { SET_TIMER = 0 };

/* A 64-bit argument takes two registers on rv32. */
static uint64_t argument64(const unsigned long *arguments) {
    uint64_t value = arguments[0];
    if (sizeof(unsigned long) == 4) {
        value |= (uint64_t)arguments[1] << 32;
    }
    return value;
}

/* Without Sstc the kernel compares. A later deadline than the hart's needs nothing: when its timer goes off early, the
 * scheduler sets it anew. */
static inline void set_timer(struct vcpu *vcpu, uint64_t deadline) {
    vcpu->context.stimecmp = deadline;
    arch_context_clear_pending(INTERRUPT_TIMER);
    if (deadline < vcpu->hart->timer_deadline) {
        timer_set(vcpu->hart, deadline);
    }
}

/* Part of the fast path (sbi_call_own), whatever the size of it. */
[[gnu::always_inline]] struct sbi_result sbi_time(struct vcpu *vcpu, unsigned long function,
                                                  const unsigned long *arguments) {
    if (function != SET_TIMER) {
        return sbi_error(SBI_ERR_NOT_SUPPORTED);
    }
    uint64_t deadline = argument64(arguments);
    if (vcpu->context.has_sstc) {
        arch_context_set_timer(deadline);
    } else {
        set_timer(vcpu, deadline);
    }
    return sbi_value(0);
}
