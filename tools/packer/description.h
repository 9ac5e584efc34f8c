/*
 * The writer of the guest description, the device tree blob that says what each guest gets (abi/manifest.h).
 */
#pragma once

#include "tools/packer/file.h"
#include "tools/packer/options.h"
#include "tools/packer/refusal.h"

/* The names of a guest's images in the FIT. */
struct guest_images {
    const char *kernel;
    const char *ramdisk; /* or null */
};

/* `images` has an entry per guest of `options`. The caller frees the buffer. */
status_t description_write(const struct options *options, const struct guest_images images[],
                           struct buffer *out_description, struct refusal *out_refusal);
