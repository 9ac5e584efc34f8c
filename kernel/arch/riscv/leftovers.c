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
 */
#include "kernel/arch/hart.h"
#include "kernel/arch/riscv/csr.h"
#include "kernel/arch/riscv/fence.h"
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

/* Where there may be more than the other harts have. */
[[gnu::noinline]] static void more_clear(void) {
    if (hart_has(arch_hart_self(), HART_VECTOR_OPEN)) {
        vector_clear();
    }
    arch_tlb_flush();
}

void arch_leftovers_clear(void) {
    reservation_end();
    if (__builtin_expect((arch_hart_self()->features & (HART_H | HART_VECTOR_OPEN)) != 0, false)) {
        more_clear();
    } else {
        sfence_vma();
    }
}
