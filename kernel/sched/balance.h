/*
 * Vcpus go to harts that have nothing to do. Decided by their owner alone, which hands them over by mail; what other
 * harts have to know for it stands in struct hart_offer, which its own hart writes and the others read
 * (docs/scheduling.md has the whole protocol, and what races with what).
 */
#pragma once

#include "kernel/guest/vcpu.h"
#include "kernel/hart/hart.h"

/* For balance_offer: it is not as it was. */
void balance_offer_anew(struct hart *hart);

/* The hart has decided who runs, and who has to wait. Gives those away that an idle hart may run; if there still are
 * such, tells harts whose one vcpu might leave them idle without their noticing. */
static inline void balance_offer(struct hart *hart) {
    if (hart->has_news || hart->queue.movable_affinity != hart->offered) {
        balance_offer_anew(hart);
    }
}

/* Whether the hart need not notice when its one vcpu waits: nobody has anything to give away that it could run. Stays
 * so until HART_EVENT_BALANCE. */
bool balance_is_alone(struct hart *hart);

/* The hart has more than one to run, or none: what balance_is_alone said does not hold any more. */
static inline void balance_not_alone(struct hart *hart) {
    if (hart->offer.is_alone != 0) {
        __atomic_store_n(&hart->offer.is_alone, 0, __ATOMIC_SEQ_CST);
    }
}

/* The hart is about to sleep: asks those for work that have too much. Whoever gives it some, rings. */
void balance_sleep(struct hart *hart);

/* It does not sleep any more. */
static inline void balance_wake(struct hart *hart) {
    if (__atomic_load_n(&hart->offer.is_idle, __ATOMIC_RELAXED) != 0) {
        __atomic_store_n(&hart->offer.is_idle, 0, __ATOMIC_SEQ_CST);
    }
}

/* HART_EVENT_BALANCE: somebody has work, or wants some. */
void balance_hear(struct hart *hart);

/* A vcpu has been handed over to this hart (VCPU_REQUEST_MOVE); it is off until it is made ready. */
void balance_receive(struct vcpu *vcpu);
