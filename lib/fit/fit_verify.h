/*
 * Image data against the hashes that the FIT holds for it. Every hash that an image carries must match.
 *
 * These functions write nothing but their arguments, so harts verify different images at the same time; a hart with
 * other duties goes piece by piece.
 */
#pragma once

#include "lib/fit/fit.h"

/* A verification under way. */
struct fit_verify {
    const struct fit_image *image;
    size_t done; /* bytes of the image */
    struct fit_hash hashes[FIT_HASH_KIND_COUNT];
};

void fit_verify_start(struct fit_verify *verify, const struct fit_image *image);

/* Hashes the next `max_size` bytes or what is left; true while there is more. */
bool fit_verify_advance(struct fit_verify *verify, size_t max_size);

/* Hashes what is left and compares. STATUS_CORRUPT where a hash does not match. */
status_t fit_verify_finish(struct fit_verify *verify, struct fit_reason *out_reason);

/* All of the above at once. */
status_t fit_image_verify(const struct fit_image *image, struct fit_reason *out_reason);
