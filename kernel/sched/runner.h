/*
 * The scheduler's side of a virtual hart: what it was promised, what it has had, and where in a run queue it is. It
 * belongs to the hart whose run queue it is in or was in last.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "kernel/sched/reservation.h"
#include "lib/heap.h"
#include "lib/list.h"

enum {
    RUNNER_LEVELS = 32, /* priorities 1 to 31; 0 is none */
    RUNNER_WEIGHT_MAX = 1000,
};

/* What a guest's vcpus are promised, each of them. A reservation comes first; without one, or while its budget is
 * spent, the priority or else the weight counts; with neither, the runner waits for its budget. */
struct policy {
    uint32_t priority; /* 1 to RUNNER_LEVELS - 1, the highest runs first; 0: none */
    uint32_t weight;   /* 1 to RUNNER_WEIGHT_MAX; 0: none */
    uint64_t budget;   /* ticks of every period; 0: no reservation */
    uint64_t period;   /* ticks, at least the budget */
    uint64_t affinity; /* a bit for each hart, by its index, that may run it */
};

/* The class in which it wants the hart, or has it; in the order in which classes are served. */
enum runner_class {
    RUNNER_RESERVED,
    RUNNER_PRIORITY,
    RUNNER_FAIR,
    RUNNER_SPENT, /* it wants the hart, but has to wait for its budget */
    RUNNER_AWAY,  /* it does not want the hart */
};

struct runner {
    /* Constant: */
    struct policy policy;
    uint64_t slice;         /* ticks before others of its class have a turn */
    uint64_t cost;          /* virtual time of a tick (sched/fair.h) */
    uint64_t reach;         /* ticks after which its virtual time is as far ahead as can be told */
    bool can_move;          /* to another hart */
    enum runner_class base; /* its class without a budget */

    enum runner_class standing;
    struct reservation reservation;
    uint64_t turn_ends; /* ticks_run at which its turn is over */
    uint64_t virtual_time;
    uint32_t bucket;           /* while ready and fair: where (sched/fair.h) */
    struct list node;          /* while ready: in a level or a bucket */
    struct heap_node earliest; /* while ready and reserved: by deadline */
    struct heap_node timer;    /* while away: when it wants to wake; while spent: when its budget is renewed */

    uint64_t ticks_run; /* that it had the hart, as far as it has been charged; others may read it */
};

/* A runner that is away. */
void runner_init(struct runner *runner, const struct policy *policy, uint64_t ticks_per_second);
