/*
 * Region table. Every change is: check, find out how many entries it needs, split at its edges, change states, merge.
 * Linear searches throughout: the table is small, and nothing here is on a hot path.
 */
#include "kernel/mem/region.h"

#include <string.h>

#include "lib/align.h"

static uint64_t end_of(const struct region *region) {
    return region->base.value + region->size;
}

static uint32_t spare(const struct region_table *table) {
    return REGION_CAPACITY - table->count;
}

/* The end of a range that somebody asks for. */
static status_t check_range(paddr_t base, uint64_t size, uint64_t *out_end) {
    if (size == 0 || __builtin_add_overflow(base.value, size, out_end)) {
        return STATUS_INVALID;
    }
    return STATUS_OK;
}

/* The first region that ends behind an address, or count. */
static uint32_t first_behind(const struct region_table *table, uint64_t address) {
    uint32_t index = 0;
    while (index < table->count && end_of(&table->regions[index]) <= address) {
        index++;
    }
    return index;
}

/* Makes room at index for one more region; the caller has checked that there is some. */
static struct region *insert_at(struct region_table *table, uint32_t index) {
    struct region *region = &table->regions[index];
    memmove(region + 1, region, (table->count - index) * sizeof *region);
    table->count++;
    return region;
}

/* Regions that touch may be one unless somebody owns them: what was given is taken back as it was given. */
static bool can_merge(const struct region *low, const struct region *high) {
    return end_of(low) == high->base.value && low->state == high->state && low->state != REGION_OWNED;
}

static void merge(struct region_table *table) {
    uint32_t kept = 0;
    for (uint32_t index = 1; index < table->count; index++) {
        struct region *last = &table->regions[kept];
        const struct region *region = &table->regions[index];
        if (can_merge(last, region)) {
            last->size += region->size;
        } else {
            table->regions[++kept] = *region;
        }
    }
    table->count = table->count == 0 ? 0 : kept + 1;
}

/* The free region that has an address inside, not at its edge; null if there is none. Only those are ever split. */
static struct region *find_free_around(struct region_table *table, uint64_t address) {
    uint32_t index = first_behind(table, address);
    struct region *region = &table->regions[index];
    bool inside = index < table->count && region->state == REGION_FREE && region->base.value < address;
    return inside ? region : nullptr;
}

/* Splits the free region around an address in two there, if there is one. */
static void split_at(struct region_table *table, uint64_t address) {
    struct region *low = find_free_around(table, address);
    if (low == nullptr) {
        return;
    }
    uint64_t end = end_of(low);
    struct region *high = insert_at(table, (uint32_t)(low - table->regions) + 1);
    *high = *low;
    high->base = paddr(address);
    high->size = end - address;
    low->size = address - low->base.value;
}

static uint32_t count_splits(struct region_table *table, uint64_t base, uint64_t end) {
    uint32_t at_base = find_free_around(table, base) != nullptr;
    uint32_t at_end = find_free_around(table, end) != nullptr;
    return at_base + at_end;
}

/* A stretch that is in no region, and the index it would have. */
struct gap {
    uint64_t base;
    uint64_t end;
    uint32_t index;
};

/* The first gap from an address on, cut at end; false if there is none. */
static bool next_gap(const struct region_table *table, uint64_t from, uint64_t end, struct gap *out_gap) {
    uint32_t index = first_behind(table, from);
    while (index < table->count && table->regions[index].base.value <= from) {
        from = end_of(&table->regions[index]);
        index++;
    }
    if (from >= end) {
        return false;
    }
    bool is_bounded = index < table->count && table->regions[index].base.value < end;
    out_gap->base = from;
    out_gap->end = is_bounded ? table->regions[index].base.value : end;
    out_gap->index = index;
    return true;
}

static uint32_t count_gaps(const struct region_table *table, uint64_t base, uint64_t end) {
    struct gap gap;
    uint32_t count = 0;
    while (next_gap(table, base, end, &gap)) {
        base = gap.end;
        count++;
    }
    return count;
}

void region_init(struct region_table *table) {
    table->total = 0;
    table->count = 0;
}

status_t region_add_ram(struct region_table *table, paddr_t base, uint64_t size) {
    uint64_t end;
    struct gap gap;
    status_t status = check_range(base, size, &end);
    if (status != STATUS_OK) {
        return status;
    }
    if (count_gaps(table, base.value, end) > spare(table)) {
        return STATUS_TOO_BIG;
    }
    while (next_gap(table, base.value, end, &gap)) {
        struct region *region = insert_at(table, gap.index);
        *region = (struct region){.base = paddr(gap.base), .size = gap.end - gap.base, .state = REGION_FREE};
        table->total += region->size;
    }
    merge(table);
    return STATUS_OK;
}

status_t region_reserve(struct region_table *table, paddr_t base, uint64_t size) {
    uint64_t end;
    status_t status = check_range(base, size, &end);
    if (status != STATUS_OK) {
        return status;
    }
    uint32_t first = first_behind(table, base.value);
    for (uint32_t index = first; index < table->count && table->regions[index].base.value < end; index++) {
        if (table->regions[index].state == REGION_OWNED) {
            return STATUS_BUSY;
        }
    }
    if (count_splits(table, base.value, end) > spare(table)) {
        return STATUS_TOO_BIG;
    }
    split_at(table, base.value);
    split_at(table, end);
    /* What is free ends at the edges now; what else reaches over them is reserved already. */
    for (uint32_t index = first_behind(table, base.value);
         index < table->count && table->regions[index].base.value < end; index++) {
        table->regions[index].state = REGION_RESERVED;
    }
    merge(table);
    return STATUS_OK;
}

/* Where in a region an allocation would go; false if it does not fit. */
static bool place(const struct region *region, uint64_t size, uint64_t alignment, enum region_direction direction,
                  uint64_t *out_base) {
    uint64_t base;
    if (region->state != REGION_FREE || size > region->size) {
        return false;
    }
    if (direction == REGION_FROM_TOP) {
        base = align_down(end_of(region) - size, alignment);
    } else if (align_up_checked(region->base.value, alignment, &base) != STATUS_OK) {
        return false;
    }
    if (base < region->base.value || base > end_of(region) - size) {
        return false;
    }
    *out_base = base;
    return true;
}

status_t region_alloc(struct region_table *table, uint64_t size, uint64_t alignment, uint32_t owner,
                      enum region_direction direction, paddr_t *out_base) {
    if (size == 0 || !is_power_of_two(alignment)) {
        return STATUS_INVALID;
    }
    for (uint32_t step = 0; step < table->count; step++) {
        uint32_t index = direction == REGION_FROM_TOP ? table->count - 1 - step : step;
        uint64_t base;
        if (!place(&table->regions[index], size, alignment, direction, &base) ||
            count_splits(table, base, base + size) > spare(table)) {
            continue;
        }
        split_at(table, base);
        split_at(table, base + size);
        struct region *region = &table->regions[first_behind(table, base)];
        region->state = REGION_OWNED;
        region->owner = owner;
        *out_base = paddr(base);
        return STATUS_OK;
    }
    return STATUS_NO_MEMORY;
}

uint64_t region_largest(const struct region_table *table, uint64_t alignment) {
    uint64_t largest = 0;
    for (uint32_t index = 0; index < table->count; index++) {
        const struct region *region = &table->regions[index];
        uint64_t base;
        if (region->state != REGION_FREE || align_up_checked(region->base.value, alignment, &base) != STATUS_OK ||
            base >= end_of(region)) {
            continue;
        }
        uint64_t size = end_of(region) - base;
        largest = size > largest ? size : largest;
    }
    return largest;
}

status_t region_free(struct region_table *table, paddr_t base, uint32_t owner) {
    uint32_t index = first_behind(table, base.value);
    struct region *region = &table->regions[index];
    if (index == table->count || region->base.value != base.value || region->state != REGION_OWNED) {
        return STATUS_NOT_FOUND;
    }
    if (region->owner != owner) {
        return STATUS_DENIED;
    }
    region->state = REGION_FREE;
    region->owner = 0;
    merge(table);
    return STATUS_OK;
}

const struct region *region_find(const struct region_table *table, paddr_t address) {
    uint32_t index = first_behind(table, address.value);
    bool inside = index < table->count && table->regions[index].base.value <= address.value;
    return inside ? &table->regions[index] : nullptr;
}

struct region_statistics region_statistics(const struct region_table *table) {
    struct region_statistics statistics = {.total = table->total, .count = table->count};
    for (uint32_t index = 0; index < table->count; index++) {
        const struct region *region = &table->regions[index];
        switch (region->state) {
        case REGION_FREE:
            statistics.free += region->size;
            if (region->size > statistics.largest_free) {
                statistics.largest_free = region->size;
            }
            break;
        case REGION_RESERVED:
            statistics.reserved += region->size;
            break;
        case REGION_OWNED:
            statistics.owned += region->size;
            break;
        }
    }
    return statistics;
}

/* Whether a region is well-formed and lies behind the one in front of it, if there is one. */
static bool is_sound(const struct region *region, const struct region *before) {
    uint64_t end;
    if (region->size == 0 || __builtin_add_overflow(region->base.value, region->size, &end)) {
        return false;
    }
    if (region->state != REGION_OWNED && region->owner != 0) {
        return false;
    }
    return before == nullptr || (end_of(before) <= region->base.value && !can_merge(before, region));
}

status_t region_check(const struct region_table *table) {
    uint64_t total = 0;
    if (table->count > REGION_CAPACITY) {
        return STATUS_CORRUPT;
    }
    for (uint32_t index = 0; index < table->count; index++) {
        const struct region *region = &table->regions[index];
        if (!is_sound(region, index == 0 ? nullptr : region - 1)) {
            return STATUS_CORRUPT;
        }
        total += region->size;
    }
    return total == table->total ? STATUS_OK : STATUS_CORRUPT;
}
