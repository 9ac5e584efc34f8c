/* Sv39 on rv64, where the root's entries are of 1 GiB, or Sv32 on rv32, with 4 MiB and no middle. */
#include "tests/guests/race_tables.h"

#include "tests/guests/runtime/csr.h"
#include "tests/guests/runtime/machine.h"

enum {
    PTE_VALID = 0x01,
    PTE_READ_ONLY = 0x43, /* valid, readable, accessed */
    PTE_LEAF = 0xcf,      /* valid, readable, writable, executable, accessed, dirty; the supervisor's */
    PTE_USER = 0xdf,
    PTE_PPN_SHIFT = 10,
    PAGE_BITS = 12,
    ENTRIES = RACE_PAGE_SIZE / sizeof(unsigned long),
    INDEX_BITS = sizeof(unsigned long) == 8 ? 9 : 10,
    ROOT_BITS = sizeof(unsigned long) == 8 ? 30 : 22,
    PAGES = 4, /* the second and the third are shown */
    PATTERN_BYTE = RACE_PATTERN_BEHIND & 0xff,
};

#define SATP_MODE (sizeof(unsigned long) == 8 ? (unsigned long)(UINT64_C(8) << 60) : 1ul << 31)

#define TABLE static volatile unsigned long __attribute__((aligned(RACE_PAGE_SIZE)))

TABLE root[ENTRIES];
TABLE middle[ENTRIES]; /* the root's entry leads here on rv64 */
TABLE leaf[ENTRIES];

static uint8_t pages[PAGES][RACE_PAGE_SIZE] __attribute__((aligned(RACE_PAGE_SIZE)));

static const bool has_middle = sizeof(unsigned long) == 8;

static unsigned long entry(uint64_t address, unsigned long flags) {
    return (unsigned long)(address >> PAGE_BITS) << PTE_PPN_SHIFT | flags;
}

static unsigned long entry_of(const volatile void *at, unsigned long flags) {
    return entry((uintptr_t)at, flags);
}

static volatile unsigned long *root_entry(void) {
    return &root[RACE_WINDOW >> ROOT_BITS];
}

static volatile unsigned long *middle_entry(void) {
    return &middle[(RACE_WINDOW >> (ROOT_BITS - INDEX_BITS)) % ENTRIES];
}

static volatile unsigned long *leaf_entry(void) {
    return &leaf[(RACE_WINDOW >> PAGE_BITS) % ENTRIES];
}

static void fill_pages(void) {
    for (size_t page = 0; page < PAGES; page++) {
        for (size_t at = 0; at < RACE_PAGE_SIZE; at++) {
            pages[page][at] = PATTERN_BYTE;
        }
        for (size_t at = 0; at < 3; at++) {
            pages[page][4 + at] = (uint8_t)(RACE_PATTERN >> (8 * at));
        }
    }
    pages[1][7] = RACE_BYTE_FIRST;
    pages[2][7] = RACE_BYTE_SECOND;
}

void race_tables_make(void) {
    size_t count = has_middle ? 4 : ENTRIES;
    for (size_t index = 0; index < count; index++) {
        root[index] = entry((uint64_t)index << ROOT_BITS, PTE_LEAF);
    }
    fill_pages();
    race_tables_restore();
}

void race_tables_on(void) {
    __asm__ volatile("sfence.vma" : : : "memory");
    csr_write(satp, SATP_MODE | (unsigned long)(uintptr_t)root >> PAGE_BITS);
    __asm__ volatile("sfence.vma" : : : "memory");
}

void race_tables_off(void) {
    csr_write(satp, 0);
    __asm__ volatile("sfence.vma" : : : "memory");
}

void race_tables_restore(void) {
    *leaf_entry() = entry(machine.uart, PTE_LEAF);
    *middle_entry() = entry_of(leaf, PTE_VALID);
    *root_entry() = entry_of(has_middle ? middle : leaf, PTE_VALID);
}

void race_tables_show(bool is_second) {
    *leaf_entry() = entry_of(pages[is_second ? 2 : 1], PTE_LEAF);
}

volatile uint32_t *race_tables_word(bool is_second) {
    return (volatile uint32_t *)(void *)pages[is_second ? 2 : 1];
}

/* Memory that is not this guest's: before its own, behind it, and where nobody has any. */
static uint64_t foreign(unsigned long random) {
    switch (random % 4) {
    case 0:
        return machine.memory_base - RACE_PAGE_SIZE;
    case 1:
        return (uint64_t)machine.memory_base + machine.memory_size;
    case 2:
        return 0x2000000; /* CLINT */
    default:
        return 0;
    }
}

static unsigned long change_of_leaf(unsigned long random) {
    const unsigned long choices[] = {
        entry(machine.uart, PTE_LEAF),         entry(machine.uart, PTE_READ_ONLY),
        entry(machine.uart, PTE_USER),         entry_of(pages[1], PTE_LEAF),
        entry_of(pages[2], PTE_LEAF),          entry_of(leaf, PTE_LEAF),
        entry(foreign(random / 16), PTE_LEAF), 0,
    };
    return choices[random % 8];
}

static unsigned long change_of_table(unsigned long random, const volatile unsigned long *next) {
    const unsigned long choices[] = {
        entry_of(next, PTE_VALID),
        entry_of(root, PTE_VALID),
        entry(foreign(random / 16), PTE_VALID),
        entry(foreign(random / 16), PTE_LEAF), /* a page too large for where it is, too */
        ~0ul,
        0,
    };
    return choices[random % 6];
}

/* What is broken further up is mended by and by, or the window would never be open. */
void race_tables_change(unsigned long random) {
    unsigned long what = random / 8;
    switch (random % 8) {
    case 0:
        *root_entry() = change_of_table(what, has_middle ? middle : leaf);
        break;
    case 1:
        *middle_entry() = change_of_table(what, leaf);
        break;
    case 2:
        race_tables_restore();
        break;
    default:
        *leaf_entry() = change_of_leaf(what);
    }
}

size_t race_tables_count_strays(void) {
    size_t strays = 0;
    for (size_t page = 0; page < PAGES; page++) {
        for (size_t at = 0; at < RACE_PAGE_SIZE; at++) {
            bool is_shown = page == 1 || page == 2;
            bool is_target = at >= 4 && at < 8;
            uint8_t fresh = at >= 4 && at < 7 ? (uint8_t)(RACE_PATTERN >> (8 * (at - 4))) : PATTERN_BYTE;
            strays += !(is_shown && is_target) && pages[page][at] != fresh;
        }
    }
    return strays;
}
