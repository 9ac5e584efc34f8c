/* Offers, claims and moves. Sequentially consistent throughout: a hart that offers and a hart that goes to sleep each
 * say so first and then look at the other, so at least one of them sees it. */
#include "kernel/sched/balance.h"

#include "kernel/arch/hart.h"
#include "kernel/irq/timer.h"
#include "kernel/trace/trace.h"

enum { RING_PAUSE_MS = 1 };

static bool is_allowed(uint64_t affinity, uint32_t index) {
    return (affinity >> index & 1) != 0;
}

/* The boot hart may be there for the console only: guests' affinities do not know it. */
static bool is_used(const struct hart *hart) {
    return hart->index < hart_count && harts[hart->index] == hart;
}

static void publish(struct hart *hart) {
    uint64_t affinity = hart->queue.movable_affinity;
    if (affinity == hart->offered) {
        return;
    }
    hart->offered = affinity;
    __atomic_store_n(&hart->offer.takers[0], (uint32_t)affinity, __ATOMIC_SEQ_CST);
    __atomic_store_n(&hart->offer.takers[1], (uint32_t)(affinity >> 32), __ATOMIC_SEQ_CST);
}

static bool offers_to(const struct hart *other, uint32_t index) {
    return (__atomic_load_n(&other->offer.takers[index / 32], __ATOMIC_SEQ_CST) >> index % 32 & 1) != 0;
}

/* Whoever wins an idle hart over gives it a vcpu: so it gets one, not one from everybody. */
static bool claim(struct hart *idle) {
    uint32_t expected = 1;
    return __atomic_compare_exchange_n(&idle->offer.is_idle, &expected, 0, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
}

/* From here on the vcpu belongs to the other hart; nothing of it is touched after the letter is in its way. */
static void hand_over(struct vcpu *vcpu, struct hart *to) {
    struct hart *from = vcpu->hart;
    run_queue_away(&from->queue, &vcpu->runner);
    run_queue_leave(&from->queue, &vcpu->runner);
    if (from->current == vcpu) {
        arch_context_save(&vcpu->context);
        __atomic_store_n(&from->current, nullptr, __ATOMIC_SEQ_CST);
    }
    if (from->tlb_owner == vcpu) {
        /* Fences that it does elsewhere do not reach this TLB: it is flushed before anybody runs here, also if it comes
         * back. */
        from->tlb_owner = nullptr;
    }
    vcpu_set_run(vcpu, VCPU_MOVING, from->queue.now);
    from->moves++;
    trace(from, TRACE_STEAL, vcpu, to->id, 0);
    /* Before it is known to be there: whatever mail gets there first has the request with it. */
    __atomic_fetch_or(&vcpu->requests, VCPU_REQUEST_MOVE, __ATOMIC_SEQ_CST);
    __atomic_store_n(&vcpu->hart, to, __ATOMIC_SEQ_CST);
    vcpu_post(vcpu, 0);
}

static void give(struct hart *hart) {
    for (uint32_t index = 0; index < hart_count && hart->queue.movable_count != 0; index++) {
        struct hart *other = harts[index];
        if (other == hart || __atomic_load_n(&other->offer.is_idle, __ATOMIC_SEQ_CST) == 0) {
            continue;
        }
        struct runner *runner = run_queue_find_movable(&hart->queue, index);
        if (runner == nullptr) {
            /* One that could go there waits no longer. When it does again, that is news. */
            hart->queue.movable_affinity &= ~(UINT64_C(1) << index);
        } else if (claim(other)) {
            hand_over(vcpu_of_runner(runner), other);
        }
    }
}

/* Whether a hart has to be told that somebody waits here: it would not see its own vcpu wait. */
static bool is_to_be_told(const struct hart *hart, const struct hart *other) {
    return is_allowed(hart->queue.movable_affinity, other->index) &&
           __atomic_load_n(&other->offer.is_alone, __ATOMIC_SEQ_CST) != 0;
}

/* Whether one that goes idle asks a hart for work. */
static bool is_to_be_asked(const struct hart *hart, const struct hart *other) {
    return offers_to(other, hart->index);
}

/* It costs who is rung a decision, at the expense of the vcpu there. So however often guests sleep and wake here, it is
 * done now and then only; when it is too early, the hart looks again in time. */
[[gnu::noinline]] static void ring(struct hart *hart,
                                   bool (*is_concerned)(const struct hart *hart, const struct hart *other)) {
    bool is_time = hart->queue.now >= hart->ring_at;
    bool is_any = false;
    for (uint32_t index = 0; index < hart_count; index++) {
        struct hart *other = harts[index];
        if (other == hart || !is_concerned(hart, other)) {
            continue;
        }
        is_any = true;
        if (is_time) {
            hart_notify(other, HART_EVENT_BALANCE);
        }
    }
    if (is_any && is_time) {
        hart->ring_at = hart->queue.now + timer_ticks_of_ms(RING_PAUSE_MS);
    } else if (is_any) {
        hart->has_news = true;
        hart->chores_at = hart->ring_at < hart->chores_at ? hart->ring_at : hart->chores_at;
    }
}

[[gnu::noinline]] void balance_offer_anew(struct hart *hart) {
    uint64_t affinity = hart->queue.movable_affinity;
    bool has_news = hart->has_news || (affinity & ~hart->offered) != 0;
    publish(hart);
    hart->has_news = false;
    if (!has_news || affinity == 0) {
        return;
    }
    give(hart);
    publish(hart);
    if (hart->queue.movable_count != 0) {
        ring(hart, is_to_be_told);
    }
}

static bool is_offered_any(const struct hart *hart) {
    for (uint32_t index = 0; index < hart_count; index++) {
        if (harts[index] != hart && offers_to(harts[index], hart->index)) {
            return true;
        }
    }
    return false;
}

bool balance_is_alone(struct hart *hart) {
    if (hart->offer.is_alone != 0) {
        return true;
    }
    __atomic_store_n(&hart->offer.is_alone, 1, __ATOMIC_SEQ_CST);
    if (!is_offered_any(hart)) {
        return true;
    }
    balance_not_alone(hart);
    return false;
}

void balance_sleep(struct hart *hart) {
    balance_not_alone(hart);
    if (!is_used(hart)) {
        return;
    }
    __atomic_store_n(&hart->offer.is_idle, 1, __ATOMIC_SEQ_CST);
    ring(hart, is_to_be_asked);
}

void balance_hear(struct hart *hart) {
    balance_not_alone(hart);
    hart->has_news = true;
}

void balance_receive(struct vcpu *vcpu) {
    run_queue_enter(&vcpu->hart->queue, &vcpu->runner);
    /* This hart may have fetched what has been overwritten since. Its TLB is flushed when the vcpu is put on. */
    __atomic_add_fetch(&vcpu->fences_wanted[VCPU_FENCE_I], 1, __ATOMIC_SEQ_CST);
    vcpu_set_run(vcpu, VCPU_OFF, vcpu->hart->queue.now);
}
