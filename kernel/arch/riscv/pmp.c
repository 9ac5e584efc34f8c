/*
 * The PMP registers of a hart: finding out how many there are, putting a guest's layout into them, and, with Smepmp,
 * holding the kernel itself to its own code.
 *
 * With Smepmp (mseccfg.MML) what PMP grants to guests M-mode does not have, what no entry grants it cannot execute, and
 * its own code, in a locked entry, it cannot write: so the kernel never executes what a guest, a device or a mistake of
 * its own has written. Guest memory is still there for the guest's own loads and stores that it makes (guest_memory.c).
 */
#include "kernel/arch/riscv/pmp.h"

#include "kernel/arch/hart.h"
#include "kernel/arch/riscv/csr.h"
#include "kernel/arch/riscv/fence.h"
#include "kernel/arch/riscv/trap.h"
#include "kernel/hart/hart.h"
#include "kernel/panic.h"

/* kernel.ld; both at multiples of a page, which is what the granule may be at most */
extern const char __image_start[];
extern const char __text_end[];

enum { TEXT_GRANULE_BITS = 12, ADDRESS_SHIFT = 2, PER_REGISTER = sizeof(unsigned long), PMP_LOCKED = 1 << 7 };

/* What the kernel keeps for itself with Smepmp: where its code starts, where it ends, and an end at 0, which is what a
 * first entry of a guest's layout finds in front of it otherwise. */
static const uint8_t kept[] = {PMP_OFF, PMP_LOCKED | PMP_TOR | PMP_READ | PMP_EXECUTE, PMP_OFF};

enum { KEPT_COUNT = sizeof kept, PAIR = 2 };

#define PMP_PROBE_ENTRIES(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15)

/* CSR numbers are part of the instruction, hence a case each. */
static void pmpaddr_write(unsigned index, unsigned long value) {
    switch (index) {
#define CASE(n)                       \
    case n:                           \
        csr_write(pmpaddr##n, value); \
        break;
        PMP_PROBE_ENTRIES(CASE)
#undef CASE
    }
}

static unsigned long pmpaddr_read(unsigned index) {
    switch (index) {
#define CASE(n) \
    case n:     \
        return csr_read(pmpaddr##n);
        PMP_PROBE_ENTRIES(CASE)
#undef CASE
    }
    return 0;
}

/* rv64 has the even-numbered configuration registers only, of eight entries each; rv32 has all, of four. */
#if __riscv_xlen == 64
#define PMP_CFG_REGISTERS(X) X(0, 0) X(2, 8)
#define PMP_CFG_REGISTERS_LEFT(X) X(4) X(6) X(8) X(10) X(12) X(14)
#else
#define PMP_CFG_REGISTERS(X) X(0, 0) X(1, 4) X(2, 8) X(3, 12)
#define PMP_CFG_REGISTERS_LEFT(X) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15)
#endif

/* Whatever was before us may have left entries on, and not all harts have more than we use. */
static bool others_off(struct hart *hart) {
    unsigned long left = 0;
#define OFF(n)                                   \
    if (!PROBE(hart, csr_write(pmpcfg##n, 0))) { \
        return left == 0;                        \
    }                                            \
    left |= csr_read(pmpcfg##n);
    PMP_CFG_REGISTERS_LEFT(OFF)
#undef OFF
    return left == 0;
}

/* Entries that exist are writable from 0 up (priv. spec 3.7.1: "the lowest-numbered PMP CSRs must be implemented
 * first"). */
void pmp_probe(struct hart *hart) {
    hart->pmp_count = 0;
    hart->pmp_granule_bits = 0;
    if (!PROBE(hart, csr_write(pmpcfg0, 0)) || !others_off(hart)) {
        return;
    }
    for (unsigned index = 0; index < PMP_ENTRY_COUNT; index++) {
        if (!PROBE(hart, pmpaddr_write(index, ~0ul)) || pmpaddr_read(index) == 0) {
            break;
        }
        if (index == 0) {
            /* The lowest bit that sticks with the entry off is the granularity (priv. spec 3.7.1.1). */
            hart->pmp_granule_bits = (uint32_t)__builtin_ctzl(pmpaddr_read(0)) + 2;
        }
        pmpaddr_write(index, 0);
        hart->pmp_count++;
    }
    hart->pmp_live = hart->pmp_count; /* whatever was before us may have left them on */
}

static bool has_smepmp(struct hart *hart) {
    /* RLB is there with Smepmp alone; other extensions have other bits of mseccfg. */
    bool is_there = PROBE(hart, csr_write(CSR_MSECCFG, MSECCFG_RLB)) && (csr_read(CSR_MSECCFG) & MSECCFG_RLB) != 0;
    if (is_there) {
        csr_write(CSR_MSECCFG, 0);
    }
    return is_there;
}

bool pmp_reserve_kernel(struct hart *hart) {
    if (hart->pmp_granule_bits > TEXT_GRANULE_BITS || hart->pmp_count <= KEPT_COUNT || !has_smepmp(hart)) {
        return false;
    }
    hart->pmp_first = KEPT_COUNT;
    hart->pmp_count -= KEPT_COUNT;
    return true;
}

/* Writes the configurations of `count` entries, of which there is room for PMP_ENTRY_COUNT; false: they do not read
 * back. A register holds a byte for each, the first one lowest, as memory does; `cfg` is aligned like one. Without
 * loops, as what follows: every switch between guests comes by here. */
[[gnu::always_inline]] static inline bool cfg_write(const uint8_t *cfg, unsigned count) {
#define WRITE(number, first)                                                                           \
    if (count > (first)) {                                                                             \
        unsigned long value;                                                                           \
        __builtin_memcpy(&value, __builtin_assume_aligned(cfg + (first), sizeof value), sizeof value); \
        csr_write(pmpcfg##number, value);                                                              \
        if (csr_read(pmpcfg##number) != value) {                                                       \
            return false;                                                                              \
        }                                                                                              \
    }
    PMP_CFG_REGISTERS(WRITE)
#undef WRITE
    return true;
}

/* Writes the addresses of `count` entries from 0 on. How the low bits read back depends on the entry's configuration
 * (priv. spec 3.7.1.1), so they are only looked at once that is the new one. */
[[gnu::always_inline]] static inline void address_write(const unsigned long *address, unsigned count) {
#define WRITE(n)        \
    if (count == (n)) { \
        return;         \
    }                   \
    csr_write(pmpaddr##n, address[n]);
    PMP_PROBE_ENTRIES(WRITE)
#undef WRITE
}

/* Whether the addresses of `count` entries from 0 on read back. */
[[gnu::always_inline]] static inline bool address_holds(const unsigned long *address, unsigned count) {
#define READ(n)                               \
    if (count == (n)) {                       \
        return true;                          \
    }                                         \
    if (csr_read(pmpaddr##n) != address[n]) { \
        return false;                         \
    }
    PMP_PROBE_ENTRIES(READ)
#undef READ
    return true;
}

/* Writes all configurations: the kernel's, the layout's, and off; false: they do not read back. */
static bool kept_cfg_load(const struct hart *hart, const struct pmp_layout *layout) {
    alignas(PER_REGISTER) uint8_t cfg[PMP_ENTRY_COUNT] = {};
    __builtin_memcpy(cfg, kept, sizeof kept);
    for (unsigned index = 0; index < layout->count; index++) {
        cfg[hart->pmp_first + index] = layout->cfg[index];
    }
    return cfg_write(cfg, hart->pmp_first + hart->pmp_count);
}

/* Writes the layout's addresses behind the kernel's. */
static void kept_address_write(const struct hart *hart, const struct pmp_layout *layout) {
    for (unsigned index = 0; index < layout->count; index++) {
        pmpaddr_write(hart->pmp_first + index, layout->address[index]);
    }
}

/* Whether they read back. */
static bool kept_address_holds(const struct hart *hart, const struct pmp_layout *layout) {
    for (unsigned index = 0; index < layout->count; index++) {
        if (pmpaddr_read(hart->pmp_first + index) != layout->address[index]) {
            return false;
        }
    }
    return true;
}

/* Stores, where the kernel has its code, what is there already; true: that trapped. */
static bool text_is_closed(struct hart *hart) {
    unsigned long word = *(const unsigned long *)__image_start;
    trap_expect(hart, TRAP_PROBE);
    __asm__ volatile(".option push\n.option norvc\nsw %0, (%1)\n.option pop"
                     :
                     : "r"(word), "r"(__image_start)
                     : "memory");
    return trap_came(hart);
}

void pmp_protect_kernel(struct hart *hart) {
    static const struct pmp_layout nothing;
    pmpaddr_write(0, (unsigned long)(uintptr_t)__image_start >> ADDRESS_SHIFT);
    pmpaddr_write(1, (unsigned long)(uintptr_t)__text_end >> ADDRESS_SHIFT);
    pmpaddr_write(2, 0);
    bool taken = kept_cfg_load(hart, &nothing);
    csr_write(CSR_MSECCFG, MSECCFG_MML);
    sfence_vma();
    /* Half of it would show the kernel's code to guests. */
    CHECK(taken && (csr_read(CSR_MSECCFG) & MSECCFG_MML) != 0 && text_is_closed(hart));
}

/* With Smepmp, entries bind M-mode, too. All off first: one that is half new could take the kernel's own memory away
 * from it. */
static bool kept_load(const struct hart *hart, const struct pmp_layout *layout) {
    static const struct pmp_layout nothing;
    bool is_off = kept_cfg_load(hart, &nothing);
    kept_address_write(hart, layout);
    return is_off && kept_cfg_load(hart, layout) && kept_address_holds(hart, layout);
}

/* One pair after another: under `pmp`, that is all there is to most guests. */
static bool pair_load(const struct pmp_layout *layout) {
    unsigned long first = layout->address[0];
    unsigned long second = layout->address[1];
    csr_write(pmpaddr0, first);
    csr_write(pmpaddr1, second);
    return cfg_write(layout->cfg, PAIR) && csr_read(pmpaddr0) == first && csr_read(pmpaddr1) == second;
}

/* Entries do not bind M-mode, and nobody else runs on the hart before the fence, so that they may be half new on the
 * way. Behind the layout's, those that the last one had on are written off. */
static bool plain_load(struct hart *hart, const struct pmp_layout *layout) {
    static_assert(offsetof(struct pmp_layout, cfg) % PER_REGISTER == 0);
    unsigned live = hart->pmp_live > layout->count ? hart->pmp_live : layout->count;
    hart->pmp_live = layout->count;
    address_write(layout->address, layout->count);
    return cfg_write(layout->cfg, live) && address_holds(layout->address, layout->count);
}

/* On harts with H or Smepmp. */
static status_t load_and_fence(struct hart *hart, const struct pmp_layout *layout) {
    bool same = hart->pmp_first == 0 ? plain_load(hart, layout) : kept_load(hart, layout);
    if (hart_has(hart, HART_H)) {
        /* arch_tlb_flush is about the guest's own stage; the other may have old verdicts in it, too, and so may the
         * hypervisor's mode, through which the way into a guest may lead (priv. spec 3.7.2). */
        sfence_vma();
        hfence_gvma();
    }
    return same ? STATUS_OK : STATUS_CORRUPT;
}

/* A walk that began for the guest before may still be under way (priv. spec, "satp"), and with Svadu would write, too:
 * it must not go on within another one's limits. */
static void walks_end(const struct hart *hart) {
    sfence_vma();
    if (hart_has(hart, HART_H)) {
        hfence_vvma();
    }
}

[[gnu::noinline]] status_t arch_pmp_load(struct hart *hart, const struct pmp_layout *layout) {
    if (layout->count > hart->pmp_count) {
        return STATUS_CORRUPT;
    }
    walks_end(hart);
    if ((hart->features & (HART_H | HART_SMEPMP)) != 0) {
        return load_and_fence(hart, layout);
    }
    hart->pmp_has_pair = layout->count == PAIR;
    return plain_load(hart, layout) ? STATUS_OK : STATUS_CORRUPT;
}

bool arch_pmp_exchange(struct hart *hart, const struct pmp_layout *layout) {
    if (!hart->pmp_has_pair || layout->count != PAIR) {
        return false;
    }
    sfence_vma(); /* walks_end; there is no H */
    return pair_load(layout);
}
