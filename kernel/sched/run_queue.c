/* The classes and how they go together. A running runner is in no list, but keeps its class. */
#include "kernel/sched/run_queue.h"

#include <string.h>

/* The class without a budget. */
static enum runner_class base_class(const struct policy *policy) {
    if (policy->priority != 0) {
        return RUNNER_PRIORITY;
    }
    return policy->weight != 0 ? RUNNER_FAIR : RUNNER_SPENT;
}

void runner_init(struct runner *runner, const struct policy *policy, uint64_t ticks_per_second) {
    memset(runner, 0, sizeof *runner);
    runner->policy = *policy;
    runner->standing = RUNNER_AWAY;
    runner->base = base_class(policy);
    runner->slice = (ticks_per_second * RUN_QUEUE_SLICE_MS + 999) / 1000;
    if (policy->weight != 0) {
        runner->cost = fair_cost(policy->weight, ticks_per_second);
        runner->reach = fair_reach(runner->cost);
        /* A runner of the least weights is at the end of its reach before a slice is over. */
        runner->slice = runner->slice < runner->reach ? runner->slice : runner->reach;
    }
    reservation_init(&runner->reservation, policy->budget, policy->period);
    /* A promise holds on the hart that admitted it. */
    runner->can_move = !reservation_exists(&runner->reservation) && (policy->affinity & (policy->affinity - 1)) != 0;
    list_init(&runner->node);
    heap_node_init(&runner->earliest);
    heap_node_init(&runner->timer);
}

void run_queue_init(struct run_queue *queue) {
    memset(queue, 0, sizeof *queue);
    for (unsigned level = 0; level < RUNNER_LEVELS; level++) {
        list_init(&queue->levels[level]);
    }
    fair_init(&queue->fair);
    heap_init(&queue->reserved, queue->reserved_slots);
    heap_init(&queue->timers, queue->timer_slots);
}

/* Others of its class have a turn when it has had its slice. */
static bool is_turn_over(const struct runner *runner) {
    return runner->ticks_run >= runner->turn_ends;
}

static void begin_turn(struct runner *runner) {
    runner->turn_ends = runner->ticks_run + runner->slice;
}

static void end_turn(struct runner *runner) {
    runner->turn_ends = runner->ticks_run;
}

static enum runner_class class_now(const struct runner *runner) {
    return reservation_has_budget(&runner->reservation) ? RUNNER_RESERVED : runner->base;
}

static void level_insert(struct run_queue *queue, struct runner *runner, bool goes_on) {
    uint32_t priority = runner->policy.priority;
    if (goes_on) {
        list_prepend(&queue->levels[priority], &runner->node);
    } else {
        list_append(&queue->levels[priority], &runner->node);
    }
    queue->levels_filled |= 1u << priority;
}

static void level_remove(struct run_queue *queue, struct runner *runner) {
    uint32_t priority = runner->policy.priority;
    list_remove(&runner->node);
    if (list_is_empty(&queue->levels[priority])) {
        queue->levels_filled &= ~(1u << priority);
    }
}

/* Into what is not shared by weight, and out of it again. Apart, as the next ones: what they need registers for, the
 * shorter way does not save. */
[[gnu::noinline]] static void insert_ranked(struct run_queue *queue, struct runner *runner, bool goes_on) {
    queue->ranked_count++;
    if (runner->standing == RUNNER_RESERVED) {
        heap_insert(&queue->reserved, &runner->earliest, runner->reservation.deadline);
    } else {
        level_insert(queue, runner, goes_on);
    }
}

[[gnu::noinline]] static void withdraw_ranked(struct run_queue *queue, struct runner *runner) {
    queue->ranked_count--;
    if (runner->standing == RUNNER_RESERVED) {
        heap_remove(&queue->reserved, &runner->earliest);
    } else {
        level_remove(queue, runner);
    }
}

static inline void count_in(struct run_queue *queue, const struct runner *runner) {
    queue->ready_count++;
    if (runner->can_move) {
        queue->movable_count++;
        queue->movable_affinity |= runner->policy.affinity;
    }
}

static inline void count_out(struct run_queue *queue, const struct runner *runner) {
    queue->ready_count--;
    if (runner->can_move && --queue->movable_count == 0) {
        queue->movable_affinity = 0;
    }
}

/* Lets it wait for its turn, in the class that it has now. `goes_on`: its last turn is not over. */
static inline void insert(struct run_queue *queue, struct runner *runner, bool goes_on) {
    runner->standing = class_now(runner);
    if (runner->standing == RUNNER_SPENT) {
        return;
    }
    if (runner->standing == RUNNER_FAIR) {
        fair_insert(&queue->fair, runner, goes_on);
    } else {
        insert_ranked(queue, runner, goes_on);
    }
    count_in(queue, runner);
}

/* Takes it out of whatever insert put it into. */
static inline void withdraw(struct run_queue *queue, struct runner *runner) {
    if (runner->standing == RUNNER_SPENT) {
        return;
    }
    if (runner->standing == RUNNER_FAIR) {
        fair_remove(&queue->fair, runner);
    } else {
        withdraw_ranked(queue, runner);
    }
    count_out(queue, runner);
}

static void await_budget(struct run_queue *queue, struct runner *runner) {
    heap_insert(&queue->timers, &runner->timer, runner->reservation.deadline);
}

/* The running one has used up its budget, and goes on as what it is without. */
static void spend(struct run_queue *queue, struct runner *runner) {
    if (queue->now >= runner->reservation.deadline) {
        reservation_renew(&runner->reservation, queue->now);
    }
    runner->standing = class_now(runner);
    if (runner->standing == RUNNER_RESERVED) {
        return;
    }
    await_budget(queue, runner);
    /* Not a turn of its own: others may be further behind, and whose period ends last would have what is left of each.
     */
    end_turn(runner);
    fair_arrive(&queue->fair, runner);
}

/* Whether it matters how long the running one has the hart: others want it, or it must not have more than its budget.
 */
static bool is_limited(const struct run_queue *queue, const struct runner *running) {
    return queue->is_wanted || queue->ready_count != 0 || running->base == RUNNER_SPENT;
}

/* Nothing has changed since the last charge, as each change comes behind one. So whoever else wants the hart now, did
 * all that time. */
[[gnu::noinline]] static void charge_reserved(struct run_queue *queue, struct runner *runner, uint64_t ticks) {
    if (!is_limited(queue, runner)) {
        reservation_wake(&runner->reservation, queue->now);
        return;
    }
    reservation_charge(&runner->reservation, ticks);
    if (!reservation_has_budget(&runner->reservation)) {
        spend(queue, runner);
    }
}

void run_queue_charge(struct run_queue *queue, uint64_t now) {
    struct runner *runner = queue->running;
    uint64_t ticks = now - queue->now;
    queue->now = now;
    if (runner == nullptr) {
        return;
    }
    runner->ticks_run += ticks;
    if (runner->standing == RUNNER_RESERVED) {
        charge_reserved(queue, runner, ticks);
        return;
    }
    if (runner->standing == RUNNER_FAIR) {
        fair_charge(&queue->fair, runner, ticks);
    }
}

void run_queue_ready(struct run_queue *queue, struct runner *runner) {
    heap_remove(&queue->timers, &runner->timer);
    if (reservation_exists(&runner->reservation)) {
        reservation_wake(&runner->reservation, queue->now);
        if (!reservation_has_budget(&runner->reservation)) {
            await_budget(queue, runner);
        }
    }
    begin_turn(runner);
    fair_arrive(&queue->fair, runner);
    insert(queue, runner, false);
}

void run_queue_away(struct run_queue *queue, struct runner *runner) {
    heap_remove(&queue->timers, &runner->timer);
    if (queue->running == runner) {
        queue->running = nullptr;
    } else if (runner->standing != RUNNER_AWAY) {
        withdraw(queue, runner);
    }
    runner->standing = RUNNER_AWAY;
}

void run_queue_wait(struct run_queue *queue, struct runner *runner, uint64_t until) {
    run_queue_away(queue, runner);
    if (until != UINT64_MAX) {
        heap_insert(&queue->timers, &runner->timer, until);
    }
}

void run_queue_yield(struct run_queue *queue) {
    if (queue->running != nullptr) {
        end_turn(queue->running);
    }
}

/* The deadline of one that has used up its budget and wants the hart has come. */
static void renew(struct run_queue *queue, struct runner *runner) {
    reservation_renew(&runner->reservation, queue->now);
    if (!reservation_has_budget(&runner->reservation)) {
        await_budget(queue, runner); /* it owes more than a period's */
        return;
    }
    if (queue->running == runner) {
        runner->standing = RUNNER_RESERVED;
        return;
    }
    withdraw(queue, runner);
    insert(queue, runner, false);
}

[[gnu::noinline]] struct runner *run_queue_expire_first(struct run_queue *queue) {
    struct heap_node *node;
    while ((node = heap_first(&queue->timers)) != nullptr && node->key <= queue->now) {
        struct runner *runner = LIST_CONTAINER(node, struct runner, timer);
        heap_remove(&queue->timers, node);
        if (runner->standing == RUNNER_AWAY) {
            return runner;
        }
        renew(queue, runner);
    }
    return nullptr;
}

/* Of the highest priority that somebody is ready at. Apart, as the next ones: what they need registers for, the
 * shorter way does not save. */
[[gnu::noinline]] static struct runner *first_by_priority(struct run_queue *queue) {
    uint32_t top = RUNNER_LEVELS - 1 - (uint32_t)__builtin_clz(queue->levels_filled);
    return LIST_CONTAINER(list_first(&queue->levels[top]), struct runner, node);
}

/* The first of those that come before sharing by weight, or null. */
static struct runner *first_ranked(struct run_queue *queue) {
    struct heap_node *earliest = heap_first(&queue->reserved);
    if (earliest != nullptr) {
        return LIST_CONTAINER(earliest, struct runner, earliest);
    }
    return queue->levels_filled != 0 ? first_by_priority(queue) : nullptr;
}

/* Whether the running one, which is ranked, too, has to give way to the first that is. */
static bool is_outranked(const struct runner *running, const struct runner *first) {
    if (first->standing != running->standing) {
        return first->standing < running->standing;
    }
    if (running->standing == RUNNER_RESERVED) {
        return first->reservation.deadline < running->reservation.deadline;
    }
    uint32_t own = running->policy.priority;
    return first->policy.priority > own || (first->policy.priority == own && is_turn_over(running));
}

/* Whether somebody else is to have the hart; `ranked` is the first that is, or null. */
static bool is_beaten(const struct run_queue *queue, const struct runner *running, const struct runner *ranked) {
    if (ranked != nullptr) {
        return is_outranked(running, ranked);
    }
    return running->standing == RUNNER_FAIR && is_turn_over(running) && !fair_is_empty(&queue->fair);
}

/* The running one wants the hart, but somebody else has it now. It is not counted yet. */
static void put_back(struct run_queue *queue, struct runner *running) {
    bool goes_on = !is_turn_over(running);
    if (running->standing == RUNNER_FAIR) {
        fair_insert(&queue->fair, running, goes_on);
    } else {
        insert_ranked(queue, running, goes_on);
    }
}

/* Gives the hart to a runner that has been taken out of the queue, but is still counted. */
static inline void give_to(struct run_queue *queue, struct runner *next) {
    queue->running = next;
    if (is_turn_over(next)) {
        begin_turn(next);
    }
}

/* The counts when one of them, or none, goes back into the queue and the other one leaves it. */
static inline void count_exchange(struct run_queue *queue, const struct runner *in, const struct runner *out) {
    if (in == nullptr) {
        count_out(queue, out);
    } else if (in->can_move || out->can_move) {
        count_in(queue, in);
        count_out(queue, out);
    }
}

/* When some of them are ranked, or have spent their budgets. */
[[gnu::noinline]] static struct runner *choose_ranked(struct run_queue *queue) {
    struct runner *running = queue->running;
    struct runner *next = first_ranked(queue);
    if (running != nullptr && running->standing == RUNNER_SPENT) {
        running = nullptr;
    }
    if (running != nullptr) {
        if (!is_beaten(queue, running, next)) {
            return running;
        }
        put_back(queue, running); /* behind whoever beats it */
    }
    if (next != nullptr) {
        withdraw_ranked(queue, next);
    } else if (!fair_is_empty(&queue->fair)) {
        next = fair_take_first(&queue->fair);
    } else {
        queue->running = nullptr;
        return nullptr;
    }
    give_to(queue, next);
    count_exchange(queue, running, next);
    return next;
}

/* The same when all share by weight: the shorter way, which most take. */
static inline struct runner *choose_fair(struct run_queue *queue) {
    struct runner *running = queue->running;
    if (fair_is_empty(&queue->fair) || (running != nullptr && !is_turn_over(running))) {
        return running;
    }
    if (running != nullptr) {
        fair_insert(&queue->fair, running, false);
    }
    struct runner *next = fair_take_first(&queue->fair);
    give_to(queue, next);
    count_exchange(queue, running, next);
    return next;
}

struct runner *run_queue_choose(struct run_queue *queue) {
    bool is_ranked = queue->ranked_count != 0 || (queue->running != nullptr && queue->running->standing != RUNNER_FAIR);
    return is_ranked ? choose_ranked(queue) : choose_fair(queue);
}

/* When the budget of the running one is spent: only if that makes a difference. */
static uint64_t budget_end(const struct run_queue *queue, const struct runner *running) {
    return is_limited(queue, running) ? queue->now + (uint64_t)running->reservation.left : UINT64_MAX;
}

/* When the turn of the running one is over, likewise. */
static uint64_t turn_end(const struct run_queue *queue, const struct runner *running) {
    if (running->standing == RUNNER_RESERVED) {
        return budget_end(queue, running);
    }
    bool has_rival = running->standing == RUNNER_PRIORITY ? !list_is_empty(&queue->levels[running->policy.priority])
                                                          : !fair_is_empty(&queue->fair);
    return has_rival ? queue->now + (running->turn_ends - running->ticks_run) : UINT64_MAX;
}

uint64_t run_queue_deadline(const struct run_queue *queue, const struct runner *running) {
    const struct heap_node *timer = heap_first(&queue->timers);
    uint64_t deadline = timer != nullptr ? timer->key : UINT64_MAX;
    if (running != nullptr) {
        uint64_t end = turn_end(queue, running);
        deadline = end < deadline ? end : deadline;
    }
    return deadline;
}

static struct runner *find_in(struct list *list, uint32_t hart_index) {
    LIST_FOR_EACH(node, list) {
        struct runner *runner = LIST_CONTAINER(node, struct runner, node);
        if (runner->can_move && (runner->policy.affinity >> hart_index & 1) != 0) {
            return runner;
        }
    }
    return nullptr;
}

struct runner *run_queue_find_movable(struct run_queue *queue, uint32_t hart_index) {
    struct runner *found = nullptr;
    for (uint32_t level = RUNNER_LEVELS - 1; found == nullptr && level > 0; level--) {
        found = find_in(&queue->levels[level], hart_index);
    }
    uint32_t origin = (uint32_t)(queue->fair.origin >> FAIR_BUCKET_BITS);
    for (uint32_t ahead = 0; found == nullptr && ahead < FAIR_BUCKETS; ahead++) {
        found = find_in(&queue->fair.buckets[(origin + ahead) % FAIR_BUCKETS], hart_index);
    }
    return found;
}

void run_queue_leave(const struct run_queue *queue, struct runner *runner) {
    fair_leave(&queue->fair, runner);
}

void run_queue_enter(const struct run_queue *queue, struct runner *runner) {
    fair_enter(&queue->fair, runner);
}
