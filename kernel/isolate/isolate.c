/* The pmp backend: one layout per guest, loaded when a hart goes from one guest to another. */
#include "kernel/isolate/isolate.h"

#include "kernel/arch/hart.h"
#include "kernel/panic.h"

/* Guests run on any hart, so the poorest one decides. */
static struct pmp_hardware common_hardware(void) {
    struct pmp_hardware common = {
        .entry_count = PMP_ENTRY_COUNT,
        .granule_bits = 2,
        .address_bits = sizeof(unsigned long) == 8 ? 56 : 34,
    };
    for (uint32_t index = 0; index < hart_count; index++) {
        const struct hart *hart = harts[index];
        if (hart->pmp_count < common.entry_count) {
            common.entry_count = hart->pmp_count;
        }
        if (hart->pmp_granule_bits > common.granule_bits) {
            common.granule_bits = hart->pmp_granule_bits;
        }
    }
    return common;
}

/* What all harts together need to execute on their way into a guest; the kernel is at one place, so it is one. */
static bool entry_code(struct pmp_range *out_range) {
    out_range->permissions = PMP_EXECUTE;
    for (uint32_t index = 0; index < hart_count; index++) {
        if (arch_entry_code(harts[index], &out_range->base, &out_range->size)) {
            return true;
        }
    }
    return false;
}

status_t isolate_prepare(struct guest *guest, const char **out_sentence) {
    struct pmp_hardware hardware = common_hardware();
    struct pmp_range ranges[2];
    uint32_t count = entry_code(&ranges[0]) ? 1 : 0;
    ranges[count++] = (struct pmp_range){
        .base = guest->base,
        .size = guest->size,
        .permissions = PMP_READ | PMP_WRITE | PMP_EXECUTE,
    };
    uint32_t needed;
    status_t status = pmp_encode(ranges, count, &hardware, &guest->pmp, &needed);
    if (status == STATUS_TOO_BIG) {
        *out_sentence = "the harts have too few PMP entries for it";
    } else if (status != STATUS_OK) {
        *out_sentence = "its RAM cannot be told apart by the harts' PMP: its size is not a multiple of their granule";
    }
    return status;
}

void isolate_activate(struct hart *hart, struct guest *guest) {
    if (hart->pmp_owner == guest) {
        return;
    }
    /* A PMP that does not hold what is written to it confines nobody. */
    CHECK(arch_pmp_load(hart, &guest->pmp) == STATUS_OK);
    hart->pmp_owner = guest;
}
