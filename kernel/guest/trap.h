/*
 * What a guest's trap into the kernel means, and what becomes of it: a call, work for the emulated devices, the guest's
 * own business (it gets the trap as hardware would have delivered it), or the end of the guest.
 */
#pragma once

#include <stdint.h>

#include "kernel/arch/context.h"

/* An exception. */
struct guest_trap {
    unsigned long cause;
    unsigned long value; /* mtval */
};

/* What a fast path leaves to do. */
enum guest_left {
    GUEST_LEFT_NOTHING,  /* the vcpu goes on */
    GUEST_LEFT_SCHEDULE, /* the trap is served; who goes on is for the scheduler to say */
    GUEST_LEFT_ALL,      /* it is not for the fast path: nothing was done */
};

/* The following are for a vcpu that is live and of whose registers only those that the C ABI has the caller save are in
 * the context. */

/* An ecall from supervisor mode, if it concerns nobody but the vcpu, which then goes on. It is not stepped over. False:
 * it is another, and nothing was done. */
bool guest_call_own(struct context *context, unsigned long function, unsigned long extension);

/* An ecall that guest_call_own has declined. It is not stepped over. */
enum guest_left guest_call_fast(struct context *context, unsigned long function, unsigned long extension);

/* A load or store that ended in an access fault. pc and mstatus are in the context, too; the pc there is the one to go
 * on at. */
enum guest_left guest_access_fast(struct context *context, unsigned long cause, unsigned long value);

/* Another hart has rung (IRQ_SOFTWARE). */
enum guest_left guest_rung_fast(struct context *context);

/* Whether an illegal instruction may be one that the kernel carries out; else it is the guest's own business. */
bool guest_may_emulate(uint32_t instruction);

/* An illegal instruction that was the guest's own business. */
void guest_count_illegal(struct context *context);

/* The following have all registers in the context, and leave for whoever is to go on. */

/* Any exception. */
[[noreturn]] void guest_trap_slow(struct context *context, const struct guest_trap *trap);

/* An interrupt for the kernel; `cause` is its number. Does not return, undeclared (sched_decide says why). */
void guest_interrupted(struct context *context, unsigned long cause);

/* After GUEST_LEFT_SCHEDULE. */
[[noreturn]] void guest_trap_leave(struct context *context);
