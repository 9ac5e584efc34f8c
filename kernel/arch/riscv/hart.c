/*
 * The hart: who it is, what it has, what guests may do on it without asking. Probing believes the hart, not its
 * description: each thing is written or read, and a trap or a value that does not stick means that it is not there.
 */
#include "kernel/arch/hart.h"

#include <string.h>

#include "kernel/arch/context.h"
#include "kernel/arch/riscv/clear.h"
#include "kernel/arch/riscv/csr.h"
#include "kernel/arch/riscv/fence.h"
#include "kernel/arch/riscv/pmp.h"
#include "kernel/arch/riscv/trap.h"
#include "kernel/arch/riscv/virtual.h"
#include "kernel/hart/hart.h"

#define PAGE_SIZE 4096ul

#define MISA_EXTENSION(letter) (1ul << ((letter) - 'a'))

/* Exceptions that go straight to the guest: what its own software causes and handles every day. Not access faults,
 * illegal instructions and misaligned accesses, which may be ours to emulate. */
#define DELEGATED_EXCEPTIONS 0xb109ul /* fetch misaligned, breakpoint, ecall from U, the three page faults */
#define DELEGATED_INTERRUPTS ((unsigned long)(INTERRUPT_SOFTWARE | INTERRUPT_TIMER | INTERRUPT_EXTERNAL))

struct hart *arch_hart_self(void) {
    register struct hart *self __asm__("tp");
    __asm__("" : "=r"(self)); /* the compiler must not think that tp is not set */
    return self;
}

static void feature_set(struct hart *hart, uint32_t feature, bool has) {
    hart->features = has ? hart->features | feature : hart->features & ~feature;
}

/* misa may be zero: "not provided" (priv. spec 3.1.1); then the device tree has the word. */
static bool has_letter(const struct hart *hart, unsigned long misa, char letter, enum isa_extension extension) {
    return misa != 0 ? (misa & MISA_EXTENSION(letter)) != 0 : isa_has(&hart->isa, extension);
}

/* Whether the hart takes a bit of menvcfg. */
static bool menvcfg_takes(const struct hart *hart, uint64_t bit) {
    if (!hart_has(hart, HART_ENVCFG)) {
        return false;
    }
    uint64_t before = csr_read64(CSR_MENVCFG, CSR_MENVCFGH);
    csr_write64(CSR_MENVCFG, CSR_MENVCFGH, before | bit);
    bool is_taken = (csr_read64(CSR_MENVCFG, CSR_MENVCFGH) & bit) != 0;
    csr_write64(CSR_MENVCFG, CSR_MENVCFGH, before);
    return is_taken;
}

static bool has_sstc(struct hart *hart) {
    return hart_has(hart, HART_TIME) && menvcfg_takes(hart, MENVCFG_STCE) && PROBE(hart, csr_read(CSR_STIMECMP));
}

static bool has_double_trap(struct hart *hart) {
    return !hart_has(hart, HART_H) && menvcfg_takes(hart, MENVCFG_DTE) && PROBE(hart, csr_read(CSR_MTVAL2));
}

/* Whose tree says Svade, and maybe both, is to find it so (Linux,
 * Documentation/devicetree/bindings/riscv/extensions.yaml). */
static bool has_svadu(const struct hart *hart) {
    return !isa_has(&hart->isa, ISA_SVADE) && menvcfg_takes(hart, MENVCFG_ADUE);
}

/* Both or neither: a guest that relates the two would be misled. They are left as they are needed: M-mode, the kernel's
 * own work, is not counted (docs/guests.md). */
static bool counters_leave_out_machine_mode(struct hart *hart) {
    if (!PROBE(hart, csr_read(CSR_MCYCLECFG)) || !PROBE(hart, csr_read(CSR_MINSTRETCFG))) {
        return false;
    }
    csr_write64(CSR_MCYCLECFG, CSR_MCYCLECFGH, CNTRCFG_MINH);
    csr_write64(CSR_MINSTRETCFG, CSR_MINSTRETCFGH, CNTRCFG_MINH);
    bool stuck = (csr_read64(CSR_MCYCLECFG, CSR_MCYCLECFGH) & CNTRCFG_MINH) != 0 &&
                 (csr_read64(CSR_MINSTRETCFG, CSR_MINSTRETCFGH) & CNTRCFG_MINH) != 0;
    if (!stuck) {
        csr_write64(CSR_MCYCLECFG, CSR_MCYCLECFGH, 0);
        csr_write64(CSR_MINSTRETCFG, CSR_MINSTRETCFGH, 0);
    }
    return stuck;
}

/* Not by mstatus.VS, which may be there without vectors. On a hart with H it is ours, and stays off. */
static bool vector_is_open(struct hart *hart) {
    csr_set(mstatus, MSTATUS_VS);
    bool has_vector = PROBE(hart, csr_read(CSR_VLENB));
    csr_clear(mstatus, MSTATUS_VS);
    return has_vector && !hart_has(hart, HART_H);
}

/* Zfinx has fcsr whatever mstatus.FS says. On a hart with H, FS is ours and stays off where FP is not moved. */
static void fp_probe(struct hart *hart) {
    csr_clear(mstatus, MSTATUS_FS);
    bool has_zfinx = PROBE(hart, csr_read(fcsr));
    csr_set(mstatus, MSTATUS_FS);
    bool has_f = !has_zfinx && PROBE(hart, csr_read(fcsr));
    bool has_d =
        has_f && PROBE(hart, __asm__ volatile(".option push\n.option arch, +d\nfcvt.d.s ft0, ft0\n.option pop"));
    csr_clear(mstatus, MSTATUS_FS);
    feature_set(hart, HART_FP, has_d);
    feature_set(hart, HART_FP_OPEN, has_zfinx || (has_f && !has_d && !hart_has(hart, HART_H)));
}

/* Whether a trap out of a trap is the hart's end (Smdbltrp), unless mstatus.MDT is cleared in between (trap.c). */
static bool has_machine_double_trap(struct hart *hart) {
    if (!PROBE(hart, csr_read(MSTATUS_UPPER))) {
        return false;
    }
    csr_set(MSTATUS_UPPER, MDT);
    bool is_taken = (csr_read(MSTATUS_UPPER) & MDT) != 0;
    csr_clear(MSTATUS_UPPER, MDT);
    return is_taken;
}

[[gnu::cold]] void arch_hart_probe(struct hart *hart) {
    unsigned long misa = csr_read(misa);
    feature_set(hart, HART_S, misa == 0 || (misa & MISA_EXTENSION('s')) != 0);
    feature_set(hart, HART_H, has_letter(hart, misa, 'h', ISA_H));
    fp_probe(hart);
    feature_set(hart, HART_TIME, PROBE(hart, csr_read(time)));
    feature_set(hart, HART_ENVCFG, PROBE(hart, csr_read(CSR_MENVCFG)) && PROBE(hart, csr_read(CSR_SENVCFG)));
    feature_set(hart, HART_SSTC, has_sstc(hart));
    feature_set(hart, HART_SVADU, has_svadu(hart));
    feature_set(hart, HART_DOUBLE_TRAP, has_double_trap(hart));
    feature_set(hart, HART_MACHINE_DOUBLE_TRAP, has_machine_double_trap(hart));
    feature_set(hart, HART_CNTRPMF, counters_leave_out_machine_mode(hart));
    feature_set(hart, HART_ENTROPY, PROBE(hart, csr_swap(CSR_SEED, 0)));
    feature_set(hart, HART_STATEEN, PROBE(hart, csr_read(CSR_MSTATEEN0)));
    feature_set(hart, HART_JVT_OPEN, !hart_has(hart, HART_STATEEN) && PROBE(hart, csr_read(CSR_JVT)));
    feature_set(hart, HART_VECTOR_OPEN, vector_is_open(hart));
    feature_set(hart, HART_MPV, hart_has(hart, HART_H) && virtual_probe_mpv());
    hart->gstage_modes = hart_has(hart, HART_H) ? virtual_probe_modes() : 0;
    hart->clear_block_size = clear_probe(hart);
    pmp_probe(hart);
    feature_set(hart, HART_SMEPMP, pmp_reserve_kernel(hart));
}

[[gnu::cold]] void arch_hart_prepare(struct hart *hart) {
    csr_write(mie, hart->interrupts);
    if (hart_has(hart, HART_SMEPMP)) {
        pmp_protect_kernel(hart);
    }
    if (!hart_has(hart, HART_S)) {
        return; /* it has none of what follows, and will run no guest */
    }
    csr_write(medeleg, DELEGATED_EXCEPTIONS);
    csr_write(mideleg, DELEGATED_INTERRUPTS);
    csr_write(mcounteren, COUNTERS_ALL); /* supervisors decide about their programs themselves */
    csr_write(scounteren, 0);
    if (hart_has(hart, HART_ENVCFG)) {
        csr_write64(CSR_MENVCFG, CSR_MENVCFGH, 0);
    }
    if (hart_has(hart, HART_STATEEN)) {
        /* sstateen0 and senvcfg, nothing behind them */
        csr_write64(CSR_MSTATEEN0, CSR_MSTATEEN0H, 1ull << 63 | 1ull << 62);
    }
    if (hart_has(hart, HART_H)) {
        virtual_prepare(hart);
    }
}

void arch_tlb_flush(void) {
    if (virtual_is_on()) {
        hfence_vvma();
    } else {
        sfence_vma();
    }
}

void arch_tlb_flush_range(unsigned long address, unsigned long size) {
    unsigned long page = address & ~(PAGE_SIZE - 1);
    unsigned long last = (address + size - 1) & ~(PAGE_SIZE - 1);
    bool is_virtual = virtual_is_on();
    for (;; page += PAGE_SIZE) {
        if (is_virtual) {
            hfence_vvma_page(page);
        } else {
            sfence_vma_page(page);
        }
        if (page == last) {
            return;
        }
    }
}

void arch_fetch_flush(void) {
    __asm__ volatile("fence.i" : : : "memory");
}

void arch_wait(void) {
    __asm__ volatile("wfi" : : : "memory");
}

unsigned long arch_irq_pending(void) {
    return csr_read(mip) & (IRQ_SOFTWARE | IRQ_TIMER | IRQ_EXTERNAL);
}

uint64_t arch_time(void) {
    return csr_read64(time, timeh);
}

/* Zkr: 16 bits at a time, when OPST (bits 31:30) says ES16 (2). WAIT and BIST may be seen many times; DEAD never ends.
 */
bool arch_entropy(const struct hart *hart, uint8_t *out_bytes, uint32_t size) {
    enum { TRIES = 100000, ES16 = 2 };
    if (!hart_has(hart, HART_ENTROPY)) {
        return false;
    }
    uint32_t filled = 0;
    for (uint32_t tries = 0; tries < TRIES && filled < size; tries++) {
        unsigned long seed = csr_swap(CSR_SEED, 0);
        if ((seed >> 30 & 3) == ES16) {
            uint32_t step = size - filled < 2 ? 1 : 2;
            memcpy(out_bytes + filled, &seed, step); /* little-endian: the low 16 bits are the entropy */
            filled += step;
        }
    }
    return filled == size;
}

void arch_halt(void) {
    csr_write(mie, 0);
    for (;;) {
        arch_wait();
    }
}
