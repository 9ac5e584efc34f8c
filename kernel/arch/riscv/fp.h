/*
 * The FP registers of a vcpu: out of the hart and into it on every switch to another vcpu.
 *
 * Without the H extension, mstatus.FS cannot save the work: it is the guest's own bit, and a guest that has saved its
 * registers for itself sets it to clean while they still differ from what we last saw. What is in the registers is the
 * guest's, whatever FS says; and whatever the guest was told of its extensions, for it can switch FP on by itself. In
 * VS-mode the guest's bit is vsstatus.FS; mstatus.FS, clean when the guest is put on, tells whether they have changed.
 */
#pragma once

#include "kernel/arch/context.h"
#include "kernel/arch/riscv/csr.h"
#include "kernel/hart/hart.h"

/* fp_move.S */
void fp_registers_clear(void);
void fp_registers_load(const uint64_t *f, unsigned long fcsr);
unsigned long fp_registers_save(uint64_t *f);
unsigned long fp_registers_switch(uint64_t *from, const uint64_t *to, unsigned long fcsr);

/* Both leave mstatus.FS on, so that the kernel may touch the registers; arch_context_enter sets it as the guest has it.
 */
static inline void fp_load(const struct context *context) {
    if (hart_has(context->hart, HART_FP)) {
        csr_set(mstatus, MSTATUS_FS);
        fp_registers_load(context->f, context->fcsr);
    }
}

/* Whether the registers are as they were loaded; the context says so in mstatus as of the guest's last trap. */
static inline bool fp_is_clean(const struct context *context) {
    return context->is_virtual && (context->mstatus & MSTATUS_FS) != MSTATUS_FS_DIRTY;
}

static inline void fp_save(struct context *context) {
    if (hart_has(context->hart, HART_FP) && !fp_is_clean(context)) {
        csr_set(mstatus, MSTATUS_FS);
        context->fcsr = fp_registers_save(context->f);
    }
}
