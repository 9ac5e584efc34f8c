/* RAM by owner. Used at boot, by the boot hart: guests keep their RAM until the machine goes off, so there is no lock
 * yet. */
#include "kernel/mem/memory.h"

#include <string.h>

#include "lib/align.h"

enum {
    KERNEL_OWNER = UINT32_MAX,
    CHUNK_SIZE = 256 * 1024, /* taken for the kernel at a time, so that the table of regions stays short */
    PAGE_SIZE = 4096,
    OBJECT_ALIGNMENT = 64, /* a cache line: objects of different harts do not share one */
};

/* The largest pages that a guest's second stage is likely to use. */
#define HUGE_PAGE_SIZE (UINT64_C(1) << 30)

static struct region_table table;
static uint8_t *chunk;
static size_t chunk_left;

void memory_init(void) {
    region_init(&table);
    chunk_left = 0;
}

status_t memory_add_ram(paddr_t base, uint64_t size) {
    return region_add_ram(&table, base, size);
}

status_t memory_reserve(paddr_t base, uint64_t size) {
    return region_reserve(&table, base, size);
}

bool memory_is_ram(paddr_t base, uint64_t size) {
    uint64_t at = base.value;
    const struct region *region;
    while ((region = region_find(&table, paddr(at))) != nullptr) {
        uint64_t inside = region->size - (at - region->base.value);
        if (inside >= size) {
            return true;
        }
        at += inside;
        size -= inside;
    }
    return false;
}

/* Kernel memory comes from the top, guests from the bottom, where boards have most. */
static uint8_t *take(size_t size, size_t alignment) {
    paddr_t base;
    if (region_alloc(&table, size, alignment, (uint32_t)KERNEL_OWNER, REGION_FROM_TOP, &base) != STATUS_OK) {
        return nullptr;
    }
    return (uint8_t *)(uintptr_t)base.value;
}

/* Null stays null. */
static void *cleared(uint8_t *memory, size_t size) {
    return memory != nullptr ? memset(memory, 0, size) : nullptr;
}

void *memory_boot_alloc(size_t size) {
    if (size > SIZE_MAX / 2) {
        return nullptr;
    }
    size = (size_t)align_up(size, OBJECT_ALIGNMENT);
    if (size > CHUNK_SIZE / 4) {
        size = (size_t)align_up(size, PAGE_SIZE);
        return cleared(take(size, PAGE_SIZE), size);
    }
    if (size > chunk_left) {
        chunk = take(CHUNK_SIZE, PAGE_SIZE);
        chunk_left = chunk != nullptr ? CHUNK_SIZE : 0;
        if (chunk == nullptr) {
            return nullptr;
        }
    }
    uint8_t *object = chunk;
    chunk += size;
    chunk_left -= size;
    return cleared(object, size);
}

void *memory_block_alloc(size_t size) {
    return cleared(take(size, size), size);
}

void memory_block_free(void *block) {
    (void)!region_free(&table, paddr((uintptr_t)block), (uint32_t)KERNEL_OWNER);
}

status_t memory_guest_alloc(uint64_t size, uint32_t guest_index, paddr_t *out_base) {
    if (size >= HUGE_PAGE_SIZE &&
        region_alloc(&table, size, HUGE_PAGE_SIZE, guest_index, REGION_FROM_BOTTOM, out_base) == STATUS_OK) {
        return STATUS_OK;
    }
    return region_alloc(&table, size, MEMORY_GUEST_ALIGNMENT, guest_index, REGION_FROM_BOTTOM, out_base);
}

status_t memory_guest_alloc_largest(uint64_t *size, uint32_t guest_index, paddr_t *out_base) {
    uint64_t largest = region_largest(&table, MEMORY_GUEST_ALIGNMENT);
    uint64_t rest = 0;
    if (largest < *size &&
        (align_up_checked(*size - largest, MEMORY_GUEST_ALIGNMENT, &rest) != STATUS_OK || rest >= *size)) {
        return STATUS_NO_MEMORY;
    }
    status_t status = memory_guest_alloc(*size - rest, guest_index, out_base);
    if (status == STATUS_OK) {
        *size -= rest;
    }
    return status;
}

void memory_guest_free(paddr_t base, uint32_t guest_index) {
    (void)!region_free(&table, base, guest_index);
}

struct region_statistics memory_statistics(void) {
    return region_statistics(&table);
}
