/* One root table: leaves of 1 GiB (Sv39) or 4 MiB (Sv32), all of them the identity. */
#include "tests/guests/foreign.h"

#include <stddef.h>
#include <stdint.h>

#include "tests/guests/runtime/csr.h"
#include "tests/guests/runtime/machine.h"

enum {
    PTE_VALID = 0x01,
    PTE_LEAF = 0xcf, /* valid, readable, writable, executable, accessed, dirty; the supervisor's */
    PTE_PPN_SHIFT = 10,
    PAGE_BITS = 12,
    PAGE_SIZE = 4096,
    ENTRIES = PAGE_SIZE / sizeof(unsigned long),
    LEAF_BITS = sizeof(unsigned long) == 8 ? 30 : 22,
};

#define SATP_MODE (sizeof(unsigned long) == 8 ? (unsigned long)(UINT64_C(8) << 60) : 1ul << 31)

static unsigned long root[ENTRIES] __attribute__((aligned(PAGE_SIZE)));

static unsigned long entry(uint64_t address, unsigned long flags) {
    return (unsigned long)(address >> PAGE_BITS) << PTE_PPN_SHIFT | flags;
}

bool foreign_is_own(unsigned long address) {
    return address - machine.memory_base < machine.memory_size;
}

unsigned long foreign_table(void) {
    unsigned long table = FOREIGN_KERNEL + PAGE_SIZE;
    return foreign_is_own(table) ? machine.memory_base + machine.memory_size : table;
}

void foreign_move_table(unsigned long address) {
    root[FOREIGN_WALK >> LEAF_BITS] = entry(address, PTE_VALID);
    __asm__ volatile("sfence.vma" : : : "memory");
}

void foreign_tables_on(void) {
    /* The lower half: on rv64 what 38 bits reach, on rv32 4 GiB need all. */
    size_t count = sizeof(unsigned long) == 8 ? 4 : ENTRIES;
    for (size_t index = 0; index < count; index++) {
        root[index] = entry((uint64_t)index << LEAF_BITS, PTE_LEAF);
    }
    foreign_move_table(foreign_table());
    csr_write(satp, SATP_MODE | (unsigned long)(uintptr_t)root >> PAGE_BITS);
    __asm__ volatile("sfence.vma" : : : "memory");
}

void foreign_tables_off(void) {
    csr_write(satp, 0);
    __asm__ volatile("sfence.vma" : : : "memory");
}

void foreign_root_on(void) {
    csr_write(satp, SATP_MODE | FOREIGN_KERNEL >> PAGE_BITS);
    __asm__ volatile("sfence.vma" : : : "memory");
}
