/*
 * The run queue of a hart: which of its runners has the hart, by what each was promised (struct policy).
 *
 * Reservations with budget first, earliest deadline first; then priorities, the highest first and in slices within one;
 * then fair sharing. Touched by its hart alone. A decision costs the same however many runners there are, but for
 * deadlines, which are kept in heaps.
 *
 * It knows time only as it is told: run_queue_charge comes before every other call of a pass.
 */
#pragma once

#include <stdint.h>

#include "abi/manifest.h"
#include "kernel/sched/fair.h"
#include "kernel/sched/runner.h"
#include "lib/heap.h"
#include "lib/list.h"

enum {
    RUN_QUEUE_MAX = MANIFEST_VCPUS_TOTAL_MAX,
    RUN_QUEUE_SLICE_MS = 5,
};

struct run_queue {
    struct runner *running;    /* has the hart; null: nobody wants it */
    uint64_t now;              /* everything up to here is charged */
    uint32_t ready_count;      /* runners that want the hart and could have it, but for the others */
    uint32_t movable_count;    /* of these, such that may go to another hart */
    uint64_t movable_affinity; /* harts that some of them may go to; may say too much, never too little */
    uint32_t ranked_count;     /* of these, such that come before sharing by weight */
    uint32_t levels_filled;    /* a bit for each priority with a ready runner */
    struct heap reserved;      /* ready ones with budget, by deadline */
    struct heap timers;        /* runner.timer */
    struct fair fair;
    struct list levels[RUNNER_LEVELS];
    struct heap_node *reserved_slots[RUN_QUEUE_MAX];
    struct heap_node *timer_slots[RUN_QUEUE_MAX];
    bool is_wanted; /* by somebody outside of the queue; written behind a charge */
};

void run_queue_init(struct run_queue *queue);

/* The time is now: who has the hart has had it until now. */
void run_queue_charge(struct run_queue *queue, uint64_t now);

/* The time is now, and nobody is charged for what passed. */
static inline void run_queue_pass(struct run_queue *queue, uint64_t now) {
    queue->now = now;
}

/* A runner that is away wants the hart. */
void run_queue_ready(struct run_queue *queue, struct runner *runner);

/* A runner of this queue does not want the hart any more: for good, or until a time at the latest. */
void run_queue_away(struct run_queue *queue, struct runner *runner);
void run_queue_wait(struct run_queue *queue, struct runner *runner, uint64_t until);

/* Who has the hart has had its turn. */
void run_queue_yield(struct run_queue *queue);

/* For run_queue_expire: there is a timer that has gone off. */
struct runner *run_queue_expire_first(struct run_queue *queue);

/* Whether there is something for run_queue_expire to do. */
static inline bool run_queue_has_expired(const struct run_queue *queue) {
    const struct heap_node *node = heap_first(&queue->timers);
    return node != nullptr && node->key <= queue->now;
}

/* A runner whose wait is over, which is not waited for any more; null: none is left. Renews budgets on the way. */
static inline struct runner *run_queue_expire(struct run_queue *queue) {
    return run_queue_has_expired(queue) ? run_queue_expire_first(queue) : nullptr;
}

/* Gives the hart to whoever is to have it; null: nobody wants it. */
struct runner *run_queue_choose(struct run_queue *queue);

/* When there is something to decide again, if nothing happens before. `running`: as in the queue. */
uint64_t run_queue_deadline(const struct run_queue *queue, const struct runner *running);

/* Whether another than the running one wants the hart. */
static inline bool run_queue_is_contended(const struct run_queue *queue) {
    return queue->ready_count != 0;
}

/* Whether a runner that wants the hart has a reservation with budget left. */
static inline bool run_queue_is_promised(const struct run_queue *queue) {
    return queue->reserved.count != 0 || (queue->running != nullptr && queue->running->standing == RUNNER_RESERVED);
}

/* A ready runner that may go to that hart: the one that would run first; null: none. */
struct runner *run_queue_find_movable(struct run_queue *queue, uint32_t hart_index);

/* A runner, which is away, goes from one hart's queue to another's. */
void run_queue_leave(const struct run_queue *queue, struct runner *runner);
void run_queue_enter(const struct run_queue *queue, struct runner *runner);
