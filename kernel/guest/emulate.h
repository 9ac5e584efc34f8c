/*
 * What the kernel does for a guest where the hart cannot: the devices that it thinks it has, misaligned accesses and
 * reads of `time` on harts that trap them, WFI while others want the hart.
 *
 * Each returns true when the trap is dealt with. False: it is the guest's own; *trap may have become the one that the
 * hart would have raised instead.
 *
 * The guest's instruction and page tables are read once, as the guest, and may have changed since the trap: then it is
 * simply executed again.
 */
#pragma once

#include "kernel/guest/trap.h"
#include "kernel/guest/vcpu.h"

/* Whether emulate_instruction might do anything about it. The answer is the same for all guests and harts. */
bool emulate_knows(uint32_t instruction);

bool emulate_instruction(struct vcpu *vcpu, struct guest_trap *trap);

/* A load or store that ended in an access fault. `registers` says which are in the context, bit n for x[n], beside pc
 * and mstatus: for another, nothing is done. */
bool emulate_device(struct vcpu *vcpu, const struct guest_trap *trap, uint32_t registers);

bool emulate_misaligned(struct vcpu *vcpu, struct guest_trap *trap);
