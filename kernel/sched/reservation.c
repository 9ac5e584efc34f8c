/* Budgets and deadlines. All values are below 2^33 ticks (a second of the fastest clock), but for the times. */
#include "kernel/sched/reservation.h"

void reservation_init(struct reservation *reservation, uint64_t budget, uint64_t period) {
    *reservation = (struct reservation){.budget = budget, .period = period};
    if (period != 0) {
        reservation->bandwidth = (budget * RESERVATION_WHOLE + period - 1) / period;
    }
}

/* A debt stays; what was not used is lost. */
static void refill(struct reservation *reservation) {
    int64_t debt = reservation->left < 0 ? reservation->left : 0;
    reservation->left = debt + (int64_t)reservation->budget;
}

void reservation_wake(struct reservation *reservation, uint64_t now) {
    if (now >= reservation->deadline) {
        refill(reservation);
        reservation->deadline = now + reservation->period;
        return;
    }
    uint64_t allowed = (reservation->deadline - now) * reservation->bandwidth / RESERVATION_WHOLE;
    if (reservation->left > (int64_t)allowed) {
        reservation->left = (int64_t)reservation->budget;
        reservation->deadline = now + reservation->period;
    }
}

void reservation_charge(struct reservation *reservation, uint64_t ticks) {
    int64_t least = -(int64_t)reservation->budget;
    uint64_t room = (uint64_t)(reservation->left - least);
    reservation->left = ticks < room ? reservation->left - (int64_t)ticks : least;
}

void reservation_renew(struct reservation *reservation, uint64_t now) {
    if (reservation->left <= -(int64_t)reservation->budget) {
        reservation->left = 0; /* nobody else wanted the hart all that time, so nothing was taken from anybody */
    }
    refill(reservation);
    reservation->deadline += reservation->period;
    if (reservation->deadline <= now) {
        reservation->deadline = now + reservation->period;
    }
}
