/*
 * What fdt_check_full() needs to be safe itself, and then fdt_check_full().
 *
 * libfdt reads the structure block by whole words and takes its place from the header without asking whether that is a
 * multiple of the word: a header that lies makes it load a misaligned word, which traps on harts that do not take
 * those.
 */
#include "lib/fit/fit_tree.h"

#include <libfdt.h>
#include <stdint.h>

enum {
    TREE_ALIGN = 8,        /* of the blob and its reservations (Devicetree Specification v0.4, 5.6) */
    STRUCTURE_ALIGN = 4,   /* of the structure block (same place) */
    TREE_VERSION_MIN = 17, /* from here on the header says how long the structure block is */
};

static bool is_aligned(const void *blob) {
    return fdt_off_dt_struct(blob) % STRUCTURE_ALIGN == 0 && fdt_off_mem_rsvmap(blob) % TREE_ALIGN == 0;
}

status_t fit_tree_check(const char *what, const void *blob, size_t available, struct fit_reason *out_reason) {
    if ((uintptr_t)blob % TREE_ALIGN != 0) {
        return fit_refuse(out_reason, STATUS_INVALID, "%s is not at an 8-byte boundary", what);
    }
    if (available < sizeof(struct fdt_header) || fdt_magic(blob) != FDT_MAGIC) {
        return fit_refuse(out_reason, STATUS_CORRUPT, "%s is not a device tree", what);
    }
    if (fdt_version(blob) < TREE_VERSION_MIN) {
        return fit_refuse(out_reason, STATUS_UNSUPPORTED, "%s is of a version before %u", what,
                          (unsigned)TREE_VERSION_MIN);
    }
    if (!is_aligned(blob) || fdt_check_full(blob, available) != 0) {
        return fit_refuse(out_reason, STATUS_CORRUPT, "%s is damaged", what);
    }
    return STATUS_OK;
}
