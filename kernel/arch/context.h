/*
 * Contract: the state of a virtual hart while it is not running, and how it gets onto the hart and off it.
 *
 * A vcpu is `live` on the hart that has loaded it: its general registers and pc are then still in this struct while the
 * kernel runs (the trap entry put them there), but its supervisor CSRs and FP registers are in the hart, and only the
 * functions below may be used to reach them. The rest of the time everything is here.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct hart;

enum {
    REG_RA = 1,
    REG_SP = 2,
    REG_GP = 3,
    REG_TP = 4,
    REG_A0 = 10,
    REG_A1 = 11,
    REG_A2 = 12,
    REG_A3 = 13,
    REG_A4 = 14,
    REG_A5 = 15,
    REG_A6 = 16,
    REG_A7 = 17,
    REG_COUNT = 32,
};

/* Interrupts of a virtual hart, as they stand in sip (priv. spec "Supervisor Interrupt Registers"). */
enum {
    INTERRUPT_SOFTWARE = 1u << 1,
    INTERRUPT_TIMER = 1u << 5,
    INTERRUPT_EXTERNAL = 1u << 9,
};

/* Causes that the kernel itself raises in a guest or tells apart (priv. spec table "scause values"). */
enum trap_cause {
    CAUSE_FETCH_MISALIGNED = 0,
    CAUSE_FETCH_ACCESS = 1,
    CAUSE_ILLEGAL_INSTRUCTION = 2,
    CAUSE_BREAKPOINT = 3,
    CAUSE_LOAD_MISALIGNED = 4,
    CAUSE_LOAD_ACCESS = 5,
    CAUSE_STORE_MISALIGNED = 6,
    CAUSE_STORE_ACCESS = 7,
    CAUSE_ECALL_U = 8,
    CAUSE_ECALL_S = 9,
    CAUSE_FETCH_PAGE = 12,
    CAUSE_LOAD_PAGE = 13,
    CAUSE_STORE_PAGE = 15,
    CAUSE_DOUBLE_TRAP = 16,
};

/* Assembly knows the order of the first members (arch/riscv/trap.S); arch/riscv/context.c pins it. */
struct context {
    unsigned long pc;
    unsigned long x[REG_COUNT]; /* x[0] is not used */
    struct hart *hart;          /* the hart that it is live on */
    unsigned long mstatus;      /* privilege, interrupt enable and FP state with which the guest goes on */
    unsigned long is_virtual;   /* it was last live one mode deeper (arch/riscv/virtual.h) */

    /* Valid while not live: */
    unsigned long sie;
    unsigned long stvec;
    unsigned long sscratch;
    unsigned long sepc;
    unsigned long scause;
    unsigned long stval;
    unsigned long satp;
    unsigned long scounteren;
    unsigned long senvcfg;
    unsigned long vsstatus; /* if is_virtual: the guest's own part of mstatus */
    unsigned long pending;  /* INTERRUPT_* that software has set */
    uint64_t stimecmp;      /* ticks; UINT64_MAX: none. Also what the kernel compares for a guest without Sstc */
    uint64_t f[32];
    unsigned long fcsr;

    /* What the guest is allowed, constant, or has asked for: */
    bool has_sstc;
    bool has_svadu;
    bool has_fp;
    bool has_double_trap;       /* asked: a trap inside a trap comes to the kernel (Ssdbltrp) */
    bool double_trap_is_locked; /* asked: that stays so */

    bool wfi_traps; /* as mstatus says */
};

/* A vcpu as a boot loader hands it to Linux: supervisor mode, MMU and interrupts off, a0 and a1 given, all else zero.
 */
void context_reset(struct context *context, unsigned long pc, unsigned long a0, unsigned long a1);

/* True when the guest was in supervisor mode; false: in user mode. */
bool context_is_supervisor(const struct context *context);

/* sstatus.SUM and MXR of the guest. */
bool context_has_sum(const struct context *context);
bool context_has_mxr(const struct context *context);

/* Brings everything of the context but general registers into this hart, and takes it out again. */
void arch_context_load(struct context *context, struct hart *hart);
void arch_context_save(struct context *context);

/* One out of this hart and another one in: as arch_context_save and arch_context_load. */
void arch_context_switch(struct context *from, struct context *to, struct hart *hart);

/* With no context live: the interrupts of the last one do not wake this hart any more. */
void arch_context_forget(void);

/* The functions below need the context live on this hart. */

/* Makes the guest take an exception, as the hart would have done (priv. spec "Trap entry"), instead of what it was
 * doing. */
void arch_context_raise(struct context *context, unsigned long cause, unsigned long value);

/* Whether the guest takes a trap inside a trap for the end (Ssdbltrp): asks the hart, which must have it, to send it to
 * the kernel from now on. */
void arch_context_set_double_trap(struct context *context, bool is_on);

/* Whether the guest could not take a trap now, because it has not got far enough with the last one (sstatus.SDT). */
bool context_is_in_trap(const struct context *context);

/* The cause of the trap that came to the kernel as CAUSE_DOUBLE_TRAP. */
unsigned long arch_double_trap_cause(void);

/* Sets or clears interrupts of the guest. */
void arch_context_set_pending(unsigned long interrupts);
void arch_context_clear_pending(unsigned long interrupts);

/* Interrupts that are pending and enabled in the live guest, whether or not it lets them in: what ends a WFI. */
unsigned long arch_context_wakeups(void);

/* Whether the guest lets its user mode read `time` (scounteren.TM). */
bool arch_context_shows_time_to_user(void);

/* The address of the guest's trap handler, its page table root register, and what its last trap left. */
unsigned long arch_context_stvec(void);
unsigned long arch_context_satp(void);
unsigned long arch_context_sepc(void);
unsigned long arch_context_scause(void);
unsigned long arch_context_stval(void);

/* sstatus.SPP: the guest was in supervisor mode at its last trap, and has not returned from it. */
bool context_has_spp(const struct context *context);

/* Sets the timer of the guest through Sstc; the guest must have it. */
void arch_context_set_timer(uint64_t deadline);

/* When the guest's timer will interrupt it, whoever compares; UINT64_MAX if it does not let timer interrupts in. */
uint64_t arch_context_timer(const struct context *context);

/* An FP register of the guest, all 64 bits; the guest must have FP. Writing one makes its FP state dirty. */
uint64_t arch_context_float_read(struct context *context, unsigned index);
void arch_context_float_write(struct context *context, unsigned index, uint64_t value);

/* Whether the guest has its FP switched on, without which its FP loads and stores are illegal. */
bool context_has_float_on(const struct context *context);

/* For context_set_wfi_traps: it is not as it was. */
void context_change_wfi_traps(struct context *context, bool traps);

/* Whether WFI of the guest comes to the kernel (mstatus.TW) from the next return to it on. */
static inline void context_set_wfi_traps(struct context *context, bool traps) {
    if (traps != context->wfi_traps) {
        context_change_wfi_traps(context, traps);
    }
}
