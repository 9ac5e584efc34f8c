/*
 * A page table in one of the formats of the privileged specification (Sv32, Sv39). What differs between them is a row
 * of data; pages come from struct page_memory, so all of it runs on the build machine.
 *
 * A leaf that allows nothing (ACCESS_NONE) stays in the table as an invalid entry that remembers its page, so that
 * mprotect(PROT_NONE) does not lose what was there.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "abi/status.h"
#include "lib/address.h"
#include "supervisor/mem/page_memory.h"

struct page_table_format {
    const char *name;
    unsigned levels;
    unsigned index_bits;
    /* bytes */
    unsigned entry_size;
    unsigned physical_bits;
    unsigned satp_mode;
    unsigned satp_mode_shift;
};

extern const struct page_table_format page_table_sv32;
extern const struct page_table_format page_table_sv39;

/* The one that harts of this xlen are asked for. */
const struct page_table_format *page_table_native(void);

struct page_table {
    const struct page_table_format *format;
    const struct page_memory *memory;
    paddr_t root;
    /* Entries of the root from here on belong to another table. */
    unsigned shared_index;
};

/* What an address leads to. `size` is the leaf's span, `page` its first byte. */
struct page_table_leaf {
    paddr_t page;
    uint64_t size;
    unsigned access;
};

/* Whose pages these are: user mode's, or the supervisor's in every address space. */
enum page_owner { PAGE_OWNER_SUPERVISOR, PAGE_OWNER_USER };

/* An empty table. NO_MEMORY. */
status_t page_table_init(struct page_table *table, const struct page_table_format *format,
                         const struct page_memory *memory);

/*
 * Makes everything from `address` on (the supervisor's part) the same as in `from`, by sharing the root's entries. The
 * address is where an entry of the root begins.
 */
void page_table_share(struct page_table *table, const struct page_table *from, uint64_t address);

/*
 * Maps `size` bytes at `address` to `target` with the largest leaves that fit. All three are multiples of the page
 * size. Part of the range may be mapped after a failure: NO_MEMORY, EXISTS (something is mapped there), INVALID (not
 * aligned, or outside the format).
 */
status_t page_table_map(struct page_table *table, uint64_t address, paddr_t target, uint64_t size, unsigned access,
                        enum page_owner owner);

/* NOT_FOUND where no leaf is; a leaf without access is found. */
status_t page_table_find(const struct page_table *table, uint64_t address, struct page_table_leaf *out_leaf);

/* The first page in [from, end) that has a leaf; empty tables cost one step, whatever they span. NOT_FOUND. */
status_t page_table_find_next(const struct page_table *table, uint64_t from, uint64_t end, uint64_t *out_address);

/* Changes what the user page at `address` allows. NOT_FOUND where no page-sized leaf is. */
status_t page_table_protect(struct page_table *table, uint64_t address, unsigned access);

/* Takes the page-sized leaf at `address` out and says what it led to. NOT_FOUND where there is none. */
status_t page_table_unmap(struct page_table *table, uint64_t address, paddr_t *out_page);

/* Releases the root and the tables that are not shared. The pages that leaves lead to are the caller's. */
void page_table_destroy(struct page_table *table);

/* The value of satp that activates the table, address space identifier 0. */
uint64_t page_table_satp(const struct page_table *table);
