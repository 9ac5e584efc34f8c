/*
 * Plain arithmetic over a short sorted array; called at boot only.
 */
#include "supervisor/mem/memory_map.h"

#include <string.h>

#include "lib/align.h"
#include "supervisor/mem/page_memory.h"

static uint64_t range_end(const struct memory_range *range) {
    return range->start + range->size;
}

/* Ends of ranges fit into 64 bits, rounded up to a page too. */
static bool range_is_valid(uint64_t start, uint64_t size) {
    uint64_t end;
    return !__builtin_add_overflow(start, size, &end) && !__builtin_add_overflow(end, PAGE_SIZE - 1, &end);
}

static void range_delete(struct memory_map *map, unsigned index) {
    map->count--;
    memmove(&map->ranges[index], &map->ranges[index + 1], (map->count - index) * sizeof(map->ranges[0]));
}

static void range_insert(struct memory_map *map, unsigned index, uint64_t start, uint64_t end) {
    memmove(&map->ranges[index + 1], &map->ranges[index], (map->count - index) * sizeof(map->ranges[0]));
    map->ranges[index] = (struct memory_range){start, end - start};
    map->count++;
}

/* The first range that ends at or behind `address`. */
static unsigned range_find(const struct memory_map *map, uint64_t address) {
    unsigned index = 0;
    while (index < map->count && range_end(&map->ranges[index]) < address) {
        index++;
    }
    return index;
}

status_t memory_map_add(struct memory_map *map, uint64_t start, uint64_t size) {
    if (!range_is_valid(start, size)) {
        return STATUS_INVALID;
    }
    uint64_t end = align_down(start + size, PAGE_SIZE);
    start = align_up(start, PAGE_SIZE);
    if (start >= end) {
        return STATUS_OK;
    }
    unsigned index = range_find(map, start);
    bool touches = index < map->count && map->ranges[index].start <= end;
    if (!touches && map->count == MEMORY_RANGE_LIMIT) {
        return STATUS_TOO_BIG;
    }
    while (index < map->count && map->ranges[index].start <= end) {
        start = map->ranges[index].start < start ? map->ranges[index].start : start;
        end = range_end(&map->ranges[index]) > end ? range_end(&map->ranges[index]) : end;
        range_delete(map, index);
    }
    range_insert(map, index, start, end);
    return STATUS_OK;
}

status_t memory_map_remove(struct memory_map *map, uint64_t start, uint64_t size) {
    if (!range_is_valid(start, size)) {
        return STATUS_INVALID;
    }
    uint64_t end = align_up(start + size, PAGE_SIZE);
    start = align_down(start, PAGE_SIZE);
    if (size == 0) {
        return STATUS_OK;
    }
    /* Only a hole in the middle of a range makes one more of them, and only one range can have it. */
    if (map->count == MEMORY_RANGE_LIMIT) {
        return STATUS_TOO_BIG;
    }
    unsigned index = range_find(map, start);
    while (index < map->count && map->ranges[index].start < end) {
        struct memory_range range = map->ranges[index];
        range_delete(map, index);
        if (range.start < start) {
            range_insert(map, index++, range.start, start);
        }
        if (range_end(&range) > end) {
            range_insert(map, index++, end, range_end(&range));
        }
    }
    return STATUS_OK;
}

status_t memory_map_take(struct memory_map *map, uint64_t size, uint64_t *out_start) {
    for (unsigned index = 0; index < map->count; index++) {
        uint64_t start = map->ranges[index].start;
        if (size != 0 && map->ranges[index].size >= size) {
            status_t status = memory_map_remove(map, start, size);
            if (status == STATUS_OK) {
                *out_start = start;
            }
            return status;
        }
    }
    return STATUS_NOT_FOUND;
}

bool memory_map_contains(const struct memory_map *map, uint64_t start, uint64_t size) {
    for (unsigned index = 0; index < map->count; index++) {
        const struct memory_range *range = &map->ranges[index];
        if (start >= range->start && start - range->start <= range->size &&
            size <= range->size - (start - range->start)) {
            return true;
        }
    }
    return false;
}

uint64_t memory_map_size(const struct memory_map *map) {
    uint64_t size = 0;
    for (unsigned index = 0; index < map->count; index++) {
        size += map->ranges[index].size;
    }
    return size;
}
