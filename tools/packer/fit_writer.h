/*
 * The writer of FIT images: the bytes that lib/fit reads, laid out as `mkimage -E -B 1000` does.
 *
 * The same plan gives the same bytes, always.
 */
#pragma once

#include "abi/manifest.h"
#include "lib/fit/fit_hash.h"
#include "tools/packer/file.h"
#include "tools/packer/refusal.h"

#include <stddef.h>
#include <stdint.h>

/* An image to be. */
struct fit_part {
    char name[MANIFEST_IMAGE_NAME_SIZE];
    const char *description; /* for people: what dumpimage shows */
    const char *type;        /* "kernel", "ramdisk", "flat_dt" */
    const char *os;          /* or null */
    const void *data;
    size_t size;
};

/* Part 0 is the guest description; the others become the configuration's loadables, in their order. */
struct fit_plan {
    enum fit_hash_kind hash;
    uint32_t timestamp;
    size_t part_count;
    struct fit_part parts[MANIFEST_IMAGES_MAX];
};

/* STATUS_TOO_BIG where the 32-bit offsets of the format do not reach; STATUS_NO_MEMORY. The caller frees the buffer. */
status_t fit_write(const struct fit_plan *plan, struct buffer *out_fit, struct refusal *out_refusal);
