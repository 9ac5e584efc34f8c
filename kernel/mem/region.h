/*
 * Who owns which physical RAM: a sorted table of regions that never overlap and together are all of RAM.
 *
 * Boot code adds the banks and reserves what is taken; guests are given regions and give them back. The caller holds
 * the lock of the table; scrubbing, and having every hart drop its access, come before region_free and are the
 * caller's.
 *
 * Invariants (region_check): sorted by base, no region empty or wrapping, no two overlapping, the sizes add up to
 * total, and regions that touch and are both free or both reserved are one. Every function keeps them whatever it is
 * told; one that is refused has changed nothing. The end of a region is at most 2^64 - 1.
 */
#pragma once

#include <stdint.h>

#include "abi/status.h"
#include "lib/address.h"

#define REGION_CAPACITY 256

enum region_state { REGION_FREE, REGION_RESERVED, REGION_OWNED };

/* Where in RAM an allocation is looked for first. */
enum region_direction { REGION_FROM_BOTTOM, REGION_FROM_TOP };

struct region {
    paddr_t base;
    uint64_t size;
    uint32_t owner; /* the owner's id where state is REGION_OWNED, else 0 */
    enum region_state state;
};

struct region_table {
    uint64_t total; /* bytes of RAM */
    uint32_t count;
    struct region regions[REGION_CAPACITY];
};

struct region_statistics {
    uint64_t total;
    uint64_t free;
    uint64_t reserved;
    uint64_t owned;
    uint64_t largest_free;
    uint32_t count;
};

/* Makes a table without RAM. */
void region_init(struct region_table *table);

/*
 * Adds a bank of RAM, free; parts that are in the table already stay as they are. STATUS_INVALID: of size 0, or it
 * reaches 2^64. STATUS_TOO_BIG: more regions than the table can be sure to hold.
 */
status_t region_add_ram(struct region_table *table, paddr_t base, uint64_t size);

/*
 * Reserves what is RAM in a range that need not be RAM: free parts become reserved, reserved ones stay, and the rest is
 * of no account. So RAM is added before anything is reserved in it. STATUS_INVALID: of size 0, or it reaches 2^64.
 * STATUS_BUSY: somebody owns a part. STATUS_TOO_BIG: no room for the pieces.
 */
status_t region_reserve(struct region_table *table, paddr_t base, uint64_t size);

/*
 * Gives the first free stretch of size bytes at a multiple of alignment to an owner. STATUS_INVALID: size is 0 or
 * alignment is not a power of two. STATUS_NO_MEMORY: there is no such stretch, or the table has no room to split one.
 */
status_t region_alloc(struct region_table *table, uint64_t size, uint64_t alignment, uint32_t owner,
                      enum region_direction direction, paddr_t *out_base);

/*
 * Takes back a region that region_alloc gave, by its base. STATUS_NOT_FOUND: no region that somebody owns starts there.
 * STATUS_DENIED: it is another owner's.
 */
status_t region_free(struct region_table *table, paddr_t base, uint32_t owner);

/* The most bytes that region_alloc could give at that alignment, a power of two. */
uint64_t region_largest(const struct region_table *table, uint64_t alignment);

/* The region that an address is in, until the table changes; null where there is no RAM. */
const struct region *region_find(const struct region_table *table, paddr_t address);

struct region_statistics region_statistics(const struct region_table *table);

/* Checks the invariants. STATUS_CORRUPT: one is broken. */
status_t region_check(const struct region_table *table);
