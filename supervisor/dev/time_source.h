/*
 * Time as system calls give it: nanoseconds since the counter started. There is no calendar clock in a guest yet, so
 * every clock is this one.
 */
#pragma once

#include <stdint.h>

struct time_source {
    uint64_t (*read)(void);
    /* Ticks per second, not 0. */
    uint32_t frequency;
};

#define TIME_NANOSECONDS 1000000000ULL

/* Never goes back, and does not overflow for 584 years. */
uint64_t time_nanoseconds(const struct time_source *source);

/* How many ticks last at least this long. */
uint64_t time_ticks(const struct time_source *source, uint64_t nanoseconds);
