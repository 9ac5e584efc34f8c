/* The mailbox of a hart: a lock-free stack of vcpus with requests, filled by all (vcpu_post), emptied here by its
 * owner. */
#include "kernel/sched/mail.h"

#include "kernel/guest/guest.h"
#include "kernel/sched/sched.h"

/* The following return whether the scheduler has to look at what they did. */

static bool start(struct vcpu *vcpu) {
    uint32_t expected = VCPU_HSM_START_PENDING;
    /* A request that was overtaken by the end of the guest, or by its next life, finds one of these different. */
    if (vcpu->run != VCPU_OFF || !guest_is_running(vcpu->guest) ||
        !__atomic_compare_exchange_n(&vcpu->hsm_state, &expected, VCPU_HSM_STARTED, false, __ATOMIC_SEQ_CST,
                                     __ATOMIC_SEQ_CST)) {
        return false;
    }
    context_reset(&vcpu->context, vcpu->start_pc, vcpu->id, vcpu->start_opaque);
    /* Its code may have been written by another hart since this one last fetched. */
    __atomic_add_fetch(&vcpu->fences_wanted[VCPU_FENCE_I], 1, __ATOMIC_SEQ_CST);
    sched_ready(vcpu);
    return true;
}

static bool interrupt(struct vcpu *vcpu) {
    vcpu_set_pending(vcpu, INTERRUPT_SOFTWARE);
    if (vcpu->run != VCPU_WAITING) {
        return false;
    }
    sched_wake(vcpu);
    return true;
}

static bool carry_out(struct vcpu *vcpu, uint32_t requests) {
    bool is_for_scheduler = false;
    if (requests & VCPU_REQUEST_STOP) {
        vcpu->resumes_anew = false;
        sched_off(vcpu);
        __atomic_store_n(&vcpu->hsm_state, VCPU_HSM_STOPPED, __ATOMIC_SEQ_CST);
        guest_vcpu_stopped(vcpu->guest); /* last: the guest may be loading anew after this */
        return true;
    }
    if (requests & VCPU_REQUEST_START) {
        is_for_scheduler |= start(vcpu);
    }
    if (requests & VCPU_REQUEST_IPI) {
        is_for_scheduler |= interrupt(vcpu);
    }
    /* While its translations may be in the hart, even if it sleeps: who asked may be waiting. Otherwise when it is put
     * on the hart. */
    if ((requests & VCPU_REQUEST_FENCE) != 0 && vcpu_is_live(vcpu)) {
        vcpu_do_fences(vcpu);
    }
    return is_for_scheduler;
}

bool mail_read(struct hart *hart) {
    bool is_for_scheduler = false;
    struct vcpu *vcpu = __atomic_exchange_n(&hart->mailbox, nullptr, __ATOMIC_SEQ_CST);
    while (vcpu != nullptr) {
        struct vcpu *next = vcpu->mail_next;
        /* In this order: a request that comes after the second line mails the vcpu again. */
        __atomic_store_n(&vcpu->mailed, 0, __ATOMIC_SEQ_CST);
        uint32_t requests = __atomic_exchange_n(&vcpu->requests, 0, __ATOMIC_SEQ_CST);
        is_for_scheduler |= carry_out(vcpu, requests);
        vcpu = next;
    }
    return is_for_scheduler;
}
