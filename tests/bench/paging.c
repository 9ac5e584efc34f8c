/* The root maps low addresses to themselves by its largest leaves; its last such entry leads to the device's page. */
#include "tests/bench/paging.h"

#include <stdint.h>

#include "tests/guests/runtime/csr.h"

/* Priv. spec 12.3 and 12.4: Sv32 has two levels of 10 bits, Sv39 three of 9. */
enum {
    IS_64 = sizeof(unsigned long) == 8,
    LEVEL_COUNT = IS_64 ? 3 : 2,
    LEVEL_BITS = IS_64 ? 9 : 10,
    ENTRY_COUNT = 1 << LEVEL_BITS,
    PAGE_BITS = 12,
    ROOT_BITS = PAGE_BITS + (LEVEL_COUNT - 1) * LEVEL_BITS,
    /* Of Sv39's virtual addresses the upper half is negative. */
    DEVICE_INDEX = IS_64 ? ENTRY_COUNT / 2 - 1 : ENTRY_COUNT - 1,
    PTE_POINTER = 0x01,
    PTE_LEAF = 0xcf, /* D, A, X, W, R, V */
    PTE_PPN_SHIFT = 10,
    SATP_MODE_BITS = IS_64 ? 60 : 31,
    SATP_MODE = IS_64 ? 8 : 1,
};

static unsigned long tables[LEVEL_COUNT][ENTRY_COUNT] __attribute__((aligned(1 << PAGE_BITS)));

static unsigned long entry(unsigned long address, unsigned long flags) {
    return address >> PAGE_BITS << PTE_PPN_SHIFT | flags;
}

unsigned long paging_on(unsigned long device) {
    for (unsigned long index = 0; index < DEVICE_INDEX; index++) {
        tables[0][index] = entry(index << ROOT_BITS, PTE_LEAF);
    }
    unsigned long index = DEVICE_INDEX;
    for (unsigned level = 0; level + 1 < LEVEL_COUNT; level++) {
        tables[level][index] = entry((unsigned long)(uintptr_t)tables[level + 1], PTE_POINTER);
        index = 0;
    }
    tables[LEVEL_COUNT - 1][0] = entry(device, PTE_LEAF);
    csr_write(satp, (unsigned long)SATP_MODE << SATP_MODE_BITS | (unsigned long)(uintptr_t)tables[0] >> PAGE_BITS);
    __asm__ volatile("sfence.vma" : : : "memory");
    return (unsigned long)DEVICE_INDEX << ROOT_BITS;
}

void paging_off(void) {
    csr_write(satp, 0);
    __asm__ volatile("sfence.vma" : : : "memory");
}
