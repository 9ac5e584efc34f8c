/*
 * PMP encoding. Ranges become entries one after the other, so the order of ranges is the priority of entries; entries
 * behind the end of a layout are only counted.
 */
#include "kernel/isolate/pmp.h"

#include "lib/align.h"

enum { PERMISSIONS = PMP_READ | PMP_WRITE | PMP_EXECUTE, ADDRESS_SHIFT = 2, NA4_SIZE = 4 };

struct encoder {
    struct pmp_layout layout;
    uint32_t needed;
    bool previous_is_tor;
    uint64_t previous_top; /* where that TOR entry ends */
};

static status_t check_range(const struct pmp_range *range, const struct pmp_hardware *hardware) {
    uint64_t limit = UINT64_C(1) << hardware->address_bits;
    uint64_t granule = UINT64_C(1) << hardware->granule_bits;
    if (range->size == 0 || range->base.value >= limit || range->size > limit - range->base.value) {
        return STATUS_INVALID;
    }
    if (!is_aligned(range->base.value | range->size, granule)) {
        return STATUS_INVALID;
    }
    /* W without R is reserved (priv. spec, "Physical Memory Protection CSRs"). */
    if ((range->permissions & ~PERMISSIONS) != 0 || (range->permissions & (PMP_READ | PMP_WRITE)) == PMP_WRITE) {
        return STATUS_INVALID;
    }
    return STATUS_OK;
}

static bool is_naturally_aligned(const struct pmp_range *range) {
    return is_power_of_two(range->size) && is_aligned(range->base.value, range->size);
}

static void append(struct encoder *encoder, uint64_t address, unsigned cfg) {
    if (encoder->needed < PMP_ENTRY_COUNT) {
        encoder->layout.address[encoder->needed] = (unsigned long)address;
        encoder->layout.cfg[encoder->needed] = (uint8_t)cfg;
    }
    encoder->needed++;
}

/* NA4 is the four bytes at the address; NAPOT says its size by the ones at the low end: 2^(ones + 3) bytes. */
static void append_power_of_two(struct encoder *encoder, const struct pmp_range *range) {
    uint64_t address = range->base.value >> ADDRESS_SHIFT;
    if (range->size == NA4_SIZE) {
        append(encoder, address, PMP_NA4 | range->permissions);
    } else {
        append(encoder, address | ((range->size >> 3) - 1), PMP_NAPOT | range->permissions);
    }
    encoder->previous_is_tor = false;
}

/* Whether entry i's TOR finds its base in front of it without an entry for that: pmpaddr[i - 1], or 0 for entry 0. */
static bool has_base(const struct encoder *encoder, uint64_t base) {
    if (encoder->needed == 0) {
        return base == 0;
    }
    return encoder->previous_is_tor && encoder->previous_top == base;
}

static void append_top_of_range(struct encoder *encoder, const struct pmp_range *range) {
    uint64_t top = range->base.value + range->size;
    if (!has_base(encoder, range->base.value)) {
        append(encoder, range->base.value >> ADDRESS_SHIFT, PMP_OFF);
    }
    append(encoder, top >> ADDRESS_SHIFT, PMP_TOR | range->permissions);
    encoder->previous_is_tor = true;
    encoder->previous_top = top;
}

static status_t append_range(struct encoder *encoder, const struct pmp_range *range,
                             const struct pmp_hardware *hardware) {
    status_t status = check_range(range, hardware);
    if (status != STATUS_OK) {
        return status;
    }
    if (is_naturally_aligned(range)) {
        append_power_of_two(encoder, range);
        return STATUS_OK;
    }
    if (range->base.value + range->size == UINT64_C(1) << hardware->address_bits) {
        return STATUS_UNSUPPORTED;
    }
    append_top_of_range(encoder, range);
    return STATUS_OK;
}

status_t pmp_encode(const struct pmp_range *ranges, size_t count, const struct pmp_hardware *hardware,
                    struct pmp_layout *out_layout, uint32_t *out_needed) {
    struct encoder encoder = {};
    for (size_t index = 0; index < count; index++) {
        status_t status = append_range(&encoder, &ranges[index], hardware);
        if (status != STATUS_OK) {
            return status;
        }
    }
    *out_needed = encoder.needed;
    if (encoder.needed > hardware->entry_count || encoder.needed > PMP_ENTRY_COUNT) {
        return STATUS_TOO_BIG;
    }
    encoder.layout.count = encoder.needed;
    *out_layout = encoder.layout;
    return STATUS_OK;
}
