/*
 * Entries are read and written at the width that the format's row says; everything else is the same for all of them
 * (priv. spec, "Virtual Address Translation Process").
 */
#include "supervisor/arch/riscv/page_table.h"

#include "lib/align.h"
#include "supervisor/mem/access.h"

const struct page_table_format page_table_sv32 = {
    .name = "Sv32",
    .levels = 2,
    .index_bits = 10,
    .entry_size = 4,
    .physical_bits = 34,
    .satp_mode = 1,
    .satp_mode_shift = 31,
};

const struct page_table_format page_table_sv39 = {
    .name = "Sv39",
    .levels = 3,
    .index_bits = 9,
    .entry_size = 8,
    .physical_bits = 56,
    .satp_mode = 8,
    .satp_mode_shift = 60,
};

const struct page_table_format *page_table_native(void) {
    return sizeof(unsigned long) == sizeof(uint32_t) ? &page_table_sv32 : &page_table_sv39;
}

enum {
    ENTRY_VALID = 1 << 0,
    ENTRY_READ = 1 << 1,
    ENTRY_WRITE = 1 << 2,
    ENTRY_EXECUTE = 1 << 3,
    ENTRY_USER = 1 << 4,
    ENTRY_GLOBAL = 1 << 5,
    ENTRY_ACCESSED = 1 << 6,
    ENTRY_DIRTY = 1 << 7,
    /* Software's bit: a leaf, whether valid or not. */
    ENTRY_LEAF = 1 << 8,
    ENTRY_PAGE_SHIFT = 10,
};

/* One entry: the table page it is in, and where. */
struct slot {
    paddr_t page;
    unsigned index;
};

static unsigned entry_count(const struct page_table_format *format) {
    return 1U << format->index_bits;
}

static uint64_t leaf_size(const struct page_table_format *format, unsigned level) {
    return 1ULL << (PAGE_BITS + level * format->index_bits);
}

static struct slot slot_at(const struct page_table *table, paddr_t page, uint64_t address, unsigned level) {
    unsigned shift = PAGE_BITS + level * table->format->index_bits;
    return (struct slot){page, (unsigned)(address >> shift) & (entry_count(table->format) - 1)};
}

static uint64_t entry_read(const struct page_table *table, struct slot slot) {
    const void *page = table->memory->at(table->memory->context, slot.page);
    return table->format->entry_size == sizeof(uint32_t) ? ((const uint32_t *)page)[slot.index]
                                                         : ((const uint64_t *)page)[slot.index];
}

static void entry_write(struct page_table *table, struct slot slot, uint64_t entry) {
    void *page = table->memory->at(table->memory->context, slot.page);
    if (table->format->entry_size == sizeof(uint32_t)) {
        ((uint32_t *)page)[slot.index] = (uint32_t)entry;
    } else {
        ((uint64_t *)page)[slot.index] = entry;
    }
}

static paddr_t entry_target(uint64_t entry) {
    return paddr(entry >> ENTRY_PAGE_SHIFT << PAGE_BITS);
}

static uint64_t entry_for(paddr_t target, uint64_t flags) {
    return target.value >> PAGE_BITS << ENTRY_PAGE_SHIFT | flags;
}

/*
 * Accessed and dirty are set from the start, because a hart may fault instead of setting them (Svade). Write without
 * read is reserved, so it brings read with it.
 */
static uint64_t access_flags(unsigned access) {
    if (access == ACCESS_NONE) {
        return ENTRY_LEAF;
    }
    uint64_t flags = ENTRY_LEAF | ENTRY_VALID | ENTRY_ACCESSED;
    flags |= access & ACCESS_READ ? ENTRY_READ : 0;
    flags |= access & ACCESS_WRITE ? ENTRY_READ | ENTRY_WRITE | ENTRY_DIRTY : 0;
    flags |= access & ACCESS_EXECUTE ? ENTRY_EXECUTE : 0;
    return flags;
}

static unsigned flags_access(uint64_t flags) {
    if ((flags & ENTRY_VALID) == 0) {
        return ACCESS_NONE;
    }
    unsigned access = flags & ENTRY_READ ? ACCESS_READ : ACCESS_NONE;
    access |= flags & ENTRY_WRITE ? ACCESS_WRITE : ACCESS_NONE;
    access |= flags & ENTRY_EXECUTE ? ACCESS_EXECUTE : ACCESS_NONE;
    return access;
}

status_t page_table_init(struct page_table *table, const struct page_table_format *format,
                         const struct page_memory *memory) {
    paddr_t root;
    status_t status = memory->allocate(memory->context, &root);
    if (status == STATUS_OK) {
        *table = (struct page_table){format, memory, root, entry_count(format)};
    }
    return status;
}

void page_table_share(struct page_table *table, const struct page_table *from, uint64_t address) {
    table->shared_index = slot_at(table, table->root, address, table->format->levels - 1).index;
    for (unsigned index = table->shared_index; index < entry_count(table->format); index++) {
        entry_write(table, (struct slot){table->root, index}, entry_read(from, (struct slot){from->root, index}));
    }
}

/* The slot of `address` at `level`, growing the tree on the way. NO_MEMORY; EXISTS where a larger leaf covers it. */
static status_t slot_grow(struct page_table *table, uint64_t address, unsigned level, struct slot *out_slot) {
    struct slot slot = slot_at(table, table->root, address, table->format->levels - 1);
    for (unsigned at = table->format->levels - 1; at > level; at--) {
        uint64_t entry = entry_read(table, slot);
        if (entry & ENTRY_LEAF) {
            return STATUS_EXISTS;
        }
        paddr_t next = entry_target(entry);
        if (entry == 0) {
            status_t status = table->memory->allocate(table->memory->context, &next);
            if (status != STATUS_OK) {
                return status;
            }
            entry_write(table, slot, entry_for(next, ENTRY_VALID));
        }
        slot = slot_at(table, next, address, at - 1);
    }
    *out_slot = slot;
    return STATUS_OK;
}

/* The slot that holds the leaf of `address`, and its level. Where there is none (NOT_FOUND): the level of the empty
 * slot. */
static status_t leaf_find(const struct page_table *table, uint64_t address, struct slot *out_slot,
                          unsigned *out_level) {
    paddr_t page = table->root;
    for (unsigned level = table->format->levels; level-- > 0;) {
        struct slot slot = slot_at(table, page, address, level);
        uint64_t entry = entry_read(table, slot);
        *out_slot = slot;
        *out_level = level;
        if (entry & ENTRY_LEAF) {
            return STATUS_OK;
        }
        if (entry == 0) {
            return STATUS_NOT_FOUND;
        }
        page = entry_target(entry);
    }
    return STATUS_NOT_FOUND;
}

static status_t leaf_map(struct page_table *table, uint64_t address, unsigned level, uint64_t entry) {
    struct slot slot;
    status_t status = slot_grow(table, address, level, &slot);
    if (status != STATUS_OK) {
        return status;
    }
    if (entry_read(table, slot) != 0) {
        return STATUS_EXISTS;
    }
    entry_write(table, slot, entry);
    /* A hart may have cached that nothing was there. */
    table->memory->fence(table->memory->context, address);
    return STATUS_OK;
}

/* The highest level whose leaf is aligned at both ends of the translation and not larger than what is left. */
static unsigned largest_level(const struct page_table_format *format, uint64_t alignment, uint64_t size) {
    unsigned level = 0;
    while (level + 1 < format->levels && (alignment & (leaf_size(format, level + 1) - 1)) == 0 &&
           size >= leaf_size(format, level + 1)) {
        level++;
    }
    return level;
}

static bool range_is_mappable(const struct page_table_format *format, uint64_t address, paddr_t target, uint64_t size) {
    uint64_t last;
    uint64_t physical_limit = 1ULL << format->physical_bits;
    return ((address | target.value | size) & (PAGE_SIZE - 1)) == 0 && size != 0 &&
           !__builtin_add_overflow(address, size - 1, &last) && target.value < physical_limit &&
           size <= physical_limit - target.value;
}

status_t page_table_map(struct page_table *table, uint64_t address, paddr_t target, uint64_t size, unsigned access,
                        enum page_owner owner) {
    if (!range_is_mappable(table->format, address, target, size)) {
        return STATUS_INVALID;
    }
    uint64_t flags = access_flags(access) | (owner == PAGE_OWNER_USER ? ENTRY_USER : ENTRY_GLOBAL);
    while (size != 0) {
        unsigned level = largest_level(table->format, address | target.value, size);
        status_t status = leaf_map(table, address, level, entry_for(target, flags));
        if (status != STATUS_OK) {
            return status;
        }
        address += leaf_size(table->format, level);
        target.value += leaf_size(table->format, level);
        size -= leaf_size(table->format, level);
    }
    if (access & ACCESS_EXECUTE) {
        table->memory->fence_code(table->memory->context);
    }
    return STATUS_OK;
}

status_t page_table_find(const struct page_table *table, uint64_t address, struct page_table_leaf *out_leaf) {
    struct slot slot;
    unsigned level;
    status_t status = leaf_find(table, address, &slot, &level);
    if (status == STATUS_OK) {
        uint64_t entry = entry_read(table, slot);
        *out_leaf = (struct page_table_leaf){
            .page = entry_target(entry),
            .size = leaf_size(table->format, level),
            .access = flags_access(entry),
        };
    }
    return status;
}

status_t page_table_find_next(const struct page_table *table, uint64_t from, uint64_t end, uint64_t *out_address) {
    while (from < end) {
        struct slot slot;
        unsigned level = 0;
        if (leaf_find(table, from, &slot, &level) == STATUS_OK) {
            *out_address = from;
            return STATUS_OK;
        }
        /* `end` is below the format's limit, so this does not wrap. */
        from = align_down(from, leaf_size(table->format, level)) + leaf_size(table->format, level);
    }
    return STATUS_NOT_FOUND;
}

static status_t page_find(const struct page_table *table, uint64_t address, struct slot *out_slot) {
    unsigned level = 0;
    status_t status = leaf_find(table, address, out_slot, &level);
    return status == STATUS_OK && level != 0 ? STATUS_NOT_FOUND : status;
}

status_t page_table_protect(struct page_table *table, uint64_t address, unsigned access) {
    struct slot slot;
    status_t status = page_find(table, address, &slot);
    if (status == STATUS_OK) {
        entry_write(table, slot, entry_for(entry_target(entry_read(table, slot)), access_flags(access) | ENTRY_USER));
        table->memory->fence(table->memory->context, address);
        if (access & ACCESS_EXECUTE) {
            table->memory->fence_code(table->memory->context);
        }
    }
    return status;
}

status_t page_table_unmap(struct page_table *table, uint64_t address, paddr_t *out_page) {
    struct slot slot;
    status_t status = page_find(table, address, &slot);
    if (status == STATUS_OK) {
        *out_page = entry_target(entry_read(table, slot));
        entry_write(table, slot, 0);
        table->memory->fence(table->memory->context, address);
    }
    return status;
}

/* Where page_table_destroy() is in a table page. */
struct walk_step {
    paddr_t page;
    unsigned index;
};

/* Depth first without recursion: a format has at most four levels. */
void page_table_destroy(struct page_table *table) {
    enum { LEVEL_LIMIT = 4 };
    struct walk_step path[LEVEL_LIMIT] = {{table->root, 0}};
    unsigned depth = 0;
    for (;;) {
        struct walk_step *step = &path[depth];
        unsigned count = depth == 0 ? table->shared_index : entry_count(table->format);
        if (step->index == count) {
            table->memory->release(table->memory->context, step->page);
            if (depth-- == 0) {
                return;
            }
            continue;
        }
        uint64_t entry = entry_read(table, (struct slot){step->page, step->index++});
        if (entry != 0 && (entry & ENTRY_LEAF) == 0) {
            path[++depth] = (struct walk_step){entry_target(entry), 0};
        }
    }
}

uint64_t page_table_satp(const struct page_table *table) {
    return (uint64_t)table->format->satp_mode << table->format->satp_mode_shift | table->root.value >> PAGE_BITS;
}
