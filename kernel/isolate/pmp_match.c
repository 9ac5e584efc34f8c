/* PMP matching model. Ranges are kept as first and last byte, so that none has an end that overflows. */
#include "kernel/isolate/pmp_match.h"

struct span {
    uint64_t first;
    uint64_t last;
};

/* The bytes of entry index; false if it has none. */
static bool span_of(const struct pmp_layout *layout, uint32_t index, struct span *out_span) {
    uint64_t address = layout->address[index];
    uint64_t base = index == 0 ? 0 : layout->address[index - 1];
    /* The ones at the low end, and the zero above them, say how large a NAPOT range is. */
    uint64_t napot_mask = address ^ (address + 1);
    switch (layout->cfg[index] & PMP_MODE) {
    case PMP_TOR:
        out_span->first = base << 2;
        out_span->last = (address << 2) - 1;
        return base < address;
    case PMP_NA4:
        out_span->first = address << 2;
        out_span->last = out_span->first + 3;
        return true;
    case PMP_NAPOT:
        out_span->first = (address & ~napot_mask) << 2;
        out_span->last = out_span->first + (napot_mask << 2 | 3);
        return true;
    default:
        return false;
    }
}

bool pmp_match(const struct pmp_layout *layout, paddr_t address, uint64_t size, uint8_t access) {
    uint64_t first = address.value;
    uint64_t last = first + (size - 1);
    for (uint32_t index = 0; index < layout->count; index++) {
        struct span span;
        if (!span_of(layout, index, &span) || last < span.first || first > span.last) {
            continue;
        }
        /* The first entry that matches any byte decides, and must match them all. */
        bool is_whole = first >= span.first && last <= span.last;
        return is_whole && (layout->cfg[index] & access) != 0;
    }
    return false;
}
