/*
 * Reading a flattened device tree that may lie: helpers over libfdt for what boot code, the guests' descriptions and
 * the supervisor all need (Devicetree Specification v0.4, chapter 2).
 *
 * The caller has let fdt_check_header (or fdt_check_full) accept the blob. Everything that a property says is checked
 * here: lengths, terminators, cell counts, overflow. Cells are read byte by byte. Strings point into the blob.
 *
 * All of them: STATUS_NOT_FOUND when the property, or the entry of it, is not there; STATUS_CORRUPT when it is and
 * does not have the form that it must have.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "abi/status.h"

/* More buses above each other than any machine has. */
#define FDT_READ_DEPTH_MAX 16

struct fdt_region {
    uint64_t address;
    uint64_t size;
};

/* A property of one cell. */
status_t fdt_read_u32(const void *fdt, int node, const char *name, uint32_t *out_value);

/* A property of one or two cells: loaders write addresses in either width. */
status_t fdt_read_u64(const void *fdt, int node, const char *name, uint64_t *out_value);

/* The string in a property: the first, where there are several. The property must end with a NUL. */
status_t fdt_read_string(const void *fdt, int node, const char *name, const char **out_text);

/* The string at index in a property that is a list of strings; STATUS_NOT_FOUND behind the last. */
status_t fdt_read_string_at(const void *fdt, int node, const char *name, uint32_t index, const char **out_text);

/*
 * A node and the buses above it, the root first, as many as it is deep. A walk knows them for nothing; for a node that
 * was found otherwise they cost a walk.
 */
struct fdt_place {
    int node;
    int depth;
    int buses[FDT_READ_DEPTH_MAX + 1];
};

#define FDT_PLACE_ROOT ((struct fdt_place){})

/* On to the next node, in the order of the blob: children come before siblings. False behind the last one. */
bool fdt_place_next(const void *fdt, struct fdt_place *place);

/* STATUS_CORRUPT: there is no such node. */
status_t fdt_place_find(const void *fdt, int node, struct fdt_place *out_place);

/*
 * Entry index of reg, by the #address-cells and #size-cells of the bus, which is the node's parent (2 and 1 if it says
 * nothing); size is 0 where there are no size cells. The address is the bus's own: see fdt_translate.
 * STATUS_UNSUPPORTED: more than two cells, as on PCI, or no address cells. STATUS_CORRUPT also for a region that wraps
 * around 2^64.
 */
status_t fdt_read_reg(const void *fdt, int bus, int node, uint32_t index, struct fdt_region *out_region);

/*
 * The region on the root bus, which is what a hart sees, of a region on the bus that the node is attached to: through
 * the ranges of each bus above it, inside one range of each. An empty ranges is the identity. STATUS_NOT_FOUND: a bus
 * does not pass the region on, or has no ranges at all. STATUS_UNSUPPORTED: more than two cells, or too many buses.
 */
status_t fdt_translate(const void *fdt, const struct fdt_place *place, const struct fdt_region *region,
                       struct fdt_region *out_region);

/* fdt_read_reg, then fdt_translate. */
status_t fdt_read_region(const void *fdt, const struct fdt_place *place, uint32_t index, struct fdt_region *out_region);

/* Whether the node says nothing about its status, or "okay" or "ok". A status without a terminator is none of these. */
bool fdt_is_available(const void *fdt, int node);

/* Whether one of the node's compatible strings is one of the count strings of a list; false also if malformed. */
bool fdt_is_compatible(const void *fdt, int node, const char *const *list, size_t count);

/* The same, and which one: the node's own order counts. */
bool fdt_find_compatible(const void *fdt, int node, const char *const *list, size_t count, size_t *out_index);
