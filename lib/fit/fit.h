/*
 * The reader of FIT images (flattened image trees): which images a FIT holds, where their data lies and which hashes
 * they carry. The kernel opens the guests' FIT with it, the packer what it has just written.
 *
 * The format is U-Boot's with external data (docs/adr/0001-guest-manifest.md; U-Boot doc/usage/fit/source_file_format).
 * A FIT is hostile until it is open: the tree is checked as a whole, then every image once, and everything that later
 * code needs is copied out, so that nothing reads the tree a second time. The bytes must not change after that.
 */
#pragma once

#include "abi/manifest.h"
#include "abi/status.h"
#include "lib/fit/fit_hash.h"
#include "lib/fit/fit_reason.h"

#include <stddef.h>
#include <stdint.h>

#define FIT_TYPE_FLAT_DT "flat_dt"

/* One image. Its pointers are into the FIT; its name is valid by fit_name_is_valid(). */
struct fit_image {
    const char *name;
    const char *type;
    const char *os; /* null where the FIT does not say */
    const uint8_t *data;
    size_t size;                                /* not 0 */
    const uint8_t *hashes[FIT_HASH_KIND_COUNT]; /* null for the kinds that it has not; never all null */
    bool is_loadable;                           /* the default configuration lists it */
};

struct fit {
    size_t size;              /* from the start of the FIT to the end of the last image */
    size_t description_index; /* the image that the default configuration names as `fdt`: the guest description */
    size_t image_count;
    struct fit_image images[MANIFEST_IMAGES_MAX];
};

/*
 * Reads the FIT in the `available` bytes at `blob`, which it may fill in part. Looks at no image data: see
 * lib/fit/fit_verify.h.
 *
 * STATUS_CORRUPT: not a FIT, damaged, cut off or contradictory; STATUS_INVALID: `blob` is not at an 8-byte boundary, or
 * something that has to be there is not, or an image has no hash; STATUS_TOO_BIG: above the limits of abi/manifest.h;
 * STATUS_UNSUPPORTED: a hash, compression or layout that this reader does not know. On refusal *out_fit is undefined.
 */
status_t fit_open(const void *blob, size_t available, struct fit *out_fit, struct fit_reason *out_reason);

/* Null where there is no such image. */
const struct fit_image *fit_image_find(const struct fit *fit, const char *name);

/* Whether `name` can name an image: 1 to 31 letters, digits and -._,+ (a node name without unit address). */
bool fit_name_is_valid(const char *name);
