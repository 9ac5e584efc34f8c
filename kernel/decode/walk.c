/*
 * Page table walk. The steps are numbered as in the priv. spec, "Virtual Address Translation Process" (Sv32); what the
 * schemes differ in is in their rows. A walk reads at most as many PTEs as its scheme has levels.
 */
#include "kernel/decode/walk.h"

#include "lib/align.h"

enum {
    PTE_V = 1 << 0,
    PTE_R = 1 << 1,
    PTE_W = 1 << 2,
    PTE_X = 1 << 3,
    PTE_U = 1 << 4,
    PTE_A = 1 << 6,
    PTE_D = 1 << 7,
};

enum { PAGE_BITS = 12, PPN_SHIFT = 10, PBMT_SHIFT = 61, PBMT_RESERVED = 3 };

#define PTE_PBMT (UINT64_C(3) << PBMT_SHIFT)
#define PTE_N (UINT64_C(1) << 63)

/* Svnapot: of a 64 KiB page the low four bits of the PPN are 1000, and stand for those of the address. */
enum { NAPOT_BITS = 4, NAPOT_PATTERN = 8 };

/* Bits 60 to 54 of an Sv39, Sv48 or Sv57 PTE. */
#define RESERVED_64 (UINT64_C(0x7f) << 54)

/* What is not clear in a pointer to the next level, but for its address and the bits that are software's: A, D, U, N
 * and PBMT are reserved in one. No scheme has anything else at these places. */
#define POINTER_FIXED (PTE_V | PTE_R | PTE_W | PTE_X | PTE_U | PTE_A | PTE_D | RESERVED_64 | PTE_PBMT | PTE_N)

/* By MODE, for xlen 64 with those that are reserved in between left out. */
static const struct walk_scheme schemes_32[] = {
    {"Bare", 32, 0, 0, 0, 0, 32, 22, 0},
    {"Sv32", 32, 1, 2, 10, 4, 32, 22, 0},
};
static const struct walk_scheme schemes_64[] = {
    {"Bare", 64, 0, 0, 0, 0, 56, 44, 0},
    {"Sv39", 64, 8, 3, 9, 8, 39, 44, RESERVED_64},
    {"Sv48", 64, 9, 4, 9, 8, 48, 44, RESERVED_64},
    {"Sv57", 64, 10, 5, 9, 8, 57, 44, RESERVED_64},
};
enum { MODE_SV39 = 8, MODE_SV57 = 10 };

static uint64_t low_bits(uint64_t value, unsigned count) {
    return value & ((UINT64_C(1) << count) - 1);
}

const struct walk_scheme *walk_scheme_of_satp(uint64_t satp, unsigned xlen) {
    if (xlen == 32) {
        return &schemes_32[low_bits(satp >> 31, 1)];
    }
    uint64_t mode = satp >> 60;
    if (mode >= MODE_SV39 && mode <= MODE_SV57) {
        return &schemes_64[mode - MODE_SV39 + 1];
    }
    return mode == 0 ? &schemes_64[0] : nullptr;
}

gpaddr_t walk_root_of_satp(uint64_t satp, unsigned xlen) {
    return gpaddr(low_bits(satp, xlen == 32 ? 22 : 44) << PAGE_BITS);
}

/* Bits above a virtual address must equal its highest one ("Sv39: Addressing and Memory Protection"); rv32 has none. */
static bool is_canonical(const struct walk_scheme *scheme, uint64_t address) {
    uint64_t above = address >> (scheme->address_bits - (scheme->xlen == 64 ? 1 : 0));
    return above == 0 || (scheme->xlen == 64 && above == UINT64_MAX >> (scheme->address_bits - 1));
}

static uint64_t address_of(const struct walk_scheme *scheme, uint64_t pte) {
    return low_bits(pte >> PPN_SHIFT, scheme->ppn_bits) << PAGE_BITS;
}

/* Steps 3 and 4, in one look: valid, no leaf, and nothing reserved in it. */
static bool is_pointer(uint64_t pte) {
    return (pte & POINTER_FIXED) == PTE_V;
}

/* Steps 3 and 4: valid, a leaf, and nothing reserved in it, with N and PBMT reserved unless the hart has them. */
static bool is_leaf(const struct walk_context *context, uint64_t pte) {
    uint64_t reserved = context->scheme->reserved;
    reserved |= context->has_napot ? 0 : PTE_N;
    reserved |= context->has_pbmt ? 0 : PTE_PBMT;
    bool writable_only = (pte & PTE_W) != 0 && (pte & PTE_R) == 0;
    return (pte & PTE_V) != 0 && (pte & (PTE_R | PTE_X)) != 0 && !writable_only && (pte & reserved) == 0;
}

/* Steps 4 and 6 of a leaf: a superpage is aligned, N is only for the one size at level 0, PBMT 3 is reserved. */
static bool is_leaf_sound(const struct walk_scheme *scheme, uint64_t pte, unsigned page_bits) {
    if ((pte & PTE_PBMT) >> PBMT_SHIFT == PBMT_RESERVED) {
        return false;
    }
    if ((pte & PTE_N) != 0) {
        return page_bits == PAGE_BITS && low_bits(pte >> PPN_SHIFT, NAPOT_BITS) == NAPOT_PATTERN;
    }
    return low_bits(address_of(scheme, pte), page_bits) == 0;
}

/* Step 5, privilege: U runs only its own pages; S never runs those, and touches them only under SUM. */
static bool is_privileged(const struct walk_context *context, uint64_t pte, enum walk_access access) {
    bool is_user_page = (pte & PTE_U) != 0;
    if (context->is_user) {
        return is_user_page;
    }
    return !is_user_page || (context->sum && access != WALK_FETCH);
}

/* Step 5, permission. */
static bool is_permitted(const struct walk_context *context, uint64_t pte, enum walk_access access) {
    switch (access) {
    case WALK_LOAD:
        return (pte & PTE_R) != 0 || context->mxr;
    case WALK_STORE:
        return (pte & PTE_W) != 0;
    case WALK_FETCH:
        return (pte & PTE_X) != 0;
    }
    return false;
}

/* Step 8: the page's bits from the PTE, the rest from the address. */
static struct walk_result result_of(const struct walk_scheme *scheme, uint64_t pte, unsigned page_bits,
                                    uint64_t address) {
    page_bits += (pte & PTE_N) != 0 ? NAPOT_BITS : 0;
    uint64_t page_size = UINT64_C(1) << page_bits;
    struct walk_result result = {
        .address = gpaddr(align_down(address_of(scheme, pte), page_size) | low_bits(address, page_bits)),
        .page_size = page_size,
    };
    return result;
}

/* The end of the walk, at a PTE that points nowhere. */
static status_t walk_leaf(const struct walk_context *context, uint64_t pte, unsigned page_bits, uint64_t address,
                          enum walk_access access, struct walk_result *out_result) {
    if (!is_leaf(context, pte) || !is_leaf_sound(context->scheme, pte, page_bits) ||
        !is_privileged(context, pte, access) || !is_permitted(context, pte, access)) {
        return STATUS_DENIED;
    }
    *out_result = result_of(context->scheme, pte, page_bits, address);
    return STATUS_OK;
}

/* Without translation there are no pages: the whole of what can be named is one. */
static status_t translate_bare(const struct walk_scheme *scheme, uint64_t address, struct walk_result *out_result) {
    uint64_t size = UINT64_C(1) << scheme->address_bits;
    if (address >= size) {
        return STATUS_INVALID;
    }
    *out_result = (struct walk_result){.address = gpaddr(address), .page_size = size};
    return STATUS_OK;
}

status_t walk_translate(const struct walk_context *context, uint64_t address, enum walk_access access, walk_read *read,
                        void *reader, struct walk_result *out_result) {
    /* By value: reading a PTE may, for all that the compiler knows, change anything. */
    const struct walk_scheme scheme = *context->scheme;
    uint64_t table = context->root.value;
    unsigned page_bits = PAGE_BITS + scheme.levels * scheme.index_bits; /* of what a PTE covers, one level up */
    if (scheme.levels == 0) {
        return translate_bare(&scheme, address, out_result);
    }
    if (!is_canonical(&scheme, address)) {
        return STATUS_DENIED;
    }
    while (page_bits > PAGE_BITS) {
        uint64_t pte = 0;
        page_bits -= scheme.index_bits;
        uint64_t index = low_bits(address >> page_bits, scheme.index_bits);
        status_t status = read(reader, gpaddr(table + index * scheme.pte_size), scheme.pte_size, &pte);
        if (status != STATUS_OK) {
            return status;
        }
        if (!is_pointer(pte)) {
            return walk_leaf(context, pte, page_bits, address, access, out_result);
        }
        table = address_of(&scheme, pte);
    }
    return STATUS_DENIED; /* a pointer at level 0 */
}
