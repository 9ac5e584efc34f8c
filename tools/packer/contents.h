/*
 * A FIT as the kernel sees it: opened, every image verified, its guests read, all by the kernel's own code. The packer
 * looks so at what it has made before it writes it, and --list at any FIT.
 */
#pragma once

#include "lib/fit/fit.h"
#include "lib/manifest/manifest.h"
#include "tools/packer/file.h"
#include "tools/packer/refusal.h"

#include <stdio.h>

struct contents {
    struct fit fit;
    struct manifest manifest;
};

/* `name` is what to call the FIT in the sentence. The contents point into the buffer. */
status_t contents_read(const char *name, const struct buffer *fit, struct contents *out_contents,
                       struct refusal *out_refusal);

/* Prints guests and images, for people. */
void contents_print(const struct contents *contents, FILE *output);
