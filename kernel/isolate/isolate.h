/*
 * How a guest is confined to its RAM. Today with PMP alone: what the layout does not grant, supervisor and user mode do
 * not have (priv. spec 3.7.1). M-mode, and so the kernel, is not bound by it; guest memory is still only reached as the
 * guest (arch/guest_memory.h).
 */
#pragma once

#include "abi/status.h"
#include "kernel/guest/guest.h"
#include "kernel/hart/hart.h"

/* Works out the confinement of a guest whose RAM is known. STATUS_TOO_BIG: the harts have too few PMP entries;
 * STATUS_INVALID: it cannot be told apart at their granularity; *out_sentence says so. */
status_t isolate_prepare(struct guest *guest, const char **out_sentence);

/* Confines this hart to a guest; before its vcpu runs. */
void isolate_activate(struct hart *hart, struct guest *guest);
