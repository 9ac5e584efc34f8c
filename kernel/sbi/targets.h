/* The harts that a call is meant for: a mask and where it starts (SBI v3.0, "Hart Mask"). */
#pragma once

#include "kernel/guest/guest.h"

struct sbi_targets {
    unsigned long mask;
    unsigned long base;
    bool is_all; /* every hart of the guest; the mask is void */
};

/* Checks hart_mask and hart_mask_base. STATUS_INVALID: a hart that the guest does not have. */
status_t sbi_targets_decode(const struct guest *guest, unsigned long mask, unsigned long base,
                            struct sbi_targets *out_targets);

bool sbi_targets_include(const struct sbi_targets *targets, uint32_t id);
