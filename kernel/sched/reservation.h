/*
 * A reservation: so much of a hart's time in every period, whoever else wants it. A constant bandwidth server with a
 * hard limit (Abeni and Buttazzo, 1998): what it has `left` is good until its `deadline`; among several the earliest
 * deadline runs first, which keeps all promises for as long as they add up to less than the hart (sched/admission.h).
 *
 * Pure arithmetic; the run queue says when.
 */
#pragma once

#include <stdint.h>

enum {
    RESERVATION_WHOLE = 1 << 20, /* the bandwidth of a whole hart */
    RESERVATION_DEBT_MAX = 16,   /* budgets; what is beyond comes from a hart that was stopped, not from its owner */
};

struct reservation {
    uint64_t budget;    /* ticks of every period */
    uint64_t period;    /* ticks; 0: there is no reservation */
    uint64_t bandwidth; /* budget / period, of RESERVATION_WHOLE, rounded up */
    int64_t left;       /* of the budget; below 0: more was used, which comes off the next one */
    uint64_t deadline;  /* the budget is renewed */
};

/* A reservation of `budget` ticks, at most `period`; 0 and 0: none. Its first period begins when it first wakes. */
void reservation_init(struct reservation *reservation, uint64_t budget, uint64_t period);

static inline bool reservation_exists(const struct reservation *reservation) {
    return reservation->period != 0;
}

static inline bool reservation_has_budget(const struct reservation *reservation) {
    return reservation->left > 0;
}

/* Its owner wants the hart after a time in which it did not, or in which nobody else did, so that it took nothing from
 * anybody. What is left is good only if it can be used up before the
 * deadline without taking more than the bandwidth; else a new period begins now. */
void reservation_wake(struct reservation *reservation, uint64_t now);

/* Its owner had the hart. */
void reservation_charge(struct reservation *reservation, uint64_t ticks);

/* The deadline has come: the budget is renewed. */
void reservation_renew(struct reservation *reservation, uint64_t now);
