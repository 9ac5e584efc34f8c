/*
 * Keeps a hart's TLB full of translations that others on the hart have, too, for other memory: the same addresses under
 * the same ASIDs, pages that are global, and large pages; for each of this guest's harts its own. Two such guests on
 * one hart of the machine, and each hart of each, must always find what is theirs.
 *
 * What belongs to an address space of a hart is told apart by its value: the boot arguments' first character, the hart,
 * and the space. Both spaces of a hart are gone through by turns, with no fence in between, as their ASIDs allow. What
 * of all this QEMU can show stands in docs/isolation.md.
 */
#include "tests/guests/runtime/payload.h"

enum {
    PAGE_BITS = 12,
    PAGE_SIZE = 1 << PAGE_BITS,
    PAGES = 32, /* of each space, and as many global ones of each hart */
    HARTS = 2,
    SPACES = 2,
    RUN_MS = 600,
    ENTRIES = PAGE_SIZE / sizeof(unsigned long),
    INDEX_BITS = sizeof(unsigned long) == 8 ? 9 : 10,
    ROOT_BITS = sizeof(unsigned long) == 8 ? 30 : 22,
    LARGE_BITS = sizeof(unsigned long) == 8 ? 21 : 22,
    ASID_SHIFT = sizeof(unsigned long) == 8 ? 44 : 22,
    PTE_PPN_SHIFT = 10,
    PTE_VALID = 0x01,
    PTE_LEAF = 0xcf,   /* valid, readable, writable, executable, accessed, dirty; the supervisor's */
    PTE_GLOBAL = 0xef, /* likewise, and in all spaces */
};

#define SATP_MODE (sizeof(unsigned long) == 8 ? (unsigned long)(UINT64_C(8) << 60) : 1ul << 31)

/* Where a guest has nothing: its own pages, its global ones, and a large one. On rv64 all behind one entry of the root.
 */
#define OWN 0xe0000000ul
#define GLOBAL 0xe0080000ul
#define LARGE 0xe1000000ul

struct space {
    unsigned long root[ENTRIES];
    unsigned long middle[ENTRIES]; /* rv64 only */
    unsigned long leaf[ENTRIES];
};

static struct space spaces[HARTS][SPACES] __attribute__((aligned(PAGE_SIZE)));
static uint32_t pages[HARTS][SPACES + 1][PAGES][PAGE_SIZE / 4] __attribute__((aligned(PAGE_SIZE)));
static uint32_t is_started; /* atomic: harts */
static uint32_t is_ended;   /* atomic: the second one */

static unsigned long entry(unsigned long address, unsigned long flags) {
    return address >> PAGE_BITS << PTE_PPN_SHIFT | flags;
}

static unsigned long index_of(unsigned long address, unsigned low_bit) {
    return (address >> low_bit) % ENTRIES;
}

/* What the pages of a space hold; space SPACES has the global ones, the next one the large one. */
static uint32_t value_of(unsigned long hart, unsigned space, unsigned page) {
    return (uint32_t)(uint8_t)machine.bootargs[0] << 24 | (uint32_t)hart << 20 | space << 16 | page;
}

/* Memory of the guest's own, as large and as aligned as a large page: one for each hart. */
static unsigned long large_page(unsigned long hart) {
    unsigned long first = (machine_free_start() + (1ul << LARGE_BITS) - 1) >> LARGE_BITS << LARGE_BITS;
    return first + (hart << LARGE_BITS);
}

static void fill_pages(unsigned long hart) {
    for (unsigned page = 0; page < PAGES; page++) {
        for (unsigned space = 0; space <= SPACES; space++) {
            pages[hart][space][page][0] = value_of(hart, space, page);
        }
        *(uint32_t *)(large_page(hart) + page * PAGE_SIZE) = value_of(hart, SPACES + 1, page);
    }
}

static void make_space(unsigned long hart, unsigned number) {
    struct space *space = &spaces[hart][number];
    bool has_middle = sizeof(unsigned long) == 8;
    for (unsigned long index = 0; index < (has_middle ? 4 : ENTRIES); index++) {
        space->root[index] = entry(index << ROOT_BITS, PTE_GLOBAL);
    }
    unsigned long leaf = entry((unsigned long)(uintptr_t)space->leaf, PTE_VALID);
    unsigned long *above_leaf = has_middle ? space->middle : space->root;
    if (has_middle) {
        space->root[index_of(OWN, ROOT_BITS)] = entry((unsigned long)(uintptr_t)space->middle, PTE_VALID);
    }
    above_leaf[index_of(OWN, PAGE_BITS + INDEX_BITS)] = leaf;
    above_leaf[index_of(LARGE, LARGE_BITS)] = entry(large_page(hart), PTE_LEAF);
    for (unsigned page = 0; page < PAGES; page++) {
        unsigned long own = (unsigned long)(uintptr_t)pages[hart][number][page];
        unsigned long global = (unsigned long)(uintptr_t)pages[hart][SPACES][page];
        space->leaf[index_of(OWN, PAGE_BITS) + page] = entry(own, PTE_LEAF);
        space->leaf[index_of(GLOBAL, PAGE_BITS) + page] = entry(global, PTE_GLOBAL);
    }
}

static void enter_space(unsigned long hart, unsigned number) {
    unsigned long root = (unsigned long)(uintptr_t)spaces[hart][number].root >> PAGE_BITS;
    csr_write(satp, SATP_MODE | (unsigned long)(number + 1) << ASID_SHIFT | root);
}

static unsigned count_wrong(unsigned long address, unsigned long hart, unsigned space) {
    unsigned wrong = 0;
    for (unsigned page = 0; page < PAGES; page++) {
        wrong += *(volatile uint32_t *)(address + page * PAGE_SIZE) != value_of(hart, space, page);
    }
    return wrong;
}

static void look(void *) {
    unsigned long hart = hart_self()->id;
    uint64_t end = timer_now() + timer_ticks_of_ms(RUN_MS);
    unsigned own = 0, global = 0, large = 0;
    __atomic_add_fetch(&is_started, 1, __ATOMIC_SEQ_CST);
    __asm__ volatile("sfence.vma" : : : "memory");
    for (unsigned round = 0; timer_now() < end; round++) {
        unsigned number = round % SPACES;
        enter_space(hart, number);
        own += count_wrong(OWN, hart, number);
        global += count_wrong(GLOBAL, hart, SPACES);
        large += count_wrong(LARGE, hart, SPACES + 1);
    }
    csr_write(satp, 0);
    __asm__ volatile("sfence.vma" : : : "memory");
    check_equal(own, 0, "every page is this hart's own");
    check_equal(global, 0, "so is every global one");
    check_equal(large, 0, "and the large one");
}

static void look_and_end(void *) {
    look(nullptr);
    __atomic_store_n(&is_ended, 1, __ATOMIC_SEQ_CST);
}

void payload_main(void) {
    for (unsigned long hart = 0; hart < HARTS; hart++) {
        fill_pages(hart);
        for (unsigned number = 0; number < SPACES; number++) {
            make_space(hart, number);
        }
    }
    check_equal((unsigned long)hart_run(1, look_and_end, nullptr), SBI_SUCCESS, "the other hart starts");
    look(nullptr);
    while (__atomic_load_n(&is_ended, __ATOMIC_SEQ_CST) == 0) {
        timer_wait_ms(1);
    }
    check_equal(is_started, HARTS, "both harts looked");
}
