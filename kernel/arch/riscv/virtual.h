/*
 * VS-mode: on a hart with the H extension a guest runs one level deeper than on one without, since S-mode there is the
 * hypervisor's own (priv. spec, "Hypervisor Extension"). No software of ours lives in that mode: guests are entered
 * from M-mode and trap into it.
 */
#pragma once

#include "kernel/arch/context.h"
#include "kernel/arch/hart.h"
#include "kernel/hart/hart.h"

/* Whether the live guest of this hart is in VS-mode, and so has its supervisor CSRs in vsstatus, vsepc and so on. */
static inline bool virtual_is_on(void) {
    return __builtin_expect(hart_has(arch_hart_self(), HART_H), false);
}

/* Whether this hart keeps mstatus.MPV as it is written. */
bool virtual_probe_mpv(void);

/* The modes of the second stage that this hart, which has H, keeps; bit n: hgatp.MODE n. None is left on. */
uint32_t virtual_probe_modes(void);

/* Once per hart with H: what guests may do without asking, and a hypervisor mode in which nothing is on. */
void virtual_prepare(const struct hart *hart);

/* Makes mstatus and vsstatus what they are on a hart that has VS-mode or has not, whichever the context was on last,
 * and is_virtual true or false. */
void virtual_status_load(struct context *context, bool is_virtual);

/* What a trap into the live guest's supervisor makes of its status. */
void virtual_raise(struct context *context);

/* Gives the live guest a trap while all of it is still in the CSRs, as virtual_raise and who calls it do otherwise.
 * False: the guest could not take it, or the trap is not the guest's; nothing was done. */
bool virtual_forward(unsigned long cause, unsigned long value);

/* A trap that came from the trampoline (virtual.c), before the guest went on: makes the context what it was. */
void virtual_leave_trampoline(struct context *context);

/* arch_context_enter for a context in VS-mode. */
[[noreturn]] void virtual_enter(struct context *context);
