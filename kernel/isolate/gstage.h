/*
 * The second stage of address translation: page tables from guest-physical addresses to the machine's (priv. spec,
 * "Two-Stage Address Translation": Sv32x4, Sv39x4, Sv48x4, Sv57x4).
 *
 * Pure memory, no CSR is touched: tables are built when a guest is made and named to a hart when it switches. They lie
 * in one piece of memory that is counted out beforehand, so that PMP covers them with one entry. Every page grants
 * reading, writing and executing: what a guest may do with its RAM is its own first stage's business. Tables change
 * only while no hart uses them.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "abi/status.h"
#include "lib/address.h"

/* The root is four pages long, since its index is two bits wider than those below. */
enum { GSTAGE_ROOT_SIZE = 4 * 4096, GSTAGE_PAGE_SIZE = 4096 };

/* A format: one row per value of hgatp.MODE. */
struct gstage_scheme {
    const char *name;
    uint8_t xlen;
    uint8_t mode;         /* hgatp.MODE */
    uint8_t levels;       /* at least 2 */
    uint8_t index_bits;   /* per level; the root has two more */
    uint8_t pte_size;     /* bytes */
    uint8_t address_bits; /* of a guest-physical address */
};

/* A stretch of guest-physical addresses and where the machine has it. */
struct gstage_range {
    gpaddr_t from;
    paddr_t to;
    uint64_t size;
};

struct gstage {
    const struct gstage_scheme *scheme;
    uint8_t *tables; /* the root first */
    size_t size;     /* of all tables there is room for */
    size_t used;
};

/* The scheme with the fewest levels whose mode is in `modes` (bit n: mode n) and that reaches `end`, exclusive; null:
 * there is none. */
const struct gstage_scheme *gstage_choose(uint32_t modes, unsigned xlen, uint64_t end);

/* How many bytes of tables the ranges need, which are in ascending order of `from` and do not overlap; each made of
 * whole pages that the scheme reaches. */
size_t gstage_count(const struct gstage_scheme *scheme, const struct gstage_range *ranges, size_t count);

/* Tables that map nothing, in `size` bytes at a multiple of GSTAGE_ROOT_SIZE, at least as many. */
void gstage_init(struct gstage *gstage, const struct gstage_scheme *scheme, void *tables, size_t size);

/*
 * Maps a range with the largest pages that fit. STATUS_INVALID: it is empty, not made of whole pages, or out of the
 * scheme's reach; STATUS_BUSY: a part of it is mapped already; STATUS_NO_MEMORY: the tables are used up. What is
 * refused has mapped nothing; tables that it has taken stay, empty.
 */
status_t gstage_map(struct gstage *gstage, const struct gstage_range *range);

/* Takes back what gstage_map has mapped, range by range as it was given. The tables stay. */
void gstage_unmap(struct gstage *gstage, const struct gstage_range *range);
