/*
 * Weighted fair sharing at a flat cost. Each runner has a virtual time, which goes by the faster the smaller its
 * weight, and only while it has the hart; who is behind runs first. The order is kept by buckets of virtual time, in
 * turn within a bucket: what a runner is ahead or behind is never more than a bucket and a slice, however many there
 * are, and what it has had is counted exactly, so it evens out.
 *
 * A runner that slept goes on where the others are: sleeping saves nothing up. One that ran ahead stays ahead.
 */
#pragma once

#include <stdint.h>

#include "kernel/sched/runner.h"

enum {
    FAIR_BUCKETS = 64,
    FAIR_BUCKET_MS = 32,   /* of a runner of the greatest weight */
    FAIR_BUCKET_BITS = 40, /* virtual time of a bucket, log2 */
};

struct fair {
    struct list buckets[FAIR_BUCKETS]; /* a ring; those that lie ahead of the origin */
    uint64_t filled;                   /* a bit for each that is not empty */
    uint64_t origin;                   /* virtual time at which the first bucket begins */
};

void fair_init(struct fair *fair);

/* Virtual time per tick, for a weight; and the ticks that reach to the last bucket. */
uint64_t fair_cost(uint32_t weight, uint64_t ticks_per_second);
uint64_t fair_reach(uint64_t cost);

/* A runner that was elsewhere is about to run or to be inserted: it saves nothing up. */
void fair_join(const struct fair *fair, struct runner *runner);

/* As the last of its bucket, or the first if its turn is not over. */
void fair_insert(struct fair *fair, struct runner *runner, bool goes_on);
void fair_remove(struct fair *fair, struct runner *runner);

static inline bool fair_is_empty(const struct fair *fair) {
    return fair->filled == 0;
}

/* Whose turn it is; not empty. */
struct runner *fair_first(struct fair *fair);

/* A runner, which is not in a bucket, had the hart. */
void fair_charge(struct fair *fair, struct runner *runner, uint64_t ticks);

/* A runner, which is not in a bucket, goes from one hart's sharing to another's, and takes along how far ahead it is.
 */
void fair_leave(const struct fair *fair, struct runner *runner);
void fair_enter(const struct fair *fair, struct runner *runner);
