/*
 * What page tables and address spaces need of the machine: pages, a way to see them, and fences. kernel_space.c
 * provides it on a hart, tests provide it from an array.
 */
#pragma once

#include <stdint.h>

#include "abi/status.h"
#include "lib/address.h"

#define PAGE_SIZE 4096U
#define PAGE_BITS 12U

struct page_memory {
    void *context;
    /* A page of zeroes; NO_MEMORY when there is none left. */
    status_t (*allocate)(void *context, paddr_t *out_page);
    void (*release)(void *context, paddr_t page);
    /* Where the supervisor sees a page that allocate() gave. */
    void *(*at)(void *context, paddr_t page);
    /* The translation of `address` changed: no hart may use what it had cached of it. */
    void (*fence)(void *context, uint64_t address);
    /* Memory that will be executed was written or changed hands. */
    void (*fence_code)(void *context);
};
