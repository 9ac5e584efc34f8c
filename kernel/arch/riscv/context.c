/*
 * The state of a virtual hart: on and off the hart. Called when a hart goes from one vcpu to another, and to change the
 * vcpu that is live.
 */
#include "kernel/arch/context.h"

#include <string.h>

#include "kernel/arch/hart.h"
#include "kernel/arch/riscv/csr.h"
#include "kernel/arch/riscv/fp.h"
#include "kernel/arch/riscv/status.h"
#include "kernel/arch/riscv/virtual.h"
#include "kernel/hart/hart.h"

/* The interrupts that the kernel can set for a guest. */
enum { SIP_WRITABLE = INTERRUPT_SOFTWARE | INTERRUPT_TIMER | INTERRUPT_EXTERNAL };

/* Registers of the guest that VS-mode has twice: member of the context, register. */
#define SWAPPED_CSRS(X)   \
    X(sie, SIE)           \
    X(stvec, STVEC)       \
    X(sscratch, SSCRATCH) \
    X(sepc, SEPC)         \
    X(scause, SCAUSE)     \
    X(stval, STVAL)       \
    X(satp, SATP)

/* One of them, of the live guest. */
#define GUEST_READ(register) (virtual_is_on() ? csr_read(CSR_VS##register) : csr_read(CSR_S##register))

#define READ_S(member, register) context->member = csr_read(CSR_##register);
#define READ_V(member, register) context->member = csr_read(CSR_V##register);
#define WRITE_S(member, register) csr_write(CSR_##register, context->member);
#define WRITE_V(member, register) csr_write(CSR_V##register, context->member);
#define SWAP_S(member, register) from->member = csr_swap(CSR_##register, to->member);

static void registers_load(const struct context *context) {
    if (context->is_virtual) {
        SWAPPED_CSRS(WRITE_V)
    } else {
        SWAPPED_CSRS(WRITE_S)
    }
}

static void registers_save(struct context *context) {
    if (context->is_virtual) {
        SWAPPED_CSRS(READ_V)
    } else {
        SWAPPED_CSRS(READ_S)
    }
}

/* The guest's own part of its status, while it is live: SIE, SPIE, SPP, SUM, MXR, FS. */
static unsigned long status_of(const struct context *context) {
    return context->is_virtual ? csr_read(CSR_VSSTATUS) : context->mstatus;
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
    /* As firmware is expected to leave it: Linux does not set it, and its vDSO reads the time in user mode. */
    context->scounteren = COUNTERS_ALL;
    /* FS off, as at reset: Linux and we enable it when a program needs it. */
    context->mstatus = MSTATUS_MPP_S | (csr_read(mstatus) & MSTATUS_XL);
}

bool context_is_supervisor(const struct context *context) {
    return (context->mstatus & MSTATUS_MPP) == MSTATUS_MPP_S;
}

void context_change_wfi_traps(struct context *context, bool traps) {
    context->wfi_traps = traps;
    context->mstatus = traps ? context->mstatus | MSTATUS_TW : context->mstatus & ~MSTATUS_TW;
}

static uint64_t stimecmp_read(bool is_virtual) {
    return is_virtual ? csr_read64(CSR_VSTIMECMP, CSR_VSTIMECMPH) : csr_read64(CSR_STIMECMP, CSR_STIMECMPH);
}

static void stimecmp_write(bool is_virtual, uint64_t deadline) {
    if (is_virtual) {
        csr_write64(CSR_VSTIMECMP, CSR_VSTIMECMPH, deadline);
    } else {
        csr_write64(CSR_STIMECMP, CSR_STIMECMPH, deadline);
    }
}

/* What of menvcfg the guest has; the hart takes what it knows. With STCE off, STIP is a plain bit that the kernel
 * drives, and stimecmp is out of the guest's reach. */
static void envcfg_load(const struct context *context, const struct hart *hart) {
    if (!hart_has(hart, HART_ENVCFG)) {
        return;
    }
    uint64_t enabled = (context->has_sstc ? MENVCFG_STCE : 0) | (context->has_svadu ? MENVCFG_ADUE : 0);
    enabled |= context->has_double_trap && hart_has(hart, HART_DOUBLE_TRAP) ? MENVCFG_DTE : 0;
    csr_write64(CSR_MENVCFG, CSR_MENVCFGH, enabled);
    if (context->is_virtual) {
        csr_write64_upward(CSR_HENVCFG, CSR_HENVCFGH, enabled); /* second: what menvcfg has not, it cannot have */
    }
}

static void timer_load(const struct context *context, const struct hart *hart) {
    if (hart_has(hart, HART_SSTC) && context->has_sstc) {
        stimecmp_write(context->is_virtual, context->stimecmp);
    }
}

static void timer_save(struct context *context) {
    if (context->has_sstc) {
        context->stimecmp = stimecmp_read(context->is_virtual);
        /* So that it does not go off in the next guest. */
        stimecmp_write(context->is_virtual, UINT64_MAX);
    }
}

static void pending_load(const struct context *context) {
    if (context->is_virtual) {
        csr_write(CSR_HVIP, context->pending << HVIP_SHIFT);
    } else {
        csr_clear(mip, SIP_WRITABLE);
        csr_set(mip, context->pending);
    }
}

static void pending_save(struct context *context) {
    if (context->is_virtual) {
        context->pending = csr_read(CSR_HVIP) >> HVIP_SHIFT & SIP_WRITABLE;
        /* Now, as VSTIP may be out of reach once the next guest has Sstc. */
        csr_write(CSR_HVIP, 0);
    } else {
        context->pending = csr_read(mip) & SIP_WRITABLE;
    }
    if (context->has_sstc) {
        context->pending &= ~(unsigned long)INTERRUPT_TIMER; /* it follows stimecmp */
    }
}

void arch_context_load(struct context *context, struct hart *hart) {
    context->hart = hart;
    virtual_status_load(context, hart_has(hart, HART_H));
    registers_load(context);
    csr_write(scounteren, context->scounteren);
    if (hart_has(hart, HART_ENVCFG)) {
        csr_write(CSR_SENVCFG, context->senvcfg);
    }
    envcfg_load(context, hart);
    timer_load(context, hart);
    pending_load(context);
    fp_load(context);
}

void arch_context_save(struct context *context) {
    registers_save(context);
    if (context->is_virtual) {
        context->vsstatus = csr_read(CSR_VSSTATUS);
    }
    context->scounteren = csr_read(scounteren);
    if (hart_has(context->hart, HART_ENVCFG)) {
        context->senvcfg = csr_read(CSR_SENVCFG);
    }
    pending_save(context);
    timer_save(context);
    fp_save(context);
}

/* has_sstc, has_svadu, has_fp and has_double_trap, in one: with the others, what envcfg_load looks at. */
static uint32_t allowed(const struct context *context) {
    uint32_t all;
    static_assert(offsetof(struct context, has_sstc) % sizeof all == 0 &&
                  offsetof(struct context, has_double_trap) == offsetof(struct context, has_sstc) + sizeof all - 1);
    const char *place = (const char *)context + offsetof(struct context, has_sstc);
    __builtin_memcpy(&all, __builtin_assume_aligned(place, sizeof all), sizeof all);
    return all;
}

/* Whether going from one to the other changes nothing but registers that both have in the same place: menvcfg stays. */
static bool is_alike(const struct context *from, const struct context *to) {
    return allowed(from) == allowed(to) && !to->is_virtual;
}

/* STIP follows stimecmp for who has Sstc, and is nobody's to keep then. */
static void interrupts_swap(struct context *from, const struct context *to) {
    unsigned long pending = csr_take(mip, SIP_WRITABLE) & SIP_WRITABLE;
    if (__builtin_expect(from->has_sstc, true)) {
        pending &= ~(unsigned long)INTERRUPT_TIMER;
        from->stimecmp = csr_swap64(CSR_STIMECMP, CSR_STIMECMPH, to->stimecmp);
    }
    from->pending = pending;
    csr_set(mip, to->pending);
}

/* On a hart without H, between contexts that are alike: each CSR is read and written in one. */
static void plain_switch(struct context *from, struct context *to, uint32_t features) {
    SWAPPED_CSRS(SWAP_S)
    from->scounteren = csr_swap(scounteren, to->scounteren);
    if (features & HART_ENVCFG) {
        from->senvcfg = csr_swap(CSR_SENVCFG, to->senvcfg);
    }
    interrupts_swap(from, to);
    if (features & HART_FP) {
        csr_set(mstatus, MSTATUS_FS);
        from->fcsr = fp_registers_switch(from->f, to->f, to->fcsr);
    }
}

void arch_context_switch(struct context *from, struct context *to, struct hart *hart) {
    uint32_t features = hart->features;
    if (__builtin_expect((features & HART_H) != 0 || !is_alike(from, to), false)) {
        arch_context_save(from);
        arch_context_load(to, hart);
        return;
    }
    to->hart = hart;
    plain_switch(from, to, features);
}

static void exception_write(bool is_virtual, unsigned long pc, unsigned long cause, unsigned long value) {
    if (is_virtual) {
        csr_write(CSR_VSEPC, pc);
        csr_write(CSR_VSCAUSE, cause);
        csr_write(CSR_VSTVAL, value);
    } else {
        csr_write(sepc, pc);
        csr_write(scause, cause);
        csr_write(stval, value);
    }
}

void arch_context_raise(struct context *context, unsigned long cause, unsigned long value) {
    exception_write(context->is_virtual, context->pc, cause, value);
    if (context->is_virtual) {
        virtual_raise(context);
    } else {
        context->mstatus = status_raised(context->mstatus) | (context->has_double_trap ? MSTATUS_SDT : 0);
    }
    context->pc = arch_context_stvec(); /* exceptions go to the base in both modes */
}

void arch_context_set_double_trap(struct context *context, bool is_on) {
    uint64_t menvcfg = csr_read64(CSR_MENVCFG, CSR_MENVCFGH) & ~MENVCFG_DTE;
    csr_write64(CSR_MENVCFG, CSR_MENVCFGH, menvcfg | (is_on ? MENVCFG_DTE : 0));
    context->mstatus &= ~MSTATUS_SDT; /* the call that asks comes from where a trap could be taken */
    context->has_double_trap = is_on;
}

bool context_is_in_trap(const struct context *context) {
    return context->has_double_trap && (context->mstatus & MSTATUS_SDT) != 0;
}

/* Smdbltrp and Ssdbltrp, "Double Trap": mtval2 has what mcause would have said. */
unsigned long arch_double_trap_cause(void) {
    return csr_read(CSR_MTVAL2);
}

void arch_context_set_pending(unsigned long interrupts) {
    if (virtual_is_on()) {
        csr_set(CSR_HVIP, interrupts << HVIP_SHIFT);
    } else {
        csr_set(mip, interrupts);
    }
}

void arch_context_forget(void) {
    csr_clear(mie, ~(unsigned long)(IRQ_SOFTWARE | IRQ_TIMER | IRQ_EXTERNAL)); /* sie, hie, vsie are parts of mie */
}

void arch_context_clear_pending(unsigned long interrupts) {
    if (virtual_is_on()) {
        csr_clear(CSR_HVIP, interrupts << HVIP_SHIFT);
    } else {
        csr_clear(mip, interrupts);
    }
}

unsigned long arch_context_wakeups(void) {
    /* Not vsip: QEMU 7.2 shows no more of it than the guest may write. */
    unsigned long pending =
        virtual_is_on() ? (csr_read(CSR_HIP) & csr_read(CSR_HIE)) >> HVIP_SHIFT : csr_read(mip) & csr_read(sie);
    return pending & SIP_WRITABLE;
}

unsigned long arch_context_stvec(void) {
    return GUEST_READ(TVEC) & ~3ul;
}

unsigned long arch_context_satp(void) {
    return GUEST_READ(ATP);
}

unsigned long arch_context_sepc(void) {
    return GUEST_READ(EPC);
}

unsigned long arch_context_scause(void) {
    return GUEST_READ(CAUSE);
}

unsigned long arch_context_stval(void) {
    return GUEST_READ(TVAL);
}

bool context_has_spp(const struct context *context) {
    return (status_of(context) & MSTATUS_SPP) != 0;
}

void arch_context_set_timer(uint64_t deadline) {
    stimecmp_write(virtual_is_on(), deadline);
}

uint64_t arch_context_timer(const struct context *context) {
    if ((GUEST_READ(IE) & INTERRUPT_TIMER) == 0) {
        return UINT64_MAX;
    }
    return context->has_sstc ? stimecmp_read(context->is_virtual) : context->stimecmp;
}

bool context_has_float_on(const struct context *context) {
    /* On a hart with H, FS is not the guest's alone. */
    bool is_given = context->has_fp || !context->is_virtual;
    return is_given && hart_has(context->hart, HART_FP) && (status_of(context) & MSTATUS_FS) != 0;
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
    if (context->is_virtual) {
        csr_set(CSR_VSSTATUS, MSTATUS_FS_DIRTY);
    }
}

bool arch_context_shows_time_to_user(void) {
    return (csr_read(scounteren) & SCOUNTEREN_TM) != 0;
}

bool context_has_sum(const struct context *context) {
    return (status_of(context) & MSTATUS_SUM) != 0;
}

bool context_has_mxr(const struct context *context) {
    return (status_of(context) & MSTATUS_MXR) != 0;
}
