/* The context contract on the build machine (kernel/arch/context.h): registers are fields of this thread's host_hart.
 */
#include "kernel/arch/context.h"

#include <string.h>

#include "kernel/arch/hart.h"
#include "kernel/arch/host/hart.h"

enum { SIP_WRITABLE = INTERRUPT_SOFTWARE | INTERRUPT_TIMER | INTERRUPT_EXTERNAL, SCOUNTEREN_TM = 1 << 1 };

static struct host_hart *registers(void) {
    return host_hart_of(arch_hart_self());
}

void context_reset(struct context *context, unsigned long pc, unsigned long a0, unsigned long a1) {
    bool has_fp = context->has_fp;
    bool has_sstc = context->has_sstc;
    bool has_svadu = context->has_svadu;
    memset(context, 0, sizeof *context);
    context->has_fp = has_fp;
    context->has_sstc = has_sstc;
    context->has_svadu = has_svadu;
    context->pc = pc;
    context->x[REG_A0] = a0;
    context->x[REG_A1] = a1;
    context->stimecmp = UINT64_MAX;
    context->mstatus = HOST_STATUS_MPP_S;
}

bool context_is_supervisor(const struct context *context) {
    return (context->mstatus & HOST_STATUS_MPP) == HOST_STATUS_MPP_S;
}

bool context_has_sum(const struct context *context) {
    return (context->mstatus & HOST_STATUS_SUM) != 0;
}

bool context_has_mxr(const struct context *context) {
    return (context->mstatus & HOST_STATUS_MXR) != 0;
}

bool context_has_float_on(const struct context *context) {
    return context->has_fp && (context->mstatus & HOST_STATUS_FS) != 0;
}

void context_change_wfi_traps(struct context *context, bool traps) {
    context->wfi_traps = traps;
    context->mstatus = traps ? context->mstatus | HOST_STATUS_TW : context->mstatus & ~HOST_STATUS_TW;
}

void arch_context_load(struct context *context, struct hart *hart) {
    struct host_hart *to = host_hart_of(hart);
    context->hart = hart;
    to->sie = context->sie;
    to->stvec = context->stvec;
    to->sscratch = context->sscratch;
    to->sepc = context->sepc;
    to->scause = context->scause;
    to->stval = context->stval;
    to->satp = context->satp;
    to->scounteren = context->scounteren;
    to->senvcfg = context->senvcfg;
    to->mip = context->pending;
    to->stimecmp = context->has_sstc ? context->stimecmp : UINT64_MAX;
    memcpy(to->f, context->f, sizeof to->f);
    to->fcsr = context->fcsr;
}

/* Leaves rubbish in the hart: what of it shows up in the next guest was not loaded. */
void arch_context_save(struct context *context) {
    struct host_hart *from = host_hart_of(context->hart);
    context->sie = from->sie;
    context->stvec = from->stvec;
    context->sscratch = from->sscratch;
    context->sepc = from->sepc;
    context->scause = from->scause;
    context->stval = from->stval;
    context->satp = from->satp;
    context->scounteren = from->scounteren;
    context->senvcfg = from->senvcfg;
    context->pending = from->mip & SIP_WRITABLE;
    if (context->has_sstc) {
        context->pending &= ~(unsigned long)INTERRUPT_TIMER;
        context->stimecmp = from->stimecmp;
    }
    memcpy(context->f, from->f, sizeof context->f);
    context->fcsr = from->fcsr;
    memset(&from->sie, 0xa5, (size_t)((char *)&from->pmp - (char *)&from->sie));
}

void arch_context_switch(struct context *from, struct context *to, struct hart *hart) {
    arch_context_save(from);
    arch_context_load(to, hart);
}

void arch_context_raise(struct context *context, unsigned long cause, unsigned long value) {
    struct host_hart *to = registers();
    unsigned long status = context->mstatus;
    to->sepc = context->pc;
    to->scause = cause;
    to->stval = value;
    context->mstatus &= ~(HOST_STATUS_SIE | HOST_STATUS_SPIE | HOST_STATUS_SPP | HOST_STATUS_MPP);
    context->mstatus |= HOST_STATUS_MPP_S;
    context->mstatus |= status & HOST_STATUS_SIE ? HOST_STATUS_SPIE : 0;
    context->mstatus |= context->has_double_trap ? HOST_STATUS_SDT : 0;
    context->mstatus |= (status & HOST_STATUS_MPP) == HOST_STATUS_MPP_S ? HOST_STATUS_SPP : 0;
    context->pc = to->stvec & ~3ul;
}

void arch_context_set_double_trap(struct context *context, bool is_on) {
    context->mstatus &= ~HOST_STATUS_SDT;
    context->has_double_trap = is_on;
}

bool context_is_in_trap(const struct context *context) {
    return context->has_double_trap && (context->mstatus & HOST_STATUS_SDT) != 0;
}

unsigned long arch_double_trap_cause(void) {
    return registers()->double_trap_cause;
}

void arch_context_set_pending(unsigned long interrupts) {
    registers()->mip |= interrupts;
}

void arch_context_forget(void) {
    registers()->sie = 0;
}

void arch_context_clear_pending(unsigned long interrupts) {
    registers()->mip &= ~interrupts;
}

/* With Sstc, STIP is what the comparison says (priv. spec, "Sstc"). */
unsigned long arch_context_wakeups(void) {
    const struct host_hart *from = registers();
    unsigned long pending = from->mip;
    if (from->stimecmp != UINT64_MAX && host_clock() >= from->stimecmp) {
        pending |= INTERRUPT_TIMER;
    }
    return pending & from->sie & SIP_WRITABLE;
}

bool arch_context_shows_time_to_user(void) {
    return (registers()->scounteren & SCOUNTEREN_TM) != 0;
}

unsigned long arch_context_stvec(void) {
    return registers()->stvec & ~3ul;
}

unsigned long arch_context_satp(void) {
    return registers()->satp;
}

unsigned long arch_context_sepc(void) {
    return registers()->sepc;
}

unsigned long arch_context_scause(void) {
    return registers()->scause;
}

unsigned long arch_context_stval(void) {
    return registers()->stval;
}

bool context_has_spp(const struct context *context) {
    return (context->mstatus & HOST_STATUS_SPP) != 0;
}

void arch_context_set_timer(uint64_t deadline) {
    registers()->stimecmp = deadline;
}

uint64_t arch_context_timer(const struct context *context) {
    if ((registers()->sie & INTERRUPT_TIMER) == 0) {
        return UINT64_MAX;
    }
    return context->has_sstc ? registers()->stimecmp : context->stimecmp;
}

uint64_t arch_context_float_read(struct context *, unsigned index) {
    return registers()->f[index];
}

void arch_context_float_write(struct context *context, unsigned index, uint64_t value) {
    registers()->f[index] = value;
    context->mstatus |= HOST_STATUS_FS;
}
