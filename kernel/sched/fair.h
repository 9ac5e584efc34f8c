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
    FAIR_WORD_BITS = sizeof(unsigned long) * 8,
    FAIR_WORDS = FAIR_BUCKETS / FAIR_WORD_BITS,
};

struct fair {
    unsigned long filled[FAIR_WORDS];  /* a bit for each bucket that is not empty */
    uint64_t origin;                   /* virtual time at which the first bucket begins */
    struct list buckets[FAIR_BUCKETS]; /* a ring; those that lie ahead of the origin */
};

void fair_init(struct fair *fair);

/* Virtual time per tick, for a weight; and the ticks that reach to the last bucket. */
uint64_t fair_cost(uint32_t weight, uint64_t ticks_per_second);
uint64_t fair_reach(uint64_t cost);

/* The following are here because every switch needs them. Virtual times wrap; only differences between near ones are
 * used. */

static inline bool fair_is_empty(const struct fair *fair) {
    unsigned long filled = 0;
    for (unsigned word = 0; word < FAIR_WORDS; word++) {
        filled |= fair->filled[word];
    }
    return filled == 0;
}

static inline uint32_t fair_slot_of(uint64_t virtual_time) {
    return (uint32_t)(virtual_time >> FAIR_BUCKET_BITS) % FAIR_BUCKETS;
}

/* The word with a bucket's bit. */
static inline unsigned long *fair_word_of(struct fair *fair, uint32_t bucket) {
    return &fair->filled[bucket % FAIR_BUCKETS / FAIR_WORD_BITS];
}

/* A runner that may have been elsewhere for a moment is about to be inserted: it saves nothing up. */
static inline void fair_join(const struct fair *fair, struct runner *runner) {
    if ((int64_t)(runner->virtual_time - fair->origin) < 0) {
        runner->virtual_time = fair->origin;
    }
}

/* As the last of its bucket, or the first if its turn is not over. */
static inline void fair_insert(struct fair *fair, struct runner *runner, bool goes_on) {
    fair_join(fair, runner);
    uint64_t ahead = (runner->virtual_time - fair->origin) >> FAIR_BUCKET_BITS;
    runner->bucket = fair_slot_of(ahead < FAIR_BUCKETS ? runner->virtual_time : fair->origin - 1);
    struct list *bucket = &fair->buckets[runner->bucket];
    if (goes_on) {
        list_prepend(bucket, &runner->node);
    } else {
        list_append(bucket, &runner->node);
    }
    *fair_word_of(fair, runner->bucket) |= 1ul << runner->bucket % FAIR_WORD_BITS;
}

static inline void fair_remove_from(struct fair *fair, uint32_t bucket, struct runner *runner) {
    list_remove(&runner->node);
    if (list_is_empty(&fair->buckets[bucket])) {
        *fair_word_of(fair, bucket) &= ~(1ul << bucket % FAIR_WORD_BITS);
    }
}

static inline void fair_remove(struct fair *fair, struct runner *runner) {
    fair_remove_from(fair, runner->bucket, runner);
}

/* The first bucket, going round from one on, that is not empty; one is. */
static inline uint32_t fair_filled_from(const struct fair *fair, uint32_t slot) {
    uint32_t word = slot / FAIR_WORD_BITS;
    unsigned long filled = fair->filled[word] & ~0ul << slot % FAIR_WORD_BITS;
    for (unsigned step = 0; filled == 0 && step < FAIR_WORDS; step++) {
        word = (word + 1) % FAIR_WORDS;
        filled = fair->filled[word];
    }
    return word * FAIR_WORD_BITS + (uint32_t)__builtin_ctzl(filled);
}

/* Takes out whose turn it is; not empty. */
static inline struct runner *fair_take_first(struct fair *fair) {
    uint32_t first = fair_slot_of(fair->origin);
    uint32_t bucket = fair_filled_from(fair, first);
    fair->origin += (uint64_t)((bucket - first) % FAIR_BUCKETS) << FAIR_BUCKET_BITS;
    struct runner *runner = LIST_CONTAINER(fair->buckets[bucket].next, struct runner, node);
    fair_remove_from(fair, bucket, runner);
    return runner;
}

/* A runner that was elsewhere for any time is about to share: the same, also if times have wrapped meanwhile, so that
 * it seems to be ahead by more than can be. One that is beyond the last bucket begins there. */
void fair_arrive(const struct fair *fair, struct runner *runner);

/* A runner, which is not in a bucket, had the hart. */
static inline void fair_charge(struct fair *fair, struct runner *runner, uint64_t ticks) {
    runner->virtual_time += (ticks < runner->reach ? ticks : runner->reach) * runner->cost;
    if (fair_is_empty(fair)) {
        /* Who has the hart to itself takes nothing from anybody. */
        fair->origin = runner->virtual_time >> FAIR_BUCKET_BITS << FAIR_BUCKET_BITS;
    }
}

/* A runner, which is not in a bucket, goes from one hart's sharing to another's, and takes along how far ahead it is.
 */
void fair_leave(const struct fair *fair, struct runner *runner);
void fair_enter(const struct fair *fair, struct runner *runner);
