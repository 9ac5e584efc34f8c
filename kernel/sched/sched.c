/* Round robin per hart. Everything here is touched by its own hart alone; other harts send mail (guest/vcpu.c) and jobs
 * (sched/job.c). */
#include "kernel/sched/sched.h"

#include "kernel/arch/hart.h"
#include "kernel/dev/kernel_console.h"
#include "kernel/guest/guest.h"
#include "kernel/irq/external.h"
#include "kernel/irq/ipi.h"
#include "kernel/irq/timer.h"
#include "kernel/isolate/isolate.h"
#include "kernel/sched/job.h"
#include "kernel/sched/mail.h"

enum { SLICE_MS = 5 };

void sched_init_hart(struct hart *hart) {
    list_init(&hart->ready);
    list_init(&hart->jobs);
    list_init(&hart->vcpus);
    hart->timer_deadline = 0; /* unlike any that will be set, so that the first one is */
}

struct hart *sched_choose_home(void) {
    static uint32_t next;
    return harts[next++ % hart_count];
}

void sched_adopt(struct vcpu *vcpu) {
    list_append(&vcpu->hart->vcpus, &vcpu->home_node);
}

void sched_ready(struct vcpu *vcpu) {
    vcpu->run = VCPU_READY;
    list_append(&vcpu->hart->ready, &vcpu->ready_node);
}

void sched_wait(struct vcpu *vcpu) {
    vcpu->run = VCPU_WAITING;
    vcpu->wake_at = arch_context_timer(&vcpu->context);
}

void sched_give_way(struct hart *hart) {
    hart->slice_end = 0;
}

void sched_off(struct vcpu *vcpu) {
    struct hart *hart = vcpu->hart;
    list_remove(&vcpu->ready_node);
    vcpu->run = VCPU_OFF;
    vcpu->wake_at = UINT64_MAX;
    if (hart->current == vcpu) {
        __atomic_store_n(&hart->current, nullptr, __ATOMIC_SEQ_CST);
    }
    if (hart->tlb_owner == vcpu) {
        hart->tlb_owner = nullptr;
        arch_tlb_flush(); /* its memory may have another owner soon */
    }
}

void sched_wake(struct vcpu *vcpu) {
    vcpu->wake_at = UINT64_MAX;
    if (vcpu->resumes_anew) {
        /* A non-retentive suspend ends like a start (SBI v3.0, "hart_suspend"). */
        vcpu->resumes_anew = false;
        if (vcpu_is_live(vcpu)) {
            arch_context_save(&vcpu->context);
            sched_off(vcpu);
        }
        /* What woke it is there for it to see: pending interrupts and the timer are not the hart's to lose. */
        unsigned long pending = vcpu->context.pending;
        uint64_t stimecmp = vcpu->context.stimecmp;
        context_reset(&vcpu->context, vcpu->start_pc, vcpu->id, vcpu->start_opaque);
        vcpu->context.pending = pending;
        vcpu->context.stimecmp = stimecmp;
    }
    __atomic_store_n(&vcpu->hsm_state, VCPU_HSM_STARTED, __ATOMIC_SEQ_CST);
    sched_ready(vcpu);
}

/* Wakes vcpus whose timers have gone off; returns when the next one will. */
static uint64_t wake_expired(struct hart *hart, uint64_t now) {
    uint64_t next = UINT64_MAX;
    LIST_FOR_EACH(node, &hart->vcpus) {
        struct vcpu *vcpu = LIST_CONTAINER(node, struct vcpu, home_node);
        if (vcpu->run != VCPU_WAITING) {
            continue;
        }
        if (vcpu->wake_at <= now) {
            sched_wake(vcpu);
        } else if (vcpu->wake_at < next) {
            next = vcpu->wake_at;
        }
    }
    return next;
}

/* The vcpu whose turn it is, or null. The running one stays while its slice lasts or nobody else wants the hart. */
static struct vcpu *pick(struct hart *hart, uint64_t now) {
    struct vcpu *current = hart->current;
    struct list *first = list_first(&hart->ready);
    bool current_runs = current != nullptr && current->run == VCPU_RUNNING;
    if (current_runs && (first == nullptr || now < hart->slice_end)) {
        return current;
    }
    if (first == nullptr) {
        return nullptr;
    }
    if (current_runs) {
        sched_ready(current);
    }
    list_remove(first);
    struct vcpu *next = LIST_CONTAINER(first, struct vcpu, ready_node);
    next->run = VCPU_RUNNING;
    hart->slice_end = now + timer_ticks_of_ms(SLICE_MS);
    return next;
}

/* Puts a vcpu on the hart. */
static void switch_to(struct hart *hart, struct vcpu *vcpu) {
    struct vcpu *before = hart->current;
    if (before == vcpu) {
        return;
    }
    if (before != nullptr) {
        arch_context_save(&before->context);
    }
    /* Said before the fences are looked at: who asks for one later sees that it has to ring (vcpu_fence_post). */
    __atomic_store_n(&hart->current, vcpu, __ATOMIC_SEQ_CST);
    isolate_activate(hart, vcpu->guest);
    arch_context_load(&vcpu->context, hart);
    if (hart->tlb_owner != vcpu) {
        /* Guests choose their own ASIDs, so nothing of another vcpu may be left. */
        arch_tlb_flush();
        hart->tlb_owner = vcpu;
    }
}

/* The timer interrupt of a guest that has no Sstc is ours to raise; returns when that will be. */
static uint64_t emulate_timer(struct vcpu *vcpu, uint64_t now) {
    if (vcpu->context.has_sstc) {
        return UINT64_MAX;
    }
    if (vcpu->context.stimecmp > now) {
        return vcpu->context.stimecmp;
    }
    arch_context_set_pending(INTERRUPT_TIMER);
    return UINT64_MAX; /* pending until the guest sets its timer anew */
}

static uint64_t earlier(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

/* Sleeps until an interrupt for the kernel is pending. */
static void idle(struct hart *hart, uint64_t deadline) {
    timer_set(hart, deadline);
    uint64_t before = timer_now();
    while (arch_irq_pending() == 0) {
        arch_wait();
    }
    hart->idle_ticks += timer_now() - before;
}

/* What came in since last time. IPIs are taken back before the events are read, so that one that comes in between is
 * seen next time. */
static void serve(struct hart *hart) {
    unsigned long pending = arch_irq_pending();
    if (pending & IRQ_SOFTWARE) {
        ipi_clear(hart);
    }
    if (pending & IRQ_EXTERNAL) {
        external_serve();
    }
    uint32_t events = __atomic_exchange_n(&hart->events, 0, __ATOMIC_SEQ_CST);
    if (events & HART_EVENT_HALT) {
        arch_halt();
    }
    if (events & HART_EVENT_MAIL) {
        (void)mail_read(hart); /* it decides in any case */
    }
    if (events & HART_EVENT_JOB) {
        job_receive(hart);
    }
}

struct context *sched_resume(struct hart *hart) {
    for (;;) {
        serve(hart);
        job_run(hart);
        uint64_t now = timer_now();
        uint64_t deadline = earlier(wake_expired(hart, now), kernel_console_serve(hart, now));
        struct vcpu *vcpu = pick(hart, now);
        bool has_jobs = !list_is_empty(&hart->jobs);
        if (vcpu == nullptr) {
            if (!has_jobs && __atomic_load_n(&hart->events, __ATOMIC_SEQ_CST) == 0) {
                idle(hart, deadline);
            }
            continue;
        }
        switch_to(hart, vcpu);
        vcpu_do_fences(vcpu);
        bool shared = has_jobs || !list_is_empty(&hart->ready);
        context_set_wfi_traps(&vcpu->context, shared);
        deadline = earlier(deadline, emulate_timer(vcpu, now));
        if (shared) {
            deadline = earlier(deadline, hart->slice_end > now ? hart->slice_end : now + 1);
        }
        timer_set(hart, deadline);
        /* Asked for by ourselves since serve(): nobody rings for that. */
        if (__atomic_load_n(&hart->events, __ATOMIC_SEQ_CST) == 0) {
            return &vcpu->context;
        }
    }
}

void sched_enter(struct hart *hart) {
    arch_context_enter(sched_resume(hart));
}
