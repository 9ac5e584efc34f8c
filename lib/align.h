/*
 * Alignment of 64-bit values to powers of two.
 *
 * align_up and align_down are for alignments and values that the caller has already checked; what comes from an image,
 * a device tree or a guest goes through align_up_checked.
 */
#pragma once

#include <stdint.h>

#include "abi/status.h"

static inline bool is_power_of_two(uint64_t value) {
    return value != 0 && (value & (value - 1)) == 0;
}

/* Whether value is a multiple of alignment, which is a power of two. */
static inline bool is_aligned(uint64_t value, uint64_t alignment) {
    return (value & (alignment - 1)) == 0;
}

/* The largest multiple of alignment, a power of two, that is not above value. */
static inline uint64_t align_down(uint64_t value, uint64_t alignment) {
    return value & ~(alignment - 1);
}

/* The smallest multiple of alignment, a power of two, that is not below value; wraps to 0 when there is none. */
static inline uint64_t align_up(uint64_t value, uint64_t alignment) {
    return align_down(value + (alignment - 1), alignment);
}

/*
 * align_up for values that nobody has checked. STATUS_INVALID: alignment is not a power of two. STATUS_TOO_BIG: no
 * multiple of alignment from value on fits in 64 bits.
 */
static inline status_t align_up_checked(uint64_t value, uint64_t alignment, uint64_t *out_aligned) {
    uint64_t sum;
    if (!is_power_of_two(alignment)) {
        return STATUS_INVALID;
    }
    if (__builtin_add_overflow(value, alignment - 1, &sum)) {
        return STATUS_TOO_BIG;
    }
    *out_aligned = align_down(sum, alignment);
    return STATUS_OK;
}
