/*
 * The state of a virtual hart: on and off the hart. Called when a hart goes from one vcpu to another, and to change the
 * vcpu that is live.
 */
#include "kernel/arch/context.h"

#include <string.h>

#include "kernel/arch/riscv/csr.h"
#include "kernel/arch/riscv/fp.h"
#include "kernel/arch/riscv/status.h"
#include "kernel/hart/hart.h"

/* The interrupts that the kernel can set for a guest. */
enum { SIP_WRITABLE = INTERRUPT_SOFTWARE | INTERRUPT_TIMER | INTERRUPT_EXTERNAL };

void context_reset(struct context *context, unsigned long pc, unsigned long a0, unsigned long a1) {
    bool has_fp = context->has_fp;
    bool has_sstc = context->has_sstc;
    memset(context, 0, sizeof *context);
    context->has_fp = has_fp;
    context->has_sstc = has_sstc;
    context->pc = pc;
    context->x[REG_A0] = a0;
    context->x[REG_A1] = a1;
    context->stimecmp = UINT64_MAX;
    /* As firmware is expected to leave it: Linux does not set it, and its vDSO reads the time in user mode. */
    context->scounteren = COUNTERS_ALL;
    /* FS off, as at reset: Linux and we enable it when a program needs it. */
    context->mstatus = MSTATUS_MPP_S | (csr_read(mstatus) & MSTATUS_XL);
}

bool context_is_supervisor(const struct context *context) {
    return (context->mstatus & MSTATUS_MPP) == MSTATUS_MPP_S;
}

void context_set_wfi_traps(struct context *context, bool traps) {
    context->mstatus = traps ? context->mstatus | MSTATUS_TW : context->mstatus & ~MSTATUS_TW;
}

static void timer_load(const struct context *context, const struct hart *hart) {
    if (!hart_has(hart, HART_SSTC)) {
        return;
    }
    /* With STCE off, STIP is a plain bit that the kernel drives; stimecmp is out of the guest's reach. */
    uint64_t menvcfg = csr_read64(CSR_MENVCFG, CSR_MENVCFGH);
    if (context->has_sstc) {
        csr_write64(CSR_MENVCFG, CSR_MENVCFGH, menvcfg | MENVCFG_STCE);
        csr_write64(CSR_STIMECMP, CSR_STIMECMPH, context->stimecmp);
    } else {
        csr_write64(CSR_MENVCFG, CSR_MENVCFGH, menvcfg & ~MENVCFG_STCE);
    }
}

static void timer_save(struct context *context) {
    if (context->has_sstc) {
        context->stimecmp = csr_read64(CSR_STIMECMP, CSR_STIMECMPH);
        /* So that it does not go off in the next guest. */
        csr_write64(CSR_STIMECMP, CSR_STIMECMPH, UINT64_MAX);
    }
}

void arch_context_load(struct context *context, struct hart *hart) {
    context->hart = hart;
    csr_write(sie, context->sie);
    csr_write(stvec, context->stvec);
    csr_write(sscratch, context->sscratch);
    csr_write(sepc, context->sepc);
    csr_write(scause, context->scause);
    csr_write(stval, context->stval);
    csr_write(satp, context->satp);
    csr_write(scounteren, context->scounteren);
    if (hart_has(hart, HART_ENVCFG)) {
        csr_write(CSR_SENVCFG, context->senvcfg);
    }
    timer_load(context, hart);
    csr_clear(mip, SIP_WRITABLE);
    csr_set(mip, context->pending);
    fp_load(context);
}

void arch_context_save(struct context *context) {
    context->sie = csr_read(sie);
    context->stvec = csr_read(stvec);
    context->sscratch = csr_read(sscratch);
    context->sepc = csr_read(sepc);
    context->scause = csr_read(scause);
    context->stval = csr_read(stval);
    context->satp = csr_read(satp);
    context->scounteren = csr_read(scounteren);
    if (hart_has(context->hart, HART_ENVCFG)) {
        context->senvcfg = csr_read(CSR_SENVCFG);
    }
    context->pending = csr_read(mip) & SIP_WRITABLE;
    if (context->has_sstc) {
        context->pending &= ~(unsigned long)INTERRUPT_TIMER; /* it follows stimecmp */
    }
    timer_save(context);
    fp_save(context);
}

void arch_context_raise(struct context *context, unsigned long cause, unsigned long value) {
    csr_write(sepc, context->pc);
    csr_write(scause, cause);
    csr_write(stval, value);
    context->mstatus = status_raised(context->mstatus);
    context->pc = csr_read(stvec) & ~3ul; /* exceptions go to the base in both modes */
}

void arch_context_set_pending(unsigned long interrupts) {
    csr_set(mip, interrupts);
}

void arch_context_clear_pending(unsigned long interrupts) {
    csr_clear(mip, interrupts);
}

unsigned long arch_context_wakeups(void) {
    return csr_read(mip) & csr_read(sie) & SIP_WRITABLE;
}

unsigned long arch_context_stvec(void) {
    return csr_read(stvec) & ~3ul;
}

unsigned long arch_context_satp(void) {
    return csr_read(satp);
}

void arch_context_set_timer(uint64_t deadline) {
    csr_write64(CSR_STIMECMP, CSR_STIMECMPH, deadline);
}

uint64_t arch_context_timer(const struct context *context) {
    if ((csr_read(sie) & INTERRUPT_TIMER) == 0) {
        return UINT64_MAX;
    }
    return context->has_sstc ? csr_read64(CSR_STIMECMP, CSR_STIMECMPH) : context->stimecmp;
}

bool context_has_float_on(const struct context *context) {
    return context->has_fp && (context->mstatus & MSTATUS_FS) != 0;
}

uint64_t arch_context_float_read(struct context *context, unsigned index) {
    fp_save(context);
    return context->f[index];
}

void arch_context_float_write(struct context *context, unsigned index, uint64_t value) {
    fp_save(context);
    context->f[index] = value;
    fp_load(context);
    context->mstatus |= MSTATUS_FS_DIRTY;
}

bool arch_context_shows_time_to_user(void) {
    return (csr_read(scounteren) & SCOUNTEREN_TM) != 0;
}

bool context_has_sum(const struct context *context) {
    return (context->mstatus & MSTATUS_SUM) != 0;
}

bool context_has_mxr(const struct context *context) {
    return (context->mstatus & MSTATUS_MXR) != 0;
}
