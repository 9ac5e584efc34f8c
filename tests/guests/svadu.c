/*
 * Who sets A and D in a page table: the hart, if the device tree says so (Svadu), and then always; else nobody but the
 * guest, which gets a page fault. A second mapping of the guest's own memory is what it is tried on. Boot argument
 * "svadu": the tree has to say so; without, it must not.
 */
#include "tests/guests/runtime/payload.h"

enum {
    PTE_MAPPED = 0x0f, /* valid, readable, writable, executable; neither accessed nor dirty */
    PTE_A = 0x40,
    PTE_D = 0x80,
    PTE_PPN_SHIFT = 10,
    PAGE_BITS = 12,
    PAGE_SIZE = 1 << PAGE_BITS,
    ENTRIES = PAGE_SIZE / sizeof(unsigned long),
    IS_64 = sizeof(unsigned long) == 8,
    ROOT_BITS = IS_64 ? 30 : 22, /* the root's entries are leaves: 1 GiB or 4 MiB */
    MAPPED = IS_64 ? 3 : ENTRIES - 1,
    SECOND = MAPPED, /* whose entry is the second mapping */
};

#define SATP_MODE (IS_64 ? (unsigned long)(UINT64_C(8) << 60) : 1ul << 31)

static volatile unsigned long root[ENTRIES] __attribute__((aligned(PAGE_SIZE)));
static volatile uint32_t word;

static unsigned long entry(unsigned long index, unsigned long flags) {
    return (index << (ROOT_BITS - PAGE_BITS)) << PTE_PPN_SHIFT | flags;
}

/* The same place by the second mapping, which begins anew. */
static void *by_second(const volatile void *place, unsigned long flags) {
    unsigned long address = (uintptr_t)place;
    root[SECOND] = entry(address >> ROOT_BITS, PTE_MAPPED | flags);
    __asm__ volatile("sfence.vma" : : : "memory");
    return (void *)((unsigned long)SECOND << ROOT_BITS | (address & ((1ul << ROOT_BITS) - 1)));
}

static void load(void *place) {
    (void)*(volatile uint32_t *)place;
}

static void store(void *place) {
    *(volatile uint32_t *)place = 1;
}

static void nothing(void *) {
}

static void fetch(void *place) {
    ((void (*)(void *))place)(nullptr);
}

static void check_access(const char *what, void (*access)(void *), void *place, unsigned long needed,
                         unsigned long cause) {
    struct trap trap = trap_catch(access, place);
    unsigned long set = root[SECOND] & (PTE_A | PTE_D);
    if (machine_has_extension("svadu")) {
        check(!trap.came && set == needed, "a %s sets A%s", what, needed & PTE_D ? " and D" : "");
    } else {
        check(trap.came && trap.cause == cause && (set | needed) != set, "a %s is a page fault: %lu, flags 0x%lx", what,
              trap.cause, set);
    }
}

void payload_main(void) {
    check_equal(machine_has_extension("svadu"), machine_has_word("svadu"), "the device tree says svadu as it should");
    for (unsigned long index = 0; index < MAPPED; index++) {
        root[index] = entry(index, PTE_MAPPED | PTE_A | PTE_D);
    }
    csr_write(satp, SATP_MODE | (unsigned long)(uintptr_t)root >> PAGE_BITS);
    for (unsigned round = 0; round < 3; round++) {
        check_access("load", load, by_second(&word, 0), PTE_A, CAUSE_LOAD_PAGE);
        check_access("store", store, by_second(&word, 0), PTE_A | PTE_D, CAUSE_STORE_PAGE);
        check_access("store to an accessed page", store, by_second(&word, PTE_A), PTE_A | PTE_D, CAUSE_STORE_PAGE);
        check_access("fetch", fetch, by_second((const void *)(uintptr_t)nothing, 0), PTE_A, CAUSE_FETCH_PAGE);
        timer_wait_ms(10); /* the other one, which has it otherwise, has the hart meanwhile */
    }
    csr_write(satp, 0);
    __asm__ volatile("sfence.vma" : : : "memory");
}
