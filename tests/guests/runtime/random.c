/* A counter that is mixed (the finaliser of MurmurHash3): each state is visited once in 2^32 steps. */
#include "tests/guests/runtime/random.h"

/* Odd, and with no pattern in its bits: the golden ratio's. */
enum : uint32_t { STRIDE = 0x9e3779b9 };

static uint32_t mix(uint32_t value) {
    value = (value ^ value >> 16) * 0x85ebca6bu;
    value = (value ^ value >> 13) * 0xc2b2ae35u;
    return value ^ value >> 16;
}

struct random random_begin(uint32_t seed, uint32_t stream, uint32_t step) {
    return (struct random){.state = mix(mix(mix(seed + STRIDE) + stream + STRIDE) + step + STRIDE)};
}

uint32_t random_next(struct random *random) {
    random->state += STRIDE;
    return mix(random->state);
}

uint32_t random_below(struct random *random, uint32_t limit) {
    return (uint32_t)((uint64_t)random_next(random) * limit >> 32);
}

unsigned long random_long(struct random *random) {
    uint64_t high = random_next(random);
    return (unsigned long)(high << 32 | random_next(random));
}
