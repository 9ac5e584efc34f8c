/*
 * What a guest's trap into the kernel means, and what becomes of it: a call, work for the emulated devices, the guest's
 * own business (it gets the trap as hardware would have delivered it), or the end of the guest.
 */
#pragma once

#include "kernel/arch/context.h"

struct guest_trap {
    bool is_interrupt;
    unsigned long cause;
    unsigned long value; /* mtval */
};

/* An ecall from supervisor mode that can be answered at once, with nothing but the caller-saved registers saved. False:
 * it cannot, and nothing was changed. */
bool guest_trap_fast(struct context *context);

/* Any trap, with all registers in the context. Returns the context to go on with. */
struct context *guest_trap_slow(struct context *context, const struct guest_trap *trap);
