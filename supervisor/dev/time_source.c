/*
 * Whole seconds and the rest are converted apart, so that no product overflows.
 */
#include "supervisor/dev/time_source.h"

uint64_t time_nanoseconds(const struct time_source *source) {
    uint64_t ticks = source->read();
    uint64_t seconds = ticks / source->frequency;
    uint64_t rest = ticks % source->frequency;
    return seconds * TIME_NANOSECONDS + rest * TIME_NANOSECONDS / source->frequency;
}

uint64_t time_ticks(const struct time_source *source, uint64_t nanoseconds) {
    uint64_t seconds = nanoseconds / TIME_NANOSECONDS;
    uint64_t rest = nanoseconds % TIME_NANOSECONDS;
    return seconds * source->frequency + (rest * source->frequency + TIME_NANOSECONDS - 1) / TIME_NANOSECONDS;
}
