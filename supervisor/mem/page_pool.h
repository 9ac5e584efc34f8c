/*
 * The allocator of physical pages: one bit per page between the lowest and the highest address of a memory map, set
 * while the page is taken or not ours. Searching goes on where the last one stopped, so a fresh page was free for as
 * long as possible.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "abi/status.h"
#include "lib/address.h"
#include "supervisor/mem/memory_map.h"

struct page_pool {
    uint64_t base;
    size_t page_count;
    size_t free_count;
    size_t next;
    unsigned long *taken;
};

/* How many bytes of bookkeeping a pool over this map needs. A map without ranges needs none. */
size_t page_pool_bookkeeping_size(const struct memory_map *map);

/* `bookkeeping` is that many bytes (of the map before or after they were taken out of it), aligned as unsigned long. */
void page_pool_init(struct page_pool *pool, const struct memory_map *map, void *bookkeeping);

/* NO_MEMORY when none is left. The page holds whatever it held. */
status_t page_pool_allocate(struct page_pool *pool, paddr_t *out_page);

/* INVALID for what is not a page of the pool, NOT_FOUND for one that is free. */
status_t page_pool_release(struct page_pool *pool, paddr_t page);
