/*
 * Whether a device tree blob can be read at all: a FIT's tree, and the guest description. Once it is, libfdt's
 * read-only functions cannot be led outside it.
 */
#pragma once

#include "abi/status.h"
#include "lib/fit/fit_reason.h"

#include <stddef.h>

/*
 * Checks the tree in the `available` bytes at `blob`, which it may fill in part. `what` it is begins the sentence.
 * STATUS_INVALID: not at an 8-byte boundary; STATUS_UNSUPPORTED: older than version 17; STATUS_CORRUPT: all else.
 */
status_t fit_tree_check(const char *what, const void *blob, size_t available, struct fit_reason *out_reason);
