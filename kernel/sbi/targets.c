/* Hart masks. A guest has at most MANIFEST_VCPUS_MAX harts, which may be more than a mask has bits, so "all" is a case
 * of its own. */
#include "kernel/sbi/targets.h"

enum { MASK_BITS = sizeof(unsigned long) * 8 };

status_t sbi_targets_decode(const struct guest *guest, unsigned long mask, unsigned long base,
                            struct sbi_targets *out_targets) {
    if (base == -1ul) {
        *out_targets = (struct sbi_targets){.is_all = true};
        return STATUS_OK;
    }
    for (unsigned bit = 0; bit < MASK_BITS; bit++) {
        if ((mask >> bit & 1) != 0 && (base >= guest->vcpu_count || bit >= guest->vcpu_count - base)) {
            return STATUS_INVALID;
        }
    }
    *out_targets = (struct sbi_targets){.mask = mask, .base = base};
    return STATUS_OK;
}

bool sbi_targets_include(const struct sbi_targets *targets, uint32_t id) {
    if (targets->is_all) {
        return true;
    }
    return id >= targets->base && id - targets->base < MASK_BITS && (targets->mask >> (id - targets->base) & 1) != 0;
}
