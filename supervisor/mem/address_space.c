/*
 * The region array is changed by cutting: after region_cut() at both ends of a range, the range consists of whole
 * regions.
 */
#include "supervisor/mem/address_space.h"

#include <string.h>

#include "lib/align.h"
#include "supervisor/mem/access.h"

status_t address_space_init(struct address_space *space, const struct page_table *supervisor, uint64_t floor,
                            uint64_t limit) {
    struct page_table table;
    status_t status = page_table_init(&table, supervisor->format, supervisor->memory);
    if (status == STATUS_OK) {
        page_table_share(&table, supervisor, limit);
        space->table = table;
        space->floor = floor;
        space->limit = limit;
        space->region_count = 0;
    }
    return status;
}

/* The first region that ends behind `address`, or region_count. */
static unsigned region_find(const struct address_space *space, uint64_t address) {
    unsigned low = 0;
    unsigned high = space->region_count;
    while (low < high) {
        unsigned middle = low + (high - low) / 2;
        if (space->regions[middle].end > address) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

static void region_insert(struct address_space *space, unsigned index, struct region region) {
    memmove(&space->regions[index + 1], &space->regions[index],
            (space->region_count - index) * sizeof(space->regions[0]));
    space->regions[index] = region;
    space->region_count++;
}

static void region_remove(struct address_space *space, unsigned index, unsigned count) {
    space->region_count -= count;
    memmove(&space->regions[index], &space->regions[index + count],
            (space->region_count - index) * sizeof(space->regions[0]));
}

/* Splits the region that `address` is inside of. */
static void region_cut(struct address_space *space, uint64_t address) {
    unsigned index = region_find(space, address);
    if (index == space->region_count || space->regions[index].start >= address) {
        return;
    }
    struct region right = space->regions[index];
    right.start = address;
    space->regions[index].end = address;
    region_insert(space, index + 1, right);
}

/* Makes one of two neighbours at `address` that allow the same. */
static void region_join(struct address_space *space, uint64_t address) {
    unsigned index = region_find(space, address);
    if (index == 0 || index == space->region_count) {
        return;
    }
    struct region *left = &space->regions[index - 1];
    const struct region *right = &space->regions[index];
    if (left->end == right->start && left->access == right->access) {
        left->end = right->end;
        region_remove(space, index, 1);
    }
}

static bool range_is_valid(const struct address_space *space, uint64_t start, uint64_t size) {
    return is_aligned(start | size, PAGE_SIZE) && size != 0 && start >= space->floor && start < space->limit &&
           size <= space->limit - start;
}

/* Cutting at both ends makes at most two regions more. */
static bool has_room_for(const struct address_space *space, unsigned count) {
    return ADDRESS_SPACE_REGION_LIMIT - space->region_count >= count;
}

status_t address_space_map(struct address_space *space, uint64_t start, uint64_t size, unsigned access) {
    if (!range_is_valid(space, start, size)) {
        return STATUS_INVALID;
    }
    uint64_t end = start + size;
    unsigned index = region_find(space, start);
    if (index < space->region_count && space->regions[index].start < end) {
        return STATUS_EXISTS;
    }
    if (!has_room_for(space, 1)) {
        return STATUS_TOO_BIG;
    }
    region_insert(space, index, (struct region){start, end, access});
    region_join(space, end);
    region_join(space, start);
    return STATUS_OK;
}

/* Pages exist only where regions are, so only these are searched. */
static void region_release_pages(struct address_space *space, const struct region *region) {
    uint64_t address = region->start;
    while (page_table_find_next(&space->table, address, region->end, &address) == STATUS_OK) {
        paddr_t page;
        if (page_table_unmap(&space->table, address, &page) == STATUS_OK) {
            space->table.memory->release(space->table.memory->context, page);
        }
        address += PAGE_SIZE;
    }
}

status_t address_space_unmap(struct address_space *space, uint64_t start, uint64_t size) {
    if (!range_is_valid(space, start, size)) {
        return STATUS_INVALID;
    }
    if (!has_room_for(space, 2)) {
        return STATUS_TOO_BIG;
    }
    region_cut(space, start);
    region_cut(space, start + size);
    unsigned first = region_find(space, start);
    unsigned count = 0;
    while (first + count < space->region_count && space->regions[first + count].start < start + size) {
        region_release_pages(space, &space->regions[first + count]);
        count++;
    }
    region_remove(space, first, count);
    return STATUS_OK;
}

status_t address_space_replace(struct address_space *space, uint64_t start, uint64_t size, unsigned access) {
    /* Two cuts and the region itself: with room for these, neither step is refused after the other one was done. */
    if (!has_room_for(space, 3)) {
        return STATUS_TOO_BIG;
    }
    status_t status = address_space_unmap(space, start, size);
    return status == STATUS_OK ? address_space_map(space, start, size, access) : status;
}

/* Whether regions cover the range without a hole. */
static bool range_is_covered(const struct address_space *space, uint64_t start, uint64_t end) {
    for (unsigned index = region_find(space, start); index < space->region_count; index++) {
        const struct region *region = &space->regions[index];
        if (region->start > start) {
            return false;
        }
        if (region->end >= end) {
            return true;
        }
        start = region->end;
    }
    return false;
}

static void region_protect(struct address_space *space, struct region *region, unsigned access) {
    region->access = access;
    uint64_t address = region->start;
    while (page_table_find_next(&space->table, address, region->end, &address) == STATUS_OK) {
        /* Cannot fail: the leaf was just found. */
        (void)page_table_protect(&space->table, address, access);
        address += PAGE_SIZE;
    }
}

status_t address_space_protect(struct address_space *space, uint64_t start, uint64_t size, unsigned access) {
    if (!range_is_valid(space, start, size)) {
        return STATUS_INVALID;
    }
    uint64_t end = start + size;
    if (!range_is_covered(space, start, end)) {
        return STATUS_NOT_FOUND;
    }
    if (!has_room_for(space, 2)) {
        return STATUS_TOO_BIG;
    }
    region_cut(space, start);
    region_cut(space, end);
    for (unsigned i = region_find(space, start); i < space->region_count && space->regions[i].start < end; i++) {
        region_protect(space, &space->regions[i], access);
    }
    region_join(space, end);
    for (unsigned i = region_find(space, end - 1); i > 0 && space->regions[i].start >= start; i--) {
        region_join(space, space->regions[i].start);
    }
    return STATUS_OK;
}

status_t address_space_find_gap(const struct address_space *space, uint64_t size, uint64_t below, uint64_t *out_start) {
    uint64_t top = below < space->limit ? below : space->limit;
    for (unsigned index = region_find(space, top);; index--) {
        if (index < space->region_count && space->regions[index].start < top) {
            top = space->regions[index].start;
        }
        uint64_t bottom = index == 0 ? space->floor : space->regions[index - 1].end;
        if (top >= bottom && top - bottom >= size) {
            *out_start = align_down(top - size, PAGE_SIZE);
            return *out_start >= bottom ? STATUS_OK : STATUS_NO_MEMORY;
        }
        if (index == 0) {
            return STATUS_NO_MEMORY;
        }
    }
}

static status_t page_bring_in(struct address_space *space, uint64_t address, unsigned access, paddr_t *out_page) {
    const struct page_memory *memory = space->table.memory;
    paddr_t page;
    status_t status = memory->allocate(memory->context, &page);
    if (status != STATUS_OK) {
        return status;
    }
    status = page_table_map(&space->table, address, page, PAGE_SIZE, access, PAGE_OWNER_USER);
    if (status != STATUS_OK) {
        memory->release(memory->context, page);
        return status;
    }
    *out_page = page;
    return STATUS_OK;
}

status_t address_space_resolve(struct address_space *space, uint64_t address, unsigned access, void **out_bytes,
                               uint64_t *out_size) {
    unsigned index = region_find(space, address);
    if (index == space->region_count || space->regions[index].start > address ||
        (space->regions[index].access & access) != access) {
        return STATUS_FAULT;
    }
    uint64_t base = align_down(address, PAGE_SIZE);
    struct page_table_leaf leaf;
    status_t status = page_table_find(&space->table, base, &leaf);
    if (status == STATUS_NOT_FOUND) {
        status = page_bring_in(space, base, space->regions[index].access, &leaf.page);
    }
    if (status == STATUS_OK) {
        const struct page_memory *memory = space->table.memory;
        *out_bytes = (uint8_t *)memory->at(memory->context, leaf.page) + (address - base);
        *out_size = PAGE_SIZE - (address - base);
    }
    return status;
}

void address_space_destroy(struct address_space *space) {
    for (unsigned index = 0; index < space->region_count; index++) {
        region_release_pages(space, &space->regions[index]);
    }
    space->region_count = 0;
    page_table_destroy(&space->table);
}
