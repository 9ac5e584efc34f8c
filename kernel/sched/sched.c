/* The turn of a hart: what happened, who goes on, until when. Everything here is touched by its own hart alone; other
 * harts send mail (guest/vcpu.c) and jobs (sched/job.c). */
#include "kernel/sched/sched.h"

#include "kernel/arch/hart.h"
#include "kernel/console/kernel_log.h"
#include "kernel/dev/kernel_console.h"
#include "kernel/guest/guest.h"
#include "kernel/guest/watch.h"
#include "kernel/irq/external.h"
#include "kernel/irq/ipi.h"
#include "kernel/irq/timer.h"
#include "kernel/isolate/isolate.h"
#include "kernel/sched/balance.h"
#include "kernel/sched/job.h"
#include "kernel/sched/mail.h"
#include "kernel/trace/trace.h"

/* A step of a job takes about a millisecond: with this pause, jobs get a sixth of a hart that others want, too. */
enum { JOB_PAUSE_MS = 5 };

[[gnu::cold]] void sched_init_hart(struct hart *hart) {
    run_queue_init(&hart->queue);
    list_init(&hart->jobs);
    hart->must_decide = true;
}

/* Something is about to change: what was until now is charged as it was. */
static void change(struct hart *hart) {
    run_queue_charge(&hart->queue, timer_now_on(hart));
    hart->must_decide = true;
}

void sched_ready(struct vcpu *vcpu) {
    struct hart *hart = vcpu->hart;
    change(hart);
    vcpu_set_run(vcpu, VCPU_READY, hart->queue.now);
    run_queue_ready(&hart->queue, &vcpu->runner);
    hart->has_news |= vcpu->runner.can_move;
}

void sched_work(struct vcpu *vcpu, struct job *job) {
    vcpu->work = job;
    sched_ready(vcpu);
}

void sched_wait(struct vcpu *vcpu) {
    struct hart *hart = vcpu->hart;
    change(hart);
    vcpu_set_run(vcpu, VCPU_WAITING, hart->queue.now);
    watch_sign(vcpu);
    run_queue_wait(&hart->queue, &vcpu->runner, arch_context_timer(&vcpu->context));
}

void sched_give_way(struct hart *hart) {
    change(hart);
    run_queue_yield(&hart->queue);
}

/* Takes the registers of a vcpu out of the hart, if there are any, and leaves it without one. */
[[gnu::noinline]] static void set_aside(struct hart *hart) {
    if (hart->current != nullptr) {
        arch_context_save(&hart->current->context);
        __atomic_store_n(&hart->current, nullptr, __ATOMIC_SEQ_CST);
    }
}

void sched_off(struct vcpu *vcpu) {
    struct hart *hart = vcpu->hart;
    change(hart);
    run_queue_away(&hart->queue, &vcpu->runner);
    vcpu_set_run(vcpu, VCPU_OFF, hart->queue.now);
    if (hart->current == vcpu) {
        set_aside(hart); /* its timer must not go off in the next one */
    }
    if (hart->tlb_owner == vcpu) {
        hart->tlb_owner = nullptr;
        arch_tlb_flush(); /* its memory may have another owner soon */
    }
}

[[gnu::cold]] void sched_pause(struct vcpu *vcpu) {
    struct hart *hart = vcpu->hart;
    if (vcpu->run == VCPU_OFF || vcpu->run == VCPU_PAUSED) {
        return;
    }
    change(hart);
    run_queue_away(&hart->queue, &vcpu->runner);
    vcpu->was_waiting = vcpu->run == VCPU_WAITING;
    vcpu_set_run(vcpu, VCPU_PAUSED, hart->queue.now);
    if (hart->current == vcpu) {
        set_aside(hart); /* its timer must not go off in the hart meanwhile */
    }
}

[[gnu::cold]] void sched_go_on(struct vcpu *vcpu) {
    if (vcpu->run != VCPU_PAUSED) {
        return;
    }
    if (vcpu->was_waiting) {
        sched_wake(vcpu); /* a wait may end at any time; what it waited for may have come */
    } else {
        sched_ready(vcpu);
    }
}

/* A non-retentive suspend ends like a start (SBI v3.0, "hart_suspend"), but what woke the hart is there for it to see:
 * pending interrupts and the timer are not its to lose; nor is what it asked for by FWFT ("during non-retentive
 * suspend, feature values are retained"). */
[[gnu::cold]] static void resume_anew(struct vcpu *vcpu) {
    struct context *context = &vcpu->context;
    unsigned long pending = context->pending;
    uint64_t stimecmp = context->stimecmp;
    bool has_double_trap = context->has_double_trap;
    bool is_locked = context->double_trap_is_locked;
    context_reset(context, vcpu->start_pc, vcpu->id, vcpu->start_opaque);
    context->pending = pending;
    context->stimecmp = stimecmp;
    context->has_double_trap = has_double_trap;
    context->double_trap_is_locked = is_locked;
}

void sched_wake(struct vcpu *vcpu) {
    if (vcpu->resumes_anew) {
        vcpu->resumes_anew = false;
        if (vcpu_is_live(vcpu)) {
            sched_off(vcpu);
        }
        resume_anew(vcpu);
    }
    __atomic_store_n(&vcpu->hsm_state, VCPU_HSM_STARTED, __ATOMIC_SEQ_CST);
    trace(vcpu->hart, TRACE_WAKE, vcpu, 0, 0);
    sched_ready(vcpu);
}

/* Wakes vcpus whose timers have gone off. */
static void wake_expired(struct hart *hart) {
    struct runner *runner;
    while ((runner = run_queue_expire(&hart->queue)) != nullptr) {
        sched_wake(vcpu_of_runner(runner));
    }
}

/* The vcpu that is to have the hart, or null. */
static struct vcpu *choose(struct hart *hart) {
    struct runner *before = hart->queue.running;
    struct runner *runner = run_queue_choose(&hart->queue);
    if (before == runner) {
        return runner != nullptr ? vcpu_of_runner(runner) : nullptr;
    }
    if (before != nullptr) {
        vcpu_change_run(vcpu_of_runner(before), VCPU_RUNNING, VCPU_READY, hart->queue.now);
    }
    if (runner == nullptr) {
        return nullptr;
    }
    struct vcpu *vcpu = vcpu_of_runner(runner);
    vcpu_change_run(vcpu, VCPU_READY, VCPU_RUNNING, hart->queue.now);
    return vcpu;
}

/* Puts a vcpu on the hart. */
static void switch_to(struct hart *hart, struct vcpu *vcpu) {
    struct vcpu *before = hart->current;
    if (before == vcpu) {
        __atomic_thread_fence(__ATOMIC_SEQ_CST); /* as below, for its interrupts */
        return;
    }
    trace(hart, TRACE_SWITCH, vcpu, 0, 0);
    /* That it is here, and runs, is said before its fences and interrupts are looked at: who asks for one later sees
     * that it has to ring (vcpu_fence_post, vcpu_interrupt). */
    __atomic_store_n(&hart->current, vcpu, __ATOMIC_RELAXED);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    isolate_activate(hart, &vcpu->guest->isolation);
    if (before != nullptr) {
        arch_context_switch(&before->context, &vcpu->context, hart);
    } else {
        arch_context_load(&vcpu->context, hart);
    }
    if (hart->tlb_owner != vcpu) {
        /* Guests choose their own ASIDs, so nothing of another vcpu may be left; nor what the hart has looked up since
         * with registers of one and limits of the other. */
        arch_leftovers_clear();
        hart->tlb_owner = vcpu;
    }
    vcpu_do_fences(vcpu);
}

static uint64_t earlier(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

/* The timer interrupt of a guest that has no Sstc is ours to raise; returns when that will be. */
static uint64_t emulate_timer(struct vcpu *vcpu, uint64_t now) {
    if (vcpu->context.stimecmp > now) {
        return vcpu->context.stimecmp;
    }
    arch_context_set_pending(INTERRUPT_TIMER);
    return UINT64_MAX; /* pending until the guest sets its timer anew */
}

/* Those that this hart serves: a boot loader may have left another one pending for ever. Where only time is lost by it,
 * nobody asks. */
static unsigned long pending_here(const struct hart *hart) {
    return arch_irq_pending() & hart->interrupts;
}

/* Sleeps until an interrupt for the kernel is pending. */
[[gnu::noinline]] static void idle(struct hart *hart, uint64_t deadline) {
    if (hart->current == nullptr) {
        arch_context_forget(); /* or what the last one left pending would end each sleep at once */
    }
    timer_set(hart, deadline);
    trace(hart, TRACE_IDLE, nullptr, (uint32_t)deadline, (uint32_t)(deadline >> 32));
    uint64_t before = timer_now();
    while (pending_here(hart) == 0) {
        arch_wait();
    }
    hart->idle_ticks += timer_now() - before;
}

/* Apart, as what else not every decision has to do: what it needs registers for, the others do not save. */
[[gnu::noinline]] static void heed(struct hart *hart, uint32_t events) {
    if (events & HART_EVENT_HALT) {
        arch_halt();
    }
    if (events & HART_EVENT_MAIL) {
        mail_read(hart);
    }
    if (events & HART_EVENT_JOB) {
        job_receive(hart);
    }
    if (events & HART_EVENT_BALANCE) {
        balance_hear(hart);
    }
    if ((events & HART_EVENT_FENCE) != 0 && hart->current != nullptr) {
        vcpu_do_fences(hart->current); /* even if it sleeps: who asked may be waiting */
    }
}

/* What came in since last time. IPIs are taken back before the events are read, so that one that comes in between is
 * seen next time. */
static void serve(struct hart *hart) {
    unsigned long pending = pending_here(hart);
    if (pending & IRQ_SOFTWARE) {
        ipi_clear(hart);
    }
    if (pending & IRQ_EXTERNAL) {
        external_serve();
    }
    uint32_t events = __atomic_exchange_n(&hart->events, 0, __ATOMIC_SEQ_CST);
    if (events != 0) {
        heed(hart, events);
    }
}

/* Jobs go on when nobody else wants the hart, and a step now and then if somebody does, but never at the cost of a
 * reservation. */
static bool is_job_due(const struct hart *hart) {
    const struct run_queue *queue = &hart->queue;
    if (list_is_empty(&hart->jobs) || run_queue_is_promised(queue)) {
        return false;
    }
    return queue->now >= hart->job_due || (queue->running == nullptr && queue->ready_count == 0);
}

static void do_job(struct hart *hart) {
    job_run(hart);
    uint64_t now = timer_now();
    run_queue_pass(&hart->queue, now); /* charged to nobody */
    hart->job_due = now + timer_ticks_of_ms(JOB_PAUSE_MS);
}

/* Whether a decision would come out as the last one did. */
static bool is_settled(const struct hart *hart) {
    return !hart->must_decide && __atomic_load_n(&hart->events, __ATOMIC_SEQ_CST) == 0 && arch_irq_pending() == 0 &&
           log_is_empty(&kernel_log);
}

/* Whether the hart has to know when its vcpu waits: somebody else could have it then. */
static bool must_see_waits(struct hart *hart) {
    if (list_is_empty(&hart->jobs) && !run_queue_is_contended(&hart->queue)) {
        return !balance_is_alone(hart);
    }
    balance_not_alone(hart);
    return true;
}

/* Whether something was asked for since serve(): by ourselves too, and nobody rings for that. */
static bool has_events(const struct hart *hart) {
    /* Relaxed, as everybody else does. */
    return __atomic_load_n(&hart->events, __ATOMIC_RELAXED) != 0;
}

/* Whether there is more to do than to see who goes on. */
static bool has_chores(const struct hart *hart) {
    return hart->queue.now >= hart->chores_at || has_events(hart) ||
           (arch_irq_pending() & ~(unsigned long)IRQ_TIMER) != 0 || !log_is_empty(&kernel_log) ||
           !list_is_empty(&hart->jobs) || run_queue_has_expired(&hart->queue);
}

/* Does all that is due but to see who goes on. */
[[gnu::noinline]] static void do_chores(struct hart *hart) {
    for (;;) {
        serve(hart);
        hart->chores_at = earlier(kernel_console_serve(hart, hart->queue.now), guests_serve(hart, hart->queue.now));
        wake_expired(hart);
        if (!is_job_due(hart)) {
            return;
        }
        do_job(hart);
    }
}

/* Puts the vcpu on the hart; returns when there is something to decide again, if nothing happens before. */
static uint64_t put_on(struct hart *hart, struct vcpu *vcpu) {
    switch_to(hart, vcpu);
    vcpu_take_interrupts(vcpu);
    bool has_jobs = !list_is_empty(&hart->jobs);
    context_set_wfi_traps(&vcpu->context, must_see_waits(hart) || vcpu->shows_waits);
    uint64_t deadline = earlier(hart->chores_at, run_queue_deadline(&hart->queue, &vcpu->runner));
    if (!vcpu->context.has_sstc) {
        deadline = earlier(deadline, emulate_timer(vcpu, hart->queue.now));
    }
    /* While there is budget, the end of it comes before any job. */
    if (has_jobs && !run_queue_is_promised(&hart->queue)) {
        deadline = earlier(deadline, hart->job_due);
    }
    return watch_pass(vcpu, hart->queue.now, deadline);
}

[[noreturn]] [[gnu::always_inline]] static inline void go_on(struct hart *hart, struct vcpu *vcpu) {
    trace(hart, TRACE_ENTER, vcpu, vcpu->context.pc, 0);
    arch_context_enter(&vcpu->context);
}

/* A step of what the vcpu has the hart for. Charged to it with the next decision, as if it had run. Nobody waits
 * meanwhile for a fence of whoever was in the hart before. */
[[gnu::noinline]] static void work(struct vcpu *vcpu) {
    struct job *job = vcpu->work;
    set_aside(vcpu->hart);
    if (!job->step(job)) {
        vcpu->work = nullptr;
        sched_off(vcpu);
    }
}

/* Nobody wants the hart: sleeps until somebody may. */
[[gnu::noinline]] static void rest(struct hart *hart) {
    if (hart->current != nullptr && hart->current->run != VCPU_WAITING) {
        set_aside(hart); /* it has used up its budget: nothing that comes for it wakes the hart */
    }
    balance_sleep(hart);
    if (!has_events(hart)) {
        idle(hart, earlier(hart->chores_at, run_queue_deadline(&hart->queue, nullptr)));
    }
    balance_wake(hart);
}

/* There is hardly ever a second round. So it is no loop: that would work out things in advance for it, at the expense
 * of the first. */
[[gnu::noinline]] static void decide_again(void) {
    [[clang::musttail]] return sched_decide();
}

[[gnu::noinline]] void sched_decide(void) {
    struct hart *hart = arch_hart_self();
    uint64_t now = timer_now_on(hart);
    /* A part of this, as every switch needs it. */
    [[clang::always_inline]] run_queue_charge(&hart->queue, now);
    if (has_chores(hart)) {
        do_chores(hart);
    }
    struct vcpu *vcpu = choose(hart);
    balance_offer(hart);
    if (vcpu == nullptr) {
        rest(hart);
        [[clang::musttail]] return decide_again();
    }
    if (vcpu->work != nullptr) {
        work(vcpu);
        [[clang::musttail]] return decide_again();
    }
    uint64_t deadline = put_on(hart, vcpu);
    trace(hart, TRACE_TIMER, nullptr, (uint32_t)deadline, (uint32_t)(deadline >> 32));
    timer_set(hart, deadline);
    if (has_events(hart)) {
        [[clang::musttail]] return decide_again();
    }
    hart->must_decide = false;
    go_on(hart, vcpu);
}

/* In place where it is called: what never returns is not moved there otherwise. */
[[gnu::always_inline]] void sched_resume(struct hart *hart) {
    if (is_settled(hart)) {
        go_on(hart, hart->current);
    }
    sched_decide();
    __builtin_unreachable();
}
