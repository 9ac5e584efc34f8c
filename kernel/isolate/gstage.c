/*
 * Second-stage tables. A range is a sequence of leaves, each as large as the alignment of both its addresses and what
 * is left allow; counting, mapping and unmapping go through the same sequence (leaf_at).
 */
#include "kernel/isolate/gstage.h"

#include <string.h>

#include "lib/align.h"

enum { PAGE_BITS = 12, PPN_SHIFT = 10, LEVELS_MAX = 5, ROOT_MORE_BITS = 2 };

/* V, R, W, X, U, A, D: the second stage treats all of a guest's accesses as user mode's, and A and D set beforehand
 * leave the hart nothing to write or fault about (priv. spec, "Guest-Physical Address Translation"). */
enum { PTE_VALID = 0x01, PTE_LEAF = 0xdf };

static const struct gstage_scheme schemes[] = {
    {"Sv32x4", 32, 1, 2, 10, 4, 34},
    {"Sv39x4", 64, 8, 3, 9, 8, 41},
    {"Sv48x4", 64, 9, 4, 9, 8, 50},
    {"Sv57x4", 64, 10, 5, 9, 8, 59},
};

const struct gstage_scheme *gstage_choose(uint32_t modes, unsigned xlen, uint64_t end) {
    for (size_t index = 0; index < sizeof schemes / sizeof schemes[0]; index++) {
        const struct gstage_scheme *scheme = &schemes[index];
        bool is_there = scheme->xlen == xlen && (modes >> scheme->mode & 1) != 0;
        if (is_there && end <= UINT64_C(1) << scheme->address_bits) {
            return scheme;
        }
    }
    return nullptr;
}

/* log2 of what one entry of a table of this level stands for; the lowest is 0. */
static unsigned level_bits(const struct gstage_scheme *scheme, unsigned level) {
    return PAGE_BITS + level * scheme->index_bits;
}

/* The level of the leaf that a range has at an offset. */
static unsigned leaf_at(const struct gstage_scheme *scheme, const struct gstage_range *range, uint64_t offset) {
    uint64_t addresses = (range->from.value + offset) | (range->to.value + offset);
    unsigned level = scheme->levels - 1;
    while (level > 0) {
        uint64_t size = UINT64_C(1) << level_bits(scheme, level);
        if (is_aligned(addresses, size) && range->size - offset >= size) {
            break;
        }
        level--;
    }
    return level;
}

size_t gstage_count(const struct gstage_scheme *scheme, const struct gstage_range *ranges, size_t count) {
    size_t size = GSTAGE_ROOT_SIZE;
    /* Addresses ascend, so a table is new if it is not the last one that was needed at its level. */
    uint64_t last[LEVELS_MAX];
    memset(last, 0xff, sizeof last);
    for (size_t index = 0; index < count; index++) {
        const struct gstage_range *range = &ranges[index];
        for (uint64_t offset = 0; offset < range->size;) {
            unsigned leaf = leaf_at(scheme, range, offset);
            for (unsigned level = leaf; level < scheme->levels - 1u; level++) {
                uint64_t table = (range->from.value + offset) >> level_bits(scheme, level + 1);
                size += table != last[level] ? GSTAGE_PAGE_SIZE : 0;
                last[level] = table;
            }
            offset += UINT64_C(1) << level_bits(scheme, leaf);
        }
    }
    return size;
}

void gstage_init(struct gstage *gstage, const struct gstage_scheme *scheme, void *tables, size_t size) {
    memset(tables, 0, size);
    *gstage = (struct gstage){.scheme = scheme, .tables = tables, .size = size, .used = GSTAGE_ROOT_SIZE};
}

/* The place of an address's entry in a table. */
static void *entry_of(const struct gstage_scheme *scheme, void *table, unsigned level, uint64_t address) {
    unsigned bits = scheme->index_bits + (level == scheme->levels - 1u ? ROOT_MORE_BITS : 0);
    uint64_t index = address >> level_bits(scheme, level) & ((UINT64_C(1) << bits) - 1);
    return (uint8_t *)table + index * scheme->pte_size;
}

static uint64_t entry_read(const struct gstage_scheme *scheme, const void *entry) {
    return scheme->pte_size == 4 ? *(const uint32_t *)entry : *(const uint64_t *)entry;
}

/* No hart walks the tables meanwhile (isolate.h): they need not change in any order. */
static void entry_write(const struct gstage_scheme *scheme, void *entry, uint64_t value) {
    if (scheme->pte_size == 4) {
        *(uint32_t *)entry = (uint32_t)value;
    } else {
        *(uint64_t *)entry = value;
    }
}

static uint64_t entry_to(uint64_t address, unsigned flags) {
    return address >> PAGE_BITS << PPN_SHIFT | flags;
}

static void *table_take(struct gstage *gstage) {
    if (gstage->size - gstage->used < GSTAGE_PAGE_SIZE) {
        return nullptr;
    }
    void *table = gstage->tables + gstage->used;
    gstage->used += GSTAGE_PAGE_SIZE;
    return table;
}

/*
 * The entry for an address at a level, with the tables on the way made as needed. STATUS_BUSY: a larger page is in the
 * way; STATUS_NO_MEMORY.
 */
static status_t find_entry(struct gstage *gstage, uint64_t address, unsigned level, void **out_entry) {
    const struct gstage_scheme *scheme = gstage->scheme;
    void *table = gstage->tables;
    for (unsigned at = scheme->levels - 1; at > level; at--) {
        void *entry = entry_of(scheme, table, at, address);
        uint64_t pte = entry_read(scheme, entry);
        if ((pte & PTE_LEAF) == PTE_LEAF) {
            return STATUS_BUSY;
        }
        if (pte != 0) {
            table = (void *)(uintptr_t)(pte >> PPN_SHIFT << PAGE_BITS);
            continue;
        }
        table = table_take(gstage);
        if (table == nullptr) {
            return STATUS_NO_MEMORY;
        }
        entry_write(scheme, entry, entry_to((uintptr_t)table, PTE_VALID));
    }
    *out_entry = entry_of(scheme, table, level, address);
    return STATUS_OK;
}

static status_t check_range(const struct gstage_scheme *scheme, const struct gstage_range *range) {
    uint64_t limit = UINT64_C(1) << scheme->address_bits;
    if (range->size == 0 || range->from.value >= limit || range->size > limit - range->from.value) {
        return STATUS_INVALID;
    }
    return is_aligned(range->from.value | range->to.value | range->size, GSTAGE_PAGE_SIZE) ? STATUS_OK : STATUS_INVALID;
}

/* Takes back the leaves in front of an offset. */
static void unmap_until(struct gstage *gstage, const struct gstage_range *range, uint64_t end) {
    for (uint64_t offset = 0; offset < end;) {
        void *entry;
        unsigned level = leaf_at(gstage->scheme, range, offset);
        if (find_entry(gstage, range->from.value + offset, level, &entry) == STATUS_OK) {
            entry_write(gstage->scheme, entry, 0);
        }
        offset += UINT64_C(1) << level_bits(gstage->scheme, level);
    }
}

/* A leaf into an entry that has to be empty. */
static status_t map_leaf(struct gstage *gstage, const struct gstage_range *range, uint64_t offset, unsigned level) {
    void *entry;
    status_t status = find_entry(gstage, range->from.value + offset, level, &entry);
    if (status == STATUS_OK && entry_read(gstage->scheme, entry) != 0) {
        status = STATUS_BUSY;
    }
    if (status == STATUS_OK) {
        entry_write(gstage->scheme, entry, entry_to(range->to.value + offset, PTE_LEAF));
    }
    return status;
}

status_t gstage_map(struct gstage *gstage, const struct gstage_range *range) {
    status_t status = check_range(gstage->scheme, range);
    for (uint64_t offset = 0; status == STATUS_OK && offset < range->size;) {
        unsigned level = leaf_at(gstage->scheme, range, offset);
        status = map_leaf(gstage, range, offset, level);
        if (status != STATUS_OK) {
            unmap_until(gstage, range, offset);
        }
        offset += UINT64_C(1) << level_bits(gstage->scheme, level);
    }
    return status;
}

void gstage_unmap(struct gstage *gstage, const struct gstage_range *range) {
    unmap_until(gstage, range, range->size);
}
