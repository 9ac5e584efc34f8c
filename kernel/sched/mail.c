/* The mailbox of a hart: a lock-free stack of vcpus with requests, filled by all (vcpu_post), emptied here by its
 * owner. */
#include "kernel/sched/mail.h"

#include "kernel/arch/context.h"
#include "kernel/guest/guest.h"
#include "kernel/guest/watch.h"
#include "kernel/sched/balance.h"
#include "kernel/sched/sched.h"

/* Makes the vcpu as new, where it was told to start; true: it is to run. */
[[gnu::cold]] static bool start(struct vcpu *vcpu) {
    uint32_t expected = VCPU_HSM_START_PENDING;
    /* A request that was overtaken by the end of the guest, or by its next life, finds one of these different. */
    bool is_alive = guest_is_running(vcpu->guest) || guest_is_paused(vcpu->guest);
    if (vcpu->run != VCPU_OFF || !is_alive ||
        !__atomic_compare_exchange_n(&vcpu->hsm_state, &expected, VCPU_HSM_STARTED, false, __ATOMIC_SEQ_CST,
                                     __ATOMIC_SEQ_CST)) {
        return false;
    }
    context_reset(&vcpu->context, vcpu->start_pc, vcpu->id, vcpu->start_opaque);
    /* Its code may have been written by another hart since this one last fetched. */
    __atomic_add_fetch(&vcpu->fences_wanted[VCPU_FENCE_I], 1, __ATOMIC_SEQ_CST);
    watch_begin(vcpu);
    return true;
}

[[gnu::cold]] static void stop(struct vcpu *vcpu) {
    vcpu->resumes_anew = false;
    sched_off(vcpu);
    /* Recorded, but it never ran again: not for its next life. */
    __atomic_fetch_and(&vcpu->requests, ~(uint32_t)VCPU_REQUEST_IPI, __ATOMIC_SEQ_CST);
    __atomic_store_n(&vcpu->hsm_state, VCPU_HSM_STOPPED, __ATOMIC_SEQ_CST);
    guest_vcpu_stopped(vcpu->guest); /* last: the guest may be loading anew after this */
}

/* The guest's state is looked at, not remembered, so that requests that overtake each other end in the right one. */
[[gnu::cold]] static void follow_guest(struct vcpu *vcpu) {
    if (guest_is_paused(vcpu->guest)) {
        sched_pause(vcpu);
    } else {
        sched_go_on(vcpu);
    }
}

[[gnu::noinline]] static void carry_out(struct vcpu *vcpu, uint32_t requests) {
    bool moves = (requests & VCPU_REQUEST_MOVE) != 0;
    if (moves) {
        balance_receive(vcpu);
    }
    if (requests & VCPU_REQUEST_STOP) {
        stop(vcpu);
        return;
    }
    bool starts = !moves && (requests & VCPU_REQUEST_START) != 0 && start(vcpu);
    if (requests & VCPU_REQUEST_IPI) {
        vcpu_set_pending(vcpu, INTERRUPT_SOFTWARE);
    }
    if (starts || moves) {
        sched_ready(vcpu);
    } else if ((requests & VCPU_REQUEST_IPI) != 0 && vcpu->run == VCPU_WAITING) {
        sched_wake(vcpu);
    }
    if (starts || moves || (requests & VCPU_REQUEST_PAUSE) != 0) {
        follow_guest(vcpu);
    }
}

/* Apart, for what it needs registers for: they seldom move between a letter and its arrival. */
[[gnu::cold, gnu::noinline]] static void pass_on(struct vcpu *vcpu, struct hart *home) {
    vcpu_mail(vcpu, home);
}

void mail_read(struct hart *hart) {
    struct vcpu *vcpu = __atomic_exchange_n(&hart->mailbox, nullptr, __ATOMIC_SEQ_CST);
    while (vcpu != nullptr) {
        struct vcpu *next = vcpu->mail_next;
        struct hart *home = __atomic_load_n(&vcpu->hart, __ATOMIC_SEQ_CST);
        if (home != hart) {
            pass_on(vcpu, home); /* it has moved since the letter was written */
            vcpu = next;
            continue;
        }
        /* In this order: a request that comes after the second line mails the vcpu again. */
        __atomic_store_n(&vcpu->mailed, 0, __ATOMIC_SEQ_CST);
        uint32_t requests = __atomic_exchange_n(&vcpu->requests, 0, __ATOMIC_SEQ_CST);
        if (requests == VCPU_REQUEST_IPI && vcpu == hart->current && vcpu->run == VCPU_RUNNING) {
            arch_context_set_pending(INTERRUPT_SOFTWARE); /* the most frequent letter, in short */
        } else {
            carry_out(vcpu, requests);
        }
        vcpu = next;
    }
}
