/* Hart masks. */
#include "kernel/sbi/targets.h"

enum { SET_BITS = sizeof(uint64_t) * 8 };

static_assert(MANIFEST_VCPUS_MAX <= SET_BITS);

status_t sbi_targets_decode(const struct guest *guest, unsigned long mask, unsigned long base, uint64_t *out_targets) {
    uint64_t all = UINT64_MAX >> (SET_BITS - guest->vcpu_count);
    if (base == -1ul) {
        *out_targets = all;
        return STATUS_OK;
    }
    uint64_t targets = base < SET_BITS ? (uint64_t)mask << base : 0;
    /* Harts that are not there: beyond the guest's last, or pushed out of the set. */
    if ((targets & ~all) != 0 || (base < SET_BITS ? targets >> base : 0) != mask) {
        return STATUS_INVALID;
    }
    *out_targets = targets;
    return STATUS_OK;
}
