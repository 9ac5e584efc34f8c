/* Buckets of virtual time. Virtual times wrap; only differences between near ones are used. */
#include "kernel/sched/fair.h"

void fair_init(struct fair *fair) {
    for (unsigned index = 0; index < FAIR_BUCKETS; index++) {
        list_init(&fair->buckets[index]);
    }
    fair->filled = 0;
    fair->origin = 0;
}

uint64_t fair_cost(uint32_t weight, uint64_t ticks_per_second) {
    uint64_t bucket_ticks = ticks_per_second * FAIR_BUCKET_MS / 1000;
    return ((uint64_t)RUNNER_WEIGHT_MAX << FAIR_BUCKET_BITS) / (bucket_ticks != 0 ? bucket_ticks : 1) / weight;
}

uint64_t fair_reach(uint64_t cost) {
    uint64_t reach = ((uint64_t)(FAIR_BUCKETS - 1) << FAIR_BUCKET_BITS) / cost;
    return reach != 0 ? reach : 1;
}

static uint32_t slot_of(uint64_t virtual_time) {
    return (uint32_t)(virtual_time >> FAIR_BUCKET_BITS) % FAIR_BUCKETS;
}

void fair_join(const struct fair *fair, struct runner *runner) {
    if ((int64_t)(runner->virtual_time - fair->origin) < 0) {
        runner->virtual_time = fair->origin;
    }
}

void fair_insert(struct fair *fair, struct runner *runner, bool goes_on) {
    fair_join(fair, runner);
    uint64_t ahead = (runner->virtual_time - fair->origin) >> FAIR_BUCKET_BITS;
    uint32_t first = slot_of(fair->origin);
    runner->bucket = (first + (ahead < FAIR_BUCKETS ? (uint32_t)ahead : FAIR_BUCKETS - 1)) % FAIR_BUCKETS;
    struct list *bucket = &fair->buckets[runner->bucket];
    if (goes_on) {
        list_prepend(bucket, &runner->node);
    } else {
        list_append(bucket, &runner->node);
    }
    fair->filled |= UINT64_C(1) << runner->bucket;
}

void fair_remove(struct fair *fair, struct runner *runner) {
    list_remove(&runner->node);
    if (list_is_empty(&fair->buckets[runner->bucket])) {
        fair->filled &= ~(UINT64_C(1) << runner->bucket);
    }
}

struct runner *fair_first(struct fair *fair) {
    uint32_t first = slot_of(fair->origin);
    uint64_t from_first = first == 0 ? fair->filled : fair->filled >> first | fair->filled << (FAIR_BUCKETS - first);
    uint32_t empty = (uint32_t)__builtin_ctzll(from_first);
    fair->origin += (uint64_t)empty << FAIR_BUCKET_BITS;
    struct list *bucket = &fair->buckets[(first + empty) % FAIR_BUCKETS];
    return LIST_CONTAINER(list_first(bucket), struct runner, node);
}

void fair_charge(struct fair *fair, struct runner *runner, uint64_t ticks) {
    runner->virtual_time += (ticks < runner->reach ? ticks : runner->reach) * runner->cost;
    if (fair_is_empty(fair)) {
        /* Who has the hart to itself takes nothing from anybody. */
        fair->origin = runner->virtual_time >> FAIR_BUCKET_BITS << FAIR_BUCKET_BITS;
    }
}

void fair_leave(const struct fair *fair, struct runner *runner) {
    runner->virtual_time -= fair->origin;
}

void fair_enter(const struct fair *fair, struct runner *runner) {
    runner->virtual_time += fair->origin;
}
