/* A walk per mode, the levels spelled out. */
#include "kernel/isolate/gstage_walk.h"

#include <string.h>

struct shape {
    unsigned shifts[5]; /* where each level's index starts, the root first */
    unsigned count;
    unsigned index_mask; /* below the root */
    unsigned address_bits;
    unsigned pte_size;
};

static bool shape_of(unsigned mode, struct shape *out_shape) {
    switch (mode) {
    case 1:
        *out_shape = (struct shape){{22, 12}, 2, 0x3ff, 34, 4};
        return true;
    case 8:
        *out_shape = (struct shape){{30, 21, 12}, 3, 0x1ff, 41, 8};
        return true;
    case 9:
        *out_shape = (struct shape){{39, 30, 21, 12}, 4, 0x1ff, 50, 8};
        return true;
    case 10:
        *out_shape = (struct shape){{48, 39, 30, 21, 12}, 5, 0x1ff, 59, 8};
        return true;
    default:
        return false;
    }
}

bool gstage_walk(unsigned mode, paddr_t root, gpaddr_t address, paddr_t *out_address, uint64_t *out_page_size) {
    struct shape shape;
    uint64_t table = root.value;
    if (!shape_of(mode, &shape) || root.value % 0x4000 != 0 || address.value >> shape.address_bits != 0) {
        return false;
    }
    for (unsigned step = 0; step < shape.count; step++) {
        uint64_t index = address.value >> shape.shifts[step];
        index = step == 0 ? index : index & shape.index_mask;
        uint64_t pte = 0;
        memcpy(&pte, (const void *)(uintptr_t)(table + index * shape.pte_size), shape.pte_size);
        uint64_t target = (pte >> 10 & 0xfffffffffff) << 12;
        if ((pte & 0x0f) == 0x01) {
            table = target;
            continue;
        }
        uint64_t page_size = UINT64_C(1) << shape.shifts[step];
        /* Valid, R, W, X, U, A and D, nothing reserved, and aligned to its size. */
        if ((pte & 0xff) != 0xdf || pte >> 54 != 0 || target % page_size != 0) {
            return false;
        }
        *out_address = paddr(target | (address.value & (page_size - 1)));
        *out_page_size = page_size;
        return true;
    }
    return false;
}
