/*
 * The packer's work: the guests' files and the options in, the bytes of a FIT out.
 */
#pragma once

#include "tools/packer/file.h"
#include "tools/packer/options.h"
#include "tools/packer/refusal.h"

/*
 * Reads every guest's files, checks that they are kernels for that register width and that they fit the guest's memory,
 * and makes the FIT. What comes out was read back by the kernel's reader. The caller frees the buffer.
 */
status_t pack(const struct options *options, struct buffer *out_fit, struct refusal *out_refusal);
