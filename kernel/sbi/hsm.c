/* HSM: starting, stopping and suspending the guest's harts (SBI v3.0, "Hart State Management Extension"). */
#include "kernel/guest/guest.h"
#include "kernel/sbi/sbi.h"
#include "kernel/sched/sched.h"

enum { HART_START = 0, HART_STOP = 1, HART_GET_STATUS = 2, HART_SUSPEND = 3 };

/* Kinds of suspend; the type is 32 bits wide whatever the register. */
enum : uint32_t {
    SUSPEND_RETENTIVE = 0,
    SUSPEND_NON_RETENTIVE = 0x80000000,
};

/* A guest enters where it has RAM; anything else would be its first fault. */
static bool can_start_at(const struct guest *guest, unsigned long address) {
    return address % 2 == 0 && guest_owns(guest, gpaddr(address), 2);
}

static struct sbi_result hart_start(struct guest *guest, const unsigned long *arguments) {
    struct vcpu *target = guest_vcpu(guest, arguments[0]);
    if (target == nullptr) {
        return sbi_error(SBI_ERR_INVALID_PARAM);
    }
    if (!can_start_at(guest, arguments[1])) {
        return sbi_error(SBI_ERR_INVALID_ADDRESS);
    }
    uint32_t expected = VCPU_HSM_STOPPED;
    if (!__atomic_compare_exchange_n(&target->hsm_state, &expected, VCPU_HSM_START_PENDING, false, __ATOMIC_SEQ_CST,
                                     __ATOMIC_SEQ_CST)) {
        return sbi_error(SBI_ERR_ALREADY_AVAILABLE);
    }
    /* Whoever won the state over writes these; the post that follows publishes them. */
    target->start_pc = arguments[1];
    target->start_opaque = arguments[2];
    __atomic_add_fetch(&guest->started, 1, __ATOMIC_SEQ_CST);
    vcpu_post(target, VCPU_REQUEST_START);
    return sbi_value(0);
}

static struct sbi_result hart_stop(struct vcpu *vcpu) {
    sched_off(vcpu);
    __atomic_store_n(&vcpu->hsm_state, VCPU_HSM_STOPPED, __ATOMIC_SEQ_CST);
    if (__atomic_sub_fetch(&vcpu->guest->started, 1, __ATOMIC_SEQ_CST) == 0) {
        /* Nobody is left who could start one again. */
        guest_stop(vcpu->guest, &(struct guest_end){.kind = GUEST_END_SHUTDOWN, .vcpu = vcpu->id});
    }
    return sbi_no_return();
}

static struct sbi_result hart_get_status(const struct guest *guest, const unsigned long *arguments) {
    const struct vcpu *target = guest_vcpu(guest, arguments[0]);
    if (target == nullptr) {
        return sbi_error(SBI_ERR_INVALID_PARAM);
    }
    return sbi_value(__atomic_load_n(&target->hsm_state, __ATOMIC_SEQ_CST));
}

/* Waits like WFI, and returns; or goes on at the given address like a hart that starts. */
static struct sbi_result suspend(struct vcpu *vcpu, bool is_retentive, const unsigned long *arguments) {
    if (!is_retentive) {
        vcpu->start_pc = arguments[1];
        vcpu->start_opaque = arguments[2];
        vcpu->resumes_anew = true;
    }
    if (arch_context_wakeups() == 0) {
        __atomic_store_n(&vcpu->hsm_state, VCPU_HSM_SUSPENDED, __ATOMIC_SEQ_CST);
        sched_wait(vcpu);
    } else if (!is_retentive) {
        sched_wake(vcpu); /* at once; it has not waited, which would be a sign of life */
    }
    return is_retentive ? sbi_value(0) : sbi_no_return();
}

static struct sbi_result hart_suspend(struct vcpu *vcpu, const unsigned long *arguments) {
    uint32_t type = (uint32_t)arguments[0];
    switch (type) {
    case SUSPEND_RETENTIVE:
        return suspend(vcpu, true, arguments);
    case SUSPEND_NON_RETENTIVE:
        if (!can_start_at(vcpu->guest, arguments[1])) {
            return sbi_error(SBI_ERR_INVALID_ADDRESS);
        }
        return suspend(vcpu, false, arguments);
    default:
        return sbi_error(SBI_ERR_INVALID_PARAM); /* reserved, or a platform's own, of which there are none */
    }
}

struct sbi_result sbi_hsm(struct vcpu *vcpu, unsigned long function, const unsigned long *arguments) {
    switch (function) {
    case HART_START:
        return hart_start(vcpu->guest, arguments);
    case HART_STOP:
        return hart_stop(vcpu);
    case HART_GET_STATUS:
        return hart_get_status(vcpu->guest, arguments);
    case HART_SUSPEND:
        return hart_suspend(vcpu, arguments);
    default:
        return sbi_error(SBI_ERR_NOT_SUPPORTED);
    }
}
