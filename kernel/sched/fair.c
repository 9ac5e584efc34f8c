/* What sharing begins with, and what a runner takes along to another hart's. */
#include "kernel/sched/fair.h"

#include <string.h>

/* Nobody gets ahead by as many reaches as these. A turn takes one and what it is late, which adds up while a guest of
 * the least weight loads; it would have to load a hundred GiB. */
enum : uint64_t { LEADS_MAX = 1 << 14 };

void fair_init(struct fair *fair) {
    for (unsigned index = 0; index < FAIR_BUCKETS; index++) {
        list_init(&fair->buckets[index]);
    }
    memset(fair->filled, 0, sizeof fair->filled);
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

void fair_arrive(const struct fair *fair, struct runner *runner) {
    uint64_t most = (uint64_t)(FAIR_BUCKETS - 1) << FAIR_BUCKET_BITS;
    fair_join(fair, runner);
    uint64_t ahead = runner->virtual_time - fair->origin;
    if (ahead > most) {
        runner->virtual_time = fair->origin + (ahead > LEADS_MAX * most ? 0 : most);
    }
}

void fair_leave(const struct fair *fair, struct runner *runner) {
    runner->virtual_time -= fair->origin;
}

void fair_enter(const struct fair *fair, struct runner *runner) {
    runner->virtual_time += fair->origin;
}
