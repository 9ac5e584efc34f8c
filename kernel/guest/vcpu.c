/* Virtual harts: requests between harts, fences, pending interrupts. */
#include "kernel/guest/vcpu.h"

#include <string.h>

#include "kernel/arch/hart.h"
#include "kernel/arch/relax.h"
#include "kernel/guest/guest.h"
#include "kernel/irq/timer.h"
#include "kernel/trace/trace.h"

static_assert(offsetof(struct vcpu, context) == 0);

void vcpu_init(struct vcpu *vcpu, struct guest *guest, uint32_t id, struct hart *home, const struct policy *policy) {
    memset(vcpu, 0, sizeof *vcpu);
    vcpu->guest = guest;
    vcpu->id = id;
    vcpu->hart = home;
    vcpu->run = VCPU_OFF;
    vcpu->hsm_state = VCPU_HSM_STOPPED;
    runner_init(&vcpu->runner, policy, timer_ticks_per_second());
}

static struct hart *home_of(const struct vcpu *vcpu) {
    return __atomic_load_n(&vcpu->hart, __ATOMIC_SEQ_CST);
}

void vcpu_mail(struct vcpu *vcpu, struct hart *hart) {
    struct vcpu *head = __atomic_load_n(&hart->mailbox, __ATOMIC_RELAXED);
    do {
        vcpu->mail_next = head;
    } while (!__atomic_compare_exchange_n(&hart->mailbox, &head, vcpu, true, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED));
    hart_notify(hart, HART_EVENT_MAIL);
}

void vcpu_set_run(struct vcpu *vcpu, enum vcpu_run run, uint64_t now) {
    vcpu_change_run(vcpu, vcpu->run, run, now);
}

uint64_t vcpu_run_ticks(const struct vcpu *vcpu, enum vcpu_run run, uint64_t now) {
    bool is_running = run == VCPU_RUNNING;
    uint64_t since = is_running ? home_of(vcpu)->queue.now : vcpu->run_since;
    uint64_t present = vcpu->run == run && now > since ? now - since : 0;
    return (is_running ? vcpu->runner.ticks_run : vcpu->run_ticks[run]) + present;
}

/* Has the home look at the requests. */
static void write_letter(struct vcpu *vcpu) {
    if (__atomic_exchange_n(&vcpu->mailed, 1, __ATOMIC_SEQ_CST) != 0) {
        return; /* still in the mailbox: the home clears `mailed` before it takes the requests */
    }
    vcpu_mail(vcpu, home_of(vcpu));
}

void vcpu_post(struct vcpu *vcpu, uint32_t requests) {
    __atomic_fetch_or(&vcpu->requests, requests, __ATOMIC_SEQ_CST);
    write_letter(vcpu);
}

void vcpu_interrupt(struct vcpu *vcpu) {
    __atomic_fetch_or(&vcpu->requests, VCPU_REQUEST_IPI, __ATOMIC_SEQ_CST);
    /* The home says that it runs, and then looks for requests. So either it sees this one, or we see that. */
    if (__atomic_load_n(&vcpu->run, __ATOMIC_SEQ_CST) != VCPU_READY) {
        write_letter(vcpu);
    }
}

[[gnu::cold]] void vcpu_take_interrupt(struct vcpu *vcpu) {
    __atomic_fetch_and(&vcpu->requests, ~(uint32_t)VCPU_REQUEST_IPI, __ATOMIC_SEQ_CST);
    arch_context_set_pending(INTERRUPT_SOFTWARE);
}

uint32_t vcpu_fence_post(struct vcpu *vcpu, enum vcpu_fence fence) {
    /* Sequentially consistent, before we look whether the vcpu is on its hart: the home first says that it is and then
     * looks here. So if it is not, it will have done the fence before it runs. */
    uint32_t number = __atomic_add_fetch(&vcpu->fences_wanted[fence], 1, __ATOMIC_SEQ_CST);
    struct hart *home = home_of(vcpu);
    if (__atomic_load_n(&home->current, __ATOMIC_SEQ_CST) == vcpu) {
        hart_notify(home, HART_EVENT_FENCE);
    }
    return number;
}

bool vcpu_is_live(const struct vcpu *vcpu) {
    return __atomic_load_n(&home_of(vcpu)->current, __ATOMIC_SEQ_CST) == vcpu;
}

void vcpu_do_fence(struct vcpu *vcpu, enum vcpu_fence fence, uint32_t wanted) {
    __atomic_thread_fence(__ATOMIC_ACQUIRE); /* the fence is for what was written before it was asked for */
    if (fence == VCPU_FENCE_I) {
        arch_fetch_flush();
    } else {
        arch_tlb_flush();
    }
    trace(vcpu->hart, TRACE_FENCE, vcpu, fence, wanted);
    /* After the fence: who reads this may rely on it. */
    __atomic_store_n(&vcpu->fences_done[fence], wanted, __ATOMIC_SEQ_CST);
}

void vcpu_fence_wait(struct vcpu *vcpu, enum vcpu_fence fence, uint32_t number) {
    struct vcpu *own = arch_hart_self()->current;
    /* Numbers wrap: the difference tells which is later. */
    while ((int32_t)(__atomic_load_n(&vcpu->fences_done[fence], __ATOMIC_SEQ_CST) - number) < 0 && vcpu_is_live(vcpu)) {
        if (own != nullptr) {
            vcpu_do_fences(own);
        }
        arch_relax();
    }
}

void vcpu_set_pending(struct vcpu *vcpu, unsigned long interrupts) {
    if (vcpu_is_live(vcpu)) {
        arch_context_set_pending(interrupts);
    } else {
        vcpu->context.pending |= interrupts;
    }
}
