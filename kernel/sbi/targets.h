/* The harts that a call is meant for: a mask and where it starts (SBI v3.0, "Hart Mask"). */
#pragma once

#include "kernel/guest/guest.h"

/* Checks hart_mask and hart_mask_base; bit n of *out_targets is the guest's hart n. STATUS_INVALID: a hart that the
 * guest does not have. */
status_t sbi_targets_decode(const struct guest *guest, unsigned long mask, unsigned long base, uint64_t *out_targets);
