/* Loading and saving of the FP registers. */
#include "kernel/arch/riscv/fp.h"

#include "kernel/arch/riscv/csr.h"

/* fp_move.S */
void fp_registers_load(const uint64_t *f, unsigned long fcsr);
unsigned long fp_registers_save(uint64_t *f);

void fp_load(const struct context *context) {
    if (context->has_fp) {
        csr_set(mstatus, MSTATUS_FS); /* the kernel may touch the registers */
        fp_registers_load(context->f, context->fcsr);
    }
}

void fp_save(struct context *context) {
    if (context->has_fp) {
        csr_set(mstatus, MSTATUS_FS);
        context->fcsr = fp_registers_save(context->f);
    }
}
