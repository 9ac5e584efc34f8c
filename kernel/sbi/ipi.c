/* IPI: software interrupts between the guest's harts (SBI v3.0, "IPI Extension"). */
#include "kernel/sbi/sbi.h"
#include "kernel/sbi/targets.h"

enum { SEND_IPI = 0 };

/* Nobody is there to be interrupted, and whoever has the hart is not to be disturbed for it. */
static bool is_stopped(const struct vcpu *vcpu) {
    return __atomic_load_n(&vcpu->hsm_state, __ATOMIC_RELAXED) == VCPU_HSM_STOPPED;
}

[[gnu::noinline]] struct sbi_result sbi_ipi(struct vcpu *vcpu, unsigned long function, const unsigned long *arguments) {
    if (function != SEND_IPI) {
        return sbi_error(SBI_ERR_NOT_SUPPORTED);
    }
    uint64_t targets;
    if (sbi_targets_decode(vcpu->guest, arguments[0], arguments[1], &targets) != STATUS_OK) {
        return sbi_error(SBI_ERR_INVALID_PARAM);
    }
    for (uint32_t id = 0; targets != 0; id++, targets >>= 1) {
        if ((targets & 1) == 0) {
            continue;
        }
        if (id == vcpu->id) {
            arch_context_set_pending(INTERRUPT_SOFTWARE);
        } else if (!is_stopped(vcpu->guest->vcpus[id])) {
            vcpu_interrupt(vcpu->guest->vcpus[id]);
        }
    }
    return sbi_value(0);
}
