/*
 * The FP registers of a vcpu: out of the hart and into it on every switch to another vcpu.
 *
 * mstatus.FS cannot save the work: without the H extension it is the guest's own bit, and a guest that has saved its
 * registers for itself sets it to clean while they still differ from what we last saw. What is in the registers is the
 * guest's, whatever FS says.
 */
#pragma once

#include "kernel/arch/context.h"

/* Both leave mstatus.FS on; arch_context_enter sets it as the guest has it. */
void fp_load(const struct context *context);
void fp_save(struct context *context);
