/*
 * A word of the bitmap that is all ones is skipped whole. Linear in the worst case, which a full guest of 64 GiB
 * reaches after 2 MiB of bitmap.
 */
#include "supervisor/mem/page_pool.h"

#include <stdbool.h>
#include <string.h>

#include "supervisor/mem/page_memory.h"

enum { WORD_BITS = sizeof(unsigned long) * 8 };

static uint64_t map_span(const struct memory_map *map) {
    if (map->count == 0) {
        return 0;
    }
    const struct memory_range *last = &map->ranges[map->count - 1];
    return last->start + last->size - map->ranges[0].start;
}

static size_t word_count(size_t page_count) {
    return (page_count + WORD_BITS - 1) / WORD_BITS;
}

static bool page_is_taken(const struct page_pool *pool, size_t index) {
    return pool->taken[index / WORD_BITS] >> index % WORD_BITS & 1;
}

static void page_set_taken(struct page_pool *pool, size_t index, bool taken) {
    unsigned long bit = 1UL << index % WORD_BITS;
    if (taken) {
        pool->taken[index / WORD_BITS] |= bit;
        pool->free_count--;
    } else {
        pool->taken[index / WORD_BITS] &= ~bit;
        pool->free_count++;
    }
}

size_t page_pool_bookkeeping_size(const struct memory_map *map) {
    return word_count((size_t)(map_span(map) / PAGE_SIZE)) * sizeof(unsigned long);
}

void page_pool_init(struct page_pool *pool, const struct memory_map *map, void *bookkeeping) {
    *pool = (struct page_pool){
        .base = map->count == 0 ? 0 : map->ranges[0].start,
        .page_count = (size_t)(map_span(map) / PAGE_SIZE),
        .taken = bookkeeping,
    };
    memset(pool->taken, 0xff, word_count(pool->page_count) * sizeof(unsigned long));
    for (unsigned i = 0; i < map->count; i++) {
        size_t first = (size_t)((map->ranges[i].start - pool->base) / PAGE_SIZE);
        size_t count = (size_t)(map->ranges[i].size / PAGE_SIZE);
        for (size_t index = first; index < first + count; index++) {
            page_set_taken(pool, index, false);
        }
    }
}

/* A free page at or behind `from`, or page_count. Bits behind the last page are set, so they are never found. */
static size_t page_find_free(const struct page_pool *pool, size_t from) {
    size_t index = from;
    while (index < pool->page_count && page_is_taken(pool, index)) {
        index = pool->taken[index / WORD_BITS] == ~0UL ? (index / WORD_BITS + 1) * WORD_BITS : index + 1;
    }
    return index < pool->page_count ? index : pool->page_count;
}

status_t page_pool_allocate(struct page_pool *pool, paddr_t *out_page) {
    if (pool->free_count == 0) {
        return STATUS_NO_MEMORY;
    }
    size_t index = page_find_free(pool, pool->next);
    if (index == pool->page_count) {
        index = page_find_free(pool, 0);
    }
    page_set_taken(pool, index, true);
    pool->next = index + 1;
    *out_page = paddr(pool->base + (uint64_t)index * PAGE_SIZE);
    return STATUS_OK;
}

status_t page_pool_release(struct page_pool *pool, paddr_t page) {
    uint64_t offset = page.value - pool->base;
    if (page.value < pool->base || offset % PAGE_SIZE != 0 || offset / PAGE_SIZE >= pool->page_count) {
        return STATUS_INVALID;
    }
    size_t index = (size_t)(offset / PAGE_SIZE);
    if (!page_is_taken(pool, index)) {
        return STATUS_NOT_FOUND;
    }
    page_set_taken(pool, index, false);
    return STATUS_OK;
}
