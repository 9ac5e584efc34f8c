/*
 * FWFT: what a hart of the guest asks its firmware to do for it (SBI v3.0, "Firmware Features Extension"). One feature:
 * DOUBLE_TRAP, on harts with Ssdbltrp. Then a trap that comes before the guest has saved what the last one left does
 * not go round in the guest for ever but ends it, with a report.
 */
#include "kernel/guest/guest.h"
#include "kernel/sbi/sbi.h"

enum { FWFT_SET = 0, FWFT_GET = 1 };

enum : uint32_t {
    FEATURE_DOUBLE_TRAP = 3,
    FEATURE_DEFINED_LAST = 5, /* behind it, and in all the ranges further up, there is none that we have */
};

enum : unsigned long { FLAG_LOCK = 1 };

/* Whether the feature is one that could be had here; *out_error says why not. */
static bool can_have(const struct vcpu *vcpu, uint32_t feature, enum sbi_error *out_error) {
    *out_error = feature <= FEATURE_DEFINED_LAST ? SBI_ERR_NOT_SUPPORTED : SBI_ERR_DENIED;
    return feature == FEATURE_DOUBLE_TRAP && hart_has(vcpu->hart, HART_DOUBLE_TRAP);
}

static struct sbi_result set(struct vcpu *vcpu, unsigned long value, unsigned long flags) {
    if (value > 1 || (flags & ~FLAG_LOCK) != 0) {
        return sbi_error(SBI_ERR_INVALID_PARAM);
    }
    if (vcpu->context.double_trap_is_locked) {
        return sbi_error(SBI_ERR_DENIED_LOCKED);
    }
    arch_context_set_double_trap(&vcpu->context, value != 0);
    vcpu->context.double_trap_is_locked = (flags & FLAG_LOCK) != 0;
    vcpu->hart->must_decide = true; /* whether it has to be looked at has changed (guest/watch.h) */
    return sbi_value(0);
}

struct sbi_result sbi_fwft(struct vcpu *vcpu, unsigned long function, const unsigned long *arguments) {
    enum sbi_error error;
    if (function > FWFT_GET) {
        return sbi_error(SBI_ERR_NOT_SUPPORTED);
    }
    if (!can_have(vcpu, (uint32_t)arguments[0], &error)) {
        return sbi_error(error);
    }
    return function == FWFT_SET ? set(vcpu, arguments[1], arguments[2]) : sbi_value(vcpu->context.has_double_trap);
}
