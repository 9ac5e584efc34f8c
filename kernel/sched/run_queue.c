/* The classes and how they go together. A running runner is in no list, but keeps its class. */
#include "kernel/sched/run_queue.h"

#include <string.h>

void runner_init(struct runner *runner, const struct policy *policy, uint64_t ticks_per_second) {
    memset(runner, 0, sizeof *runner);
    runner->policy = *policy;
    runner->standing = RUNNER_AWAY;
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

/* The class without a budget. */
static enum runner_class base_class(const struct runner *runner) {
    if (runner->policy.priority != 0) {
        return RUNNER_PRIORITY;
    }
    return runner->policy.weight != 0 ? RUNNER_FAIR : RUNNER_SPENT;
}

static enum runner_class class_now(const struct runner *runner) {
    return reservation_has_budget(&runner->reservation) ? RUNNER_RESERVED : base_class(runner);
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

/* Lets it wait for its turn, in the class that it has now. `goes_on`: its last turn is not over. */
static void insert(struct run_queue *queue, struct runner *runner, bool goes_on) {
    runner->standing = class_now(runner);
    runner->ready_since = queue->now;
    if (runner->standing == RUNNER_SPENT) {
        return;
    }
    if (runner->standing == RUNNER_RESERVED) {
        heap_insert(&queue->reserved, &runner->earliest, runner->reservation.deadline);
    } else if (runner->standing == RUNNER_PRIORITY) {
        level_insert(queue, runner, goes_on);
    } else {
        fair_insert(&queue->fair, runner, goes_on);
    }
    queue->ready_count++;
    if (runner->can_move) {
        queue->movable_count++;
        queue->movable_affinity |= runner->policy.affinity;
    }
}

/* Takes it out of whatever insert put it into. */
static void withdraw(struct run_queue *queue, struct runner *runner) {
    if (runner->standing == RUNNER_SPENT) {
        return;
    }
    if (runner->standing == RUNNER_RESERVED) {
        heap_remove(&queue->reserved, &runner->earliest);
    } else if (runner->standing == RUNNER_PRIORITY) {
        level_remove(queue, runner);
    } else {
        fair_remove(&queue->fair, runner);
    }
    queue->ready_count--;
    if (runner->can_move && --queue->movable_count == 0) {
        queue->movable_affinity = 0;
    }
    runner->ticks_waited += queue->now - runner->ready_since;
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
    runner->slice_left = runner->slice;
    fair_join(&queue->fair, runner);
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
        reservation_charge(&runner->reservation, ticks);
        if (!reservation_has_budget(&runner->reservation)) {
            spend(queue, runner);
        }
        return;
    }
    runner->slice_left = ticks < runner->slice_left ? runner->slice_left - ticks : 0;
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
    runner->slice_left = runner->slice;
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
        queue->running->slice_left = 0;
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

struct runner *run_queue_expire_first(struct run_queue *queue) {
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

static uint32_t top_level(const struct run_queue *queue) {
    return RUNNER_LEVELS - 1 - (uint32_t)__builtin_clz(queue->levels_filled);
}

static struct runner *first(struct run_queue *queue) {
    struct heap_node *earliest = heap_first(&queue->reserved);
    if (earliest != nullptr) {
        return LIST_CONTAINER(earliest, struct runner, earliest);
    }
    if (queue->levels_filled != 0) {
        return LIST_CONTAINER(list_first(&queue->levels[top_level(queue)]), struct runner, node);
    }
    return fair_is_empty(&queue->fair) ? nullptr : fair_first(&queue->fair);
}

/* Whether somebody else is to have the hart, or may be. */
static bool is_beaten(const struct run_queue *queue, const struct runner *running) {
    const struct heap_node *earliest = heap_first(&queue->reserved);
    if (running->standing == RUNNER_RESERVED) {
        return earliest != nullptr && earliest->key < running->reservation.deadline;
    }
    if (earliest != nullptr) {
        return true;
    }
    uint32_t level = queue->levels_filled != 0 ? top_level(queue) : 0;
    if (running->standing == RUNNER_PRIORITY) {
        uint32_t own = running->policy.priority;
        return level > own || (level == own && running->slice_left == 0);
    }
    return level != 0 || (running->slice_left == 0 && !fair_is_empty(&queue->fair));
}

struct runner *run_queue_choose(struct run_queue *queue) {
    struct runner *running = queue->running;
    if (running != nullptr && running->standing == RUNNER_SPENT) {
        running = nullptr;
    }
    if (running != nullptr) {
        if (!is_beaten(queue, running)) {
            return running;
        }
        insert(queue, running, running->slice_left != 0);
    }
    struct runner *next = first(queue);
    queue->running = next;
    if (next != nullptr) {
        withdraw(queue, next);
        next->slice_left = next->slice_left != 0 ? next->slice_left : next->slice;
    }
    return next;
}

/* When the turn of the running one is over: only if that makes a difference. */
static uint64_t turn_end(const struct run_queue *queue, bool contended) {
    const struct runner *running = queue->running;
    bool is_limited = contended || queue->ready_count != 0;
    bool has_rival = false;
    switch (running->standing) {
    case RUNNER_RESERVED:
        is_limited |= base_class(running) == RUNNER_SPENT;
        return is_limited ? queue->now + (uint64_t)running->reservation.left : UINT64_MAX;
    case RUNNER_PRIORITY:
        has_rival = !list_is_empty(&queue->levels[running->policy.priority]);
        break;
    default:
        has_rival = !fair_is_empty(&queue->fair);
        break;
    }
    return has_rival ? queue->now + running->slice_left : UINT64_MAX;
}

uint64_t run_queue_deadline(const struct run_queue *queue, bool contended) {
    const struct heap_node *timer = heap_first(&queue->timers);
    uint64_t deadline = timer != nullptr ? timer->key : UINT64_MAX;
    if (queue->running != nullptr) {
        uint64_t end = turn_end(queue, contended);
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
