/*
 * Runs with translation off at an address that it was not linked for: it may use its own static objects (reached from
 * the pc) and nothing that holds an address in memory. The leaf size is that of the level above the last one: 4 MiB
 * with Sv32, 2 MiB with Sv39.
 */
#include "supervisor/arch/riscv/early_map.h"

#include <stddef.h>

#include "supervisor/arch/riscv/layout.h"
#include "supervisor/arch/riscv/sbi.h"

#define PAGE_BITS 12
#define ENTRY_COUNT (0x1000 / sizeof(unsigned long))
#define INDEX_BITS (__builtin_ctzl(ENTRY_COUNT))
#define LEVELS (sizeof(unsigned long) == 4 ? 2 : 3)
#define SATP_MODE (sizeof(unsigned long) == 4 ? 1UL << 31 : (unsigned long)(8ULL << 60))

/* Accessed and dirty are set beforehand: a hart may fault instead of setting them (priv. spec, Svade). */
#define ENTRY_TABLE 0x01UL
#define ENTRY_IMAGE 0xcfUL
#define ENTRY_READ_ONLY 0x43UL

static unsigned long early_root[ENTRY_COUNT] __attribute__((aligned(4096)));
static unsigned long early_middle[ENTRY_COUNT] __attribute__((aligned(4096)));

static unsigned long entry_for(unsigned long physical, unsigned long flags) {
    return physical >> PAGE_BITS << 10 | flags;
}

static unsigned long index_at(unsigned long address, unsigned level) {
    return address >> (PAGE_BITS + level * INDEX_BITS) & (ENTRY_COUNT - 1);
}

/* All windows of the early map lie in the same entry of a three-level root. */
static void map_leaf(unsigned long address, unsigned long physical, unsigned long flags) {
    unsigned long *table = early_root;
    if (LEVELS == 3) {
        early_root[index_at(address, 2)] = entry_for((unsigned long)early_middle, ENTRY_TABLE);
        table = early_middle;
    }
    table[index_at(address, 1)] = entry_for(physical & ~(EARLY_LEAF_SIZE - 1UL), flags);
}

unsigned long early_map_build(unsigned long image, unsigned long device_tree) {
    map_leaf(SUPERVISOR_BASE, image, ENTRY_IMAGE);
    /* A tree of at most 2 MiB can straddle one border of leaves. */
    map_leaf(DEVICE_TREE_BASE, device_tree, ENTRY_READ_ONLY);
    map_leaf(DEVICE_TREE_BASE + EARLY_LEAF_SIZE, device_tree + EARLY_LEAF_SIZE, ENTRY_READ_ONLY);
    return SATP_MODE | (unsigned long)early_root >> PAGE_BITS;
}

void early_map_refuse(void) {
    static const char text[] = "diosix supervisor: this hart has neither Sv32 (rv32) nor Sv39 (rv64) translation\r\n";
    sbi_console_write((unsigned long)text, sizeof(text) - 1);
    sbi_shutdown(SBI_RESET_REASON_FAILURE);
}
