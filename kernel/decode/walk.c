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

static const struct walk_scheme schemes[] = {
    {"Bare", 32, 0, 0, 0, 0, 32, 22, 0},           {"Sv32", 32, 1, 2, 10, 4, 32, 22, 0},
    {"Bare", 64, 0, 0, 0, 0, 56, 44, 0},           {"Sv39", 64, 8, 3, 9, 8, 39, 44, RESERVED_64},
    {"Sv48", 64, 9, 4, 9, 8, 48, 44, RESERVED_64}, {"Sv57", 64, 10, 5, 9, 8, 57, 44, RESERVED_64},
};

static uint64_t low_bits(uint64_t value, unsigned count) {
    return value & ((UINT64_C(1) << count) - 1);
}

const struct walk_scheme *walk_scheme_of_satp(uint64_t satp, unsigned xlen) {
    uint64_t mode = xlen == 32 ? low_bits(satp >> 31, 1) : satp >> 60;
    for (size_t index = 0; index < sizeof schemes / sizeof schemes[0]; index++) {
        if (schemes[index].xlen == xlen && schemes[index].satp_mode == mode) {
            return &schemes[index];
        }
    }
    return nullptr;
}

gpaddr_t walk_root_of_satp(uint64_t satp, unsigned xlen) {
    return gpaddr(low_bits(satp, xlen == 32 ? 22 : 44) << PAGE_BITS);
}

/* Bits above a virtual address must equal its highest one ("Sv39: Addressing and Memory Protection"); rv32 has none. */
static bool is_canonical(const struct walk_scheme *scheme, uint64_t address) {
    uint64_t above = address >> (scheme->address_bits - (scheme->xlen == 64 ? 1 : 0));
    return above == 0 || (scheme->xlen == 64 && above == UINT64_MAX >> (scheme->address_bits - 1));
}

static uint64_t table_index(const struct walk_scheme *scheme, uint64_t address, unsigned level) {
    return low_bits(address >> (PAGE_BITS + level * scheme->index_bits), scheme->index_bits);
}

static uint64_t ppn_of(const struct walk_scheme *scheme, uint64_t pte) {
    return low_bits(pte >> PPN_SHIFT, scheme->ppn_bits);
}

static bool is_leaf(uint64_t pte) {
    return (pte & (PTE_R | PTE_X)) != 0;
}

/* Steps 3 and 4: valid, and nothing reserved in it, with N and PBMT reserved unless the hart has them. */
static bool is_valid(const struct walk_context *context, uint64_t pte) {
    uint64_t reserved = context->scheme->reserved;
    reserved |= context->has_napot ? 0 : PTE_N;
    reserved |= context->has_pbmt ? 0 : PTE_PBMT;
    bool writable_only = (pte & PTE_W) != 0 && (pte & PTE_R) == 0;
    return (pte & PTE_V) != 0 && !writable_only && (pte & reserved) == 0;
}

/* Step 4 of a pointer to the next level: A, D, U, N and PBMT are reserved in one. */
static bool is_pointer_clean(uint64_t pte) {
    return (pte & (PTE_A | PTE_D | PTE_U | PTE_N | PTE_PBMT)) == 0;
}

/* Steps 4 and 6 of a leaf: a superpage is aligned, N is only for the one size at level 0, PBMT 3 is reserved. */
static bool is_leaf_sound(const struct walk_scheme *scheme, uint64_t pte, unsigned level) {
    uint64_t ppn = ppn_of(scheme, pte);
    if ((pte & PTE_PBMT) >> PBMT_SHIFT == PBMT_RESERVED) {
        return false;
    }
    if ((pte & PTE_N) != 0 && (level != 0 || low_bits(ppn, NAPOT_BITS) != NAPOT_PATTERN)) {
        return false;
    }
    return low_bits(ppn, level * scheme->index_bits) == 0;
}

/* Step 5, privilege: U runs only its own pages; S never runs those, and touches them only under SUM. */
static bool is_privileged(const struct walk_context *context, uint64_t pte, enum walk_access access) {
    bool is_user_page = (pte & PTE_U) != 0;
    if (context->is_user) {
        return is_user_page;
    }
    return !is_user_page || (context->sum && access != WALK_FETCH);
}

/* Steps 5 and 7: permission, and A and D already set. */
static bool is_permitted(const struct walk_context *context, uint64_t pte, enum walk_access access) {
    switch (access) {
    case WALK_LOAD:
        return (pte & PTE_A) != 0 && ((pte & PTE_R) != 0 || context->mxr);
    case WALK_STORE:
        return (pte & PTE_A) != 0 && (pte & PTE_W) != 0 && (pte & PTE_D) != 0;
    case WALK_FETCH:
        return (pte & PTE_A) != 0 && (pte & PTE_X) != 0;
    }
    return false;
}

/* Step 8: the page's bits from the PTE, the rest from the address. */
static struct walk_result result_of(const struct walk_scheme *scheme, uint64_t pte, unsigned level, uint64_t address) {
    unsigned page_bits = PAGE_BITS + level * scheme->index_bits + ((pte & PTE_N) != 0 ? NAPOT_BITS : 0);
    uint64_t page_size = UINT64_C(1) << page_bits;
    struct walk_result result = {
        .address = gpaddr(align_down(ppn_of(scheme, pte) << PAGE_BITS, page_size) | low_bits(address, page_bits)),
        .page_size = page_size,
    };
    return result;
}

static status_t walk_leaf(const struct walk_context *context, uint64_t pte, unsigned level, uint64_t address,
                          enum walk_access access, struct walk_result *out_result) {
    if (!is_leaf_sound(context->scheme, pte, level) || !is_privileged(context, pte, access) ||
        !is_permitted(context, pte, access)) {
        return STATUS_DENIED;
    }
    *out_result = result_of(context->scheme, pte, level, address);
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
    const struct walk_scheme *scheme = context->scheme;
    uint64_t table = context->root.value;
    if (scheme->levels == 0) {
        return translate_bare(scheme, address, out_result);
    }
    if (!is_canonical(scheme, address)) {
        return STATUS_DENIED;
    }
    for (unsigned level = scheme->levels; level-- > 0;) {
        gpaddr_t place = gpaddr(table + table_index(scheme, address, level) * scheme->pte_size);
        uint64_t pte = 0;
        status_t status = read(reader, place, scheme->pte_size, &pte);
        if (status != STATUS_OK) {
            return status;
        }
        if (!is_valid(context, pte)) {
            return STATUS_DENIED;
        }
        if (is_leaf(pte)) {
            return walk_leaf(context, pte, level, address, access, out_result);
        }
        if (!is_pointer_clean(pte)) {
            return STATUS_DENIED;
        }
        table = ppn_of(scheme, pte) << PAGE_BITS;
    }
    return STATUS_DENIED; /* a pointer at level 0 */
}
