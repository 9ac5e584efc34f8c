/*
 * Ranges of physical memory: what there is, minus what is taken. The device tree fills it at boot; the page pool is
 * made from what is left. Ranges are whole pages, never overlap and are kept in ascending order.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "abi/status.h"

enum { MEMORY_RANGE_LIMIT = 64 };

struct memory_range {
    uint64_t start;
    uint64_t size;
};

struct memory_map {
    unsigned count;
    struct memory_range ranges[MEMORY_RANGE_LIMIT];
};

/*
 * Adds memory, without the parts of pages at its ends; what is there already is not added twice. INVALID where it
 * wraps; TOO_BIG where there are too many ranges. A range without a whole page adds nothing.
 */
status_t memory_map_add(struct memory_map *map, uint64_t start, uint64_t size);

/*
 * Takes memory out, with all of the pages at its ends; what is not in the map is ignored. INVALID, TOO_BIG as above. A
 * size of 0 takes nothing.
 */
status_t memory_map_remove(struct memory_map *map, uint64_t start, uint64_t size);

/* Takes `size` bytes, rounded up to pages, out of the first range that has them. NOT_FOUND. */
status_t memory_map_take(struct memory_map *map, uint64_t size, uint64_t *out_start);

/* Whether all of the bytes lie in one range. */
bool memory_map_contains(const struct memory_map *map, uint64_t start, uint64_t size);

uint64_t memory_map_size(const struct memory_map *map);
