/* The pmp backend: one piece of RAM, at the machine's own address. */
#include "kernel/isolate/isolate_backend.h"
#include "kernel/mem/memory.h"

static status_t place(struct isolation *isolation, const struct manifest_guest *guest, const char **out_sentence) {
    paddr_t base;
    if (guest->has_ram_address) {
        *out_sentence = "its ram-address takes isolation gstage: under pmp, RAM is where the machine has it";
        return STATUS_UNSUPPORTED;
    }
    status_t status = memory_guest_alloc(isolation->size, isolation->owner, &base);
    if (status != STATUS_OK) {
        *out_sentence = "no piece of RAM that large is left";
        return status;
    }
    isolation->base = gpaddr(base.value);
    isolation->pieces[0] = (struct gstage_range){.from = isolation->base, .to = base, .size = isolation->size};
    isolation->piece_count = 1;
    return STATUS_OK;
}

static status_t prepare(struct isolation *isolation, struct pmp_range *out_ranges, uint32_t *out_count, const char **) {
    out_ranges[0] = (struct pmp_range){
        .base = isolation->pieces[0].to,
        .size = isolation->size,
        .permissions = PMP_READ | PMP_WRITE | PMP_EXECUTE,
    };
    *out_count = 1;
    return STATUS_OK;
}

/* All there is to this backend is the layout, which isolate.c loads or does not load. */
static void nothing(struct isolation *) {
}

const struct isolate_backend isolate_pmp = {
    .name = "pmp",
    .place = place,
    .prepare = prepare,
    .release = nothing,
    .map = nothing,
    .unmap = nothing,
};
