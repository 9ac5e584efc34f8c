/*
 * The watch over a vcpu that runs: whether it traps for ever in its own trap handler, and, where the manifest asks for
 * it, whether it shows signs of life (docs/guests.md, "Life"). Either way the guest is stopped and reported.
 *
 * What a guest handles itself never reaches the kernel, so the kernel looks: each time a vcpu has had its hart for
 * another WATCH_LOOK_MS, as soon as it comes by anyway, or after WATCH_GRACE_MS: that is the only timer that a vcpu
 * alone on its hart feels, and those that share one do not feel it at all. Time counts while the vcpu has the hart, so
 * one that is kept waiting, or paused, is not blamed for it.
 *
 * For the home hart, like the rest of the vcpu.
 */
#pragma once

#include "kernel/guest/vcpu.h"

enum {
    WATCH_LOOK_MS = 90,
    WATCH_GRACE_MS = 10, /* that a look may be late, if there is something else to decide until then */
    WATCH_TRAPS_MAX = 3, /* looks in a row that find a vcpu trapping in its trap handler */

    /* How far behind its start the trap handler is taken for the part that nothing has been saved in yet. */
    WATCH_PROLOGUE_SIZE = 256,
};

/* A vcpu starts. */
void watch_begin(struct vcpu *vcpu);

/* It has shown a sign of life. */
void watch_sign(struct vcpu *vcpu);

/* For watch_pass: a look at the vcpu, and when the next one has to be. */
void watch_look(struct vcpu *vcpu);
uint64_t watch_deadline(const struct vcpu *vcpu, uint64_t now);

/* Looks at the live vcpu before it goes on, if it is time to. It is charged up to now, and comes by again at a
 * deadline: returns that, or what is earlier if the next look cannot wait for it. */
static inline uint64_t watch_pass(struct vcpu *vcpu, uint64_t now, uint64_t deadline) {
    if (vcpu->runner.ticks_run >= vcpu->watch.look_at) {
        watch_look(vcpu);
    }
    if (deadline - now <= vcpu->watch.grace) {
        return deadline; /* a look may be as late as that anyway: nearly always, if others want the hart */
    }
    uint64_t own = watch_deadline(vcpu, now);
    return own < deadline ? own : deadline;
}
