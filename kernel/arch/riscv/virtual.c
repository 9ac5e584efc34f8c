/*
 * Into VS-mode and out of it.
 *
 * mret goes there where mstatus.MPV is set, but not every hart lets M-mode set it (QEMU 10 only does so itself, when a
 * guest traps). Then the way leads over the trampoline: one sret in the hypervisor's own mode, in a place of its own
 * that PMP lets be executed and nothing else (arch_entry_code). A guest that jumps there has executed an sret of its
 * own.
 *
 * An interrupt for the kernel may come between the two steps. What the guest goes on with is then still in sepc and
 * sstatus.SPP.
 */
#include "kernel/arch/riscv/virtual.h"

#include "kernel/arch/hart.h"
#include "kernel/arch/riscv/csr.h"
#include "kernel/arch/riscv/fence.h"
#include "kernel/arch/riscv/status.h"
#include "kernel/hart/hart.h"
#include "kernel/panic.h"

/* What stays in mstatus while the guest is live in VS-mode; everything else of its status is in vsstatus. */
#define STATUS_KEPT (MSTATUS_MPP | MSTATUS_TW | (MSTATUS_XL & ~SSTATUS_UXL))
#define STATUS_OWN (SSTATUS_FIELDS | SSTATUS_UXL | MSTATUS_SDT)

/* trap.S */
[[noreturn]] void context_return(struct context *context, unsigned long pc, unsigned long status);
extern const char trampoline[];
extern const char trampoline_end[];

static bool mpv_set(void) {
    csr_set(MSTATUS_UPPER, MPV);
    return (csr_read(MSTATUS_UPPER) & MPV) != 0;
}

bool virtual_probe_mpv(void) {
    bool stuck = mpv_set();
    csr_clear(MSTATUS_UPPER, MPV);
    return stuck;
}

static bool hgatp_sticks(unsigned long value) {
    csr_write(CSR_HGATP, value);
    return csr_read(CSR_HGATP) == value;
}

/* Only modes that exist are tried: QEMU 7.2 takes any other, too, and comes to grief over it when it translates. */
uint32_t virtual_probe_modes(void) {
    uint32_t modes = 0;
    for (unsigned mode = 1; mode < 16; mode++) {
        if ((HGATP_MODES >> mode & 1) != 0 && hgatp_sticks((unsigned long)mode << HGATP_MODE_SHIFT)) {
            modes |= 1u << mode;
        }
    }
    csr_write(CSR_HGATP, 0);
    return modes;
}

status_t arch_gstage_load(const struct hart *hart, unsigned mode, paddr_t root) {
    if (!hart_has(hart, HART_H)) {
        return mode == 0 ? STATUS_OK : STATUS_CORRUPT;
    }
    /* All guests have VMID 0: nothing of one survives the fences that every change comes with. */
    unsigned long value = (unsigned long)mode << HGATP_MODE_SHIFT | (unsigned long)(root.value >> HGATP_PAGE_BITS);
    bool stuck = hgatp_sticks(value);
    hfence_gvma();
    hfence_vvma();
    return stuck ? STATUS_OK : STATUS_CORRUPT;
}

bool arch_entry_code(const struct hart *hart, paddr_t *out_base, uint64_t *out_size) {
    if (!hart_has(hart, HART_H) || hart_has(hart, HART_MPV)) {
        return false;
    }
    *out_base = paddr((uintptr_t)trampoline);
    *out_size = (uint64_t)(trampoline_end - trampoline);
    return true;
}

void virtual_status_load(struct context *context, bool is_virtual) {
    unsigned long own = (context->is_virtual ? context->vsstatus : context->mstatus) & STATUS_OWN;
    context->mstatus &= STATUS_KEPT;
    context->is_virtual = is_virtual;
    if (!is_virtual) {
        context->mstatus |= own;
        return;
    }
    csr_write(CSR_VSSTATUS, own);
    /* The guest's FP is on if it says so here and the guest itself in vsstatus.FS. Both say when a register changes;
     * this one is ours (fp.h). */
    unsigned long fs = context->has_fp ? MSTATUS_FS_CLEAN : 0;
    context->mstatus |= (csr_read(mstatus) & SSTATUS_UXL) | fs;
}

void virtual_raise(struct context *context) {
    unsigned long mode = context->mstatus & MSTATUS_MPP;
    csr_write(CSR_VSSTATUS, status_raised(csr_read(CSR_VSSTATUS) | mode) & ~MSTATUS_MPP);
    context->mstatus = (context->mstatus & ~MSTATUS_MPP) | MSTATUS_MPP_S;
}

bool virtual_forward(unsigned long cause, unsigned long value) {
    unsigned long pc = csr_read(mepc);
    unsigned long handler = csr_read(CSR_VSTVEC) & ~3ul;
    if (pc == handler || (csr_read(MSTATUS_UPPER) & MPV) == 0) {
        return false;
    }
    unsigned long mode = csr_read(mstatus) & MSTATUS_MPP;
    csr_write(CSR_VSEPC, pc);
    csr_write(CSR_VSCAUSE, cause);
    csr_write(CSR_VSTVAL, value);
    csr_write(CSR_VSSTATUS, status_raised(csr_read(CSR_VSSTATUS) | mode) & ~MSTATUS_MPP);
    csr_set(mstatus, MSTATUS_MPP_S); /* from U or S; and MPV stays as the trap has left it */
    csr_write(mepc, handler);
    return true;
}

void virtual_leave_trampoline(struct context *context) {
    if ((csr_read(MSTATUS_UPPER) & MPV) != 0) {
        return; /* it came from the guest */
    }
    /* Anything but an interrupt: the hart cannot execute what we have let it execute. */
    CHECK((csr_read(mcause) & CAUSE_INTERRUPT) != 0);
    unsigned long mode = context->mstatus & MSTATUS_SPP ? MSTATUS_MPP_S : 0;
    context->pc = csr_read(sepc);
    context->mstatus = (context->mstatus & ~(MSTATUS_MPP | MSTATUS_SPP)) | mode;
}

void virtual_enter(struct context *context) {
    unsigned long status = context->mstatus & ~(MSTATUS_SPP | MSTATUS_SIE | MSTATUS_SPIE);
    if (mpv_set()) {
        context_return(context, context->pc, status | MSTATUS_MPV);
    }
    csr_write(sepc, context->pc);
    csr_set(CSR_HSTATUS, HSTATUS_SPV);
    unsigned long mode = context_is_supervisor(context) ? MSTATUS_SPP : 0;
    context_return(context, (unsigned long)(uintptr_t)trampoline, (status & ~MSTATUS_MPP) | MSTATUS_MPP_S | mode);
}

/* Nothing of a hart with Sstc goes off by itself: htimedelta moves the guests' clock, and on some harts that alone lets
 * vstimecmp, 0 from reset, interrupt; so the comparisons are set first. */
static void timers_prepare(const struct hart *hart) {
    if (hart_has(hart, HART_SSTC)) {
        uint64_t menvcfg = csr_read64(CSR_MENVCFG, CSR_MENVCFGH);
        csr_write64(CSR_MENVCFG, CSR_MENVCFGH, menvcfg | MENVCFG_STCE);
        csr_write64(CSR_STIMECMP, CSR_STIMECMPH, UINT64_MAX);
        csr_write64(CSR_VSTIMECMP, CSR_VSTIMECMPH, UINT64_MAX);
        csr_write64(CSR_MENVCFG, CSR_MENVCFGH, menvcfg);
    }
    csr_write64(CSR_HTIMEDELTA, CSR_HTIMEDELTAH, 0); /* guests' time is the machine's */
}

void virtual_prepare(const struct hart *hart) {
    csr_write(satp, 0);
    csr_write(sie, 0);
    csr_clear(CSR_HSTATUS, -1ul); /* what it cannot clear is the width of VS-mode */
    csr_write(CSR_HGATP, 0);
    csr_write(CSR_HVIP, 0);
    csr_write(CSR_HEDELEG, csr_read(medeleg)); /* what M-mode passes on must not stop half-way, where nobody is */
    csr_write(CSR_HIDELEG, (INTERRUPT_SOFTWARE | INTERRUPT_TIMER | INTERRUPT_EXTERNAL) << HVIP_SHIFT);
    csr_write(CSR_HCOUNTEREN, COUNTERS_ALL);
    if (hart_has(hart, HART_ENVCFG)) {
        csr_write64_upward(CSR_HENVCFG, CSR_HENVCFGH, 0);
    }
    if (hart_has(hart, HART_STATEEN)) {
        csr_write64(CSR_HSTATEEN0, CSR_HSTATEEN0H, csr_read64(CSR_MSTATEEN0, CSR_MSTATEEN0H));
    }
    timers_prepare(hart);
}
