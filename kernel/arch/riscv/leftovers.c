/*
 * What a vcpu may leave in a hart beside its context.
 *
 * Translations of its addresses.
 *
 * A load reservation: with it, the SC of the next vcpu could succeed although the word has been written since its own
 * LR; an SC of ours ends it (unpriv. spec, "Load-Reserved/Store-Conditional Instructions").
 *
 * Vector registers: guests are not told of them, but without the H extension mstatus.VS is a guest's own bit, and
 * nothing keeps one from using them. They are nobody's, so they are cleared: one that uses them all the same finds 0
 * whenever somebody else has had the hart.
 *
 * FP registers where they are not moved (fp.h): of a hart with F, but not D, and the fcsr of Zfinx, which mstatus.FS
 * does not guard. Guests are told of neither. Nor are they of Zcmt, whose jvt only Smstateen could close.
 */
#include "kernel/arch/hart.h"
#include "kernel/arch/riscv/csr.h"
#include "kernel/arch/riscv/fence.h"
#include "kernel/arch/riscv/fp.h"
#include "kernel/hart/hart.h"

static void reservation_end(void) {
    unsigned place;
    unsigned long has_failed;
    __asm__ volatile("sc.w %0, zero, %1" : "=r"(has_failed), "=A"(place) : : "memory");
}

/* arch_context_enter sets mstatus.VS as the guest has it. */
static void vector_clear(void) {
    csr_set(mstatus, MSTATUS_VS);
    __asm__ volatile(".option push\n.option arch, +zve32x\n"
                     "vsetvli t0, zero, e8, m8, ta, ma\n"
                     "vmv.v.i v0, 0\n"
                     "vmv.v.i v8, 0\n"
                     "vmv.v.i v16, 0\n"
                     "vmv.v.i v24, 0\n"
                     "csrw vcsr, zero\n"
                     ".option pop"
                     :
                     :
                     : "t0", "memory");
}

/* arch_context_enter sets mstatus.FS as the guest has it; with Zfinx it is 0 whatever is written. */
static void fp_clear(void) {
    csr_set(mstatus, MSTATUS_FS);
    if ((csr_read(mstatus) & MSTATUS_FS) != 0) {
        fp_registers_clear();
    }
    csr_write(fcsr, 0);
}

/* What guests of this hart can use without having been told. */
[[gnu::cold, gnu::noinline]] static void open_clear(uint32_t features) {
    if (features & HART_VECTOR_OPEN) {
        vector_clear();
    }
    if (features & HART_FP_OPEN) {
        fp_clear();
    }
    if (features & HART_JVT_OPEN) {
        csr_write(CSR_JVT, 0);
    }
    arch_tlb_flush();
}

/* Where there may be more than the other harts have. */
[[gnu::noinline]] static void more_clear(uint32_t features) {
    if ((features & (HART_VECTOR_OPEN | HART_FP_OPEN | HART_JVT_OPEN)) != 0) {
        [[clang::musttail]] return open_clear(features);
    }
    arch_tlb_flush();
}

void arch_leftovers_clear(void) {
    uint32_t features = arch_hart_self()->features;
    reservation_end();
    if (__builtin_expect((features & (HART_H | HART_VECTOR_OPEN | HART_FP_OPEN | HART_JVT_OPEN)) != 0, false)) {
        more_clear(features);
    } else {
        sfence_vma();
    }
}
