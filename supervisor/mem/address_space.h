/*
 * The memory of one user environment: regions (what the program asked for) and a page table (what it has touched).
 * Pages come zeroed on first use, whether the program or a system call on its behalf touches them first.
 *
 * Regions are whole pages within [floor, limit), never overlap, are sorted, and neighbours that allow the same are one.
 * Every operation checks everything before it changes anything.
 */
#pragma once

#include <stdint.h>

#include "abi/status.h"
#include "supervisor/arch/riscv/page_table.h"
#include "supervisor/mem/page_memory.h"

enum { ADDRESS_SPACE_REGION_LIMIT = 128 };

struct region {
    uint64_t start;
    uint64_t end;
    unsigned access;
};

struct address_space {
    struct page_table table;
    uint64_t floor;
    uint64_t limit;
    unsigned region_count;
    struct region regions[ADDRESS_SPACE_REGION_LIMIT];
};

/*
 * An address space without memory for addresses from `floor` up to `limit`, sharing what lies from `limit` on with
 * `supervisor` (page_table_share()). NO_MEMORY.
 */
status_t address_space_init(struct address_space *space, const struct page_table *supervisor, uint64_t floor,
                            uint64_t limit);

/* Gives back every page. The address space must not be active. */
void address_space_destroy(struct address_space *space);

/*
 * In all of these, `start` and `size` are multiples of the page size, size is not 0, and the range lies within the
 * bounds: INVALID otherwise. TOO_BIG: there would be too many regions.
 */

/* A region of zeroes. EXISTS where something of the range is taken. */
status_t address_space_map(struct address_space *space, uint64_t start, uint64_t size, unsigned access);

/* The same, whatever was there before. */
status_t address_space_replace(struct address_space *space, uint64_t start, uint64_t size, unsigned access);

/* Takes what there is of the range away. */
status_t address_space_unmap(struct address_space *space, uint64_t start, uint64_t size);

/* NOT_FOUND where something of the range has no region. */
status_t address_space_protect(struct address_space *space, uint64_t start, uint64_t size, unsigned access);

/* The highest free range of `size` bytes that ends at or below `below`. NO_MEMORY. */
status_t address_space_find_gap(const struct address_space *space, uint64_t size, uint64_t below, uint64_t *out_start);

/*
 * The byte at `address`, for an access that the region must allow (ACCESS_NONE: for the supervisor, any region), with
 * the page brought in when this is its first use. *out_size bytes follow in the same page. FAULT: no region, or not
 * allowed; NO_MEMORY.
 */
status_t address_space_resolve(struct address_space *space, uint64_t address, unsigned access, void **out_bytes,
                               uint64_t *out_size);
