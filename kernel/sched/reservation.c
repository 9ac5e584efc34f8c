/* Budgets and deadlines. All values are below 2^33 ticks (a second of the fastest clock), but for the times. */
#include "kernel/sched/reservation.h"

void reservation_init(struct reservation *reservation, uint64_t budget, uint64_t period) {
    *reservation = (struct reservation){.budget = budget, .period = period};
    if (period != 0) {
        reservation->bandwidth = (budget * RESERVATION_WHOLE + period - 1) / period;
    }
}

/* A debt is paid by the budgets of as many periods as it takes; what was not used of them is lost. */
static void refill(struct reservation *reservation, uint64_t periods) {
    int64_t budget = (int64_t)reservation->budget;
    int64_t debt = reservation->left < 0 ? reservation->left : 0;
    int64_t left = periods <= RESERVATION_DEBT_MAX ? debt + (int64_t)periods * budget : budget;
    reservation->left = left < budget ? left : budget;
}

/* How many periods have ended, the one of the deadline, which has come, among them. */
static uint64_t periods_over(const struct reservation *reservation, uint64_t now) {
    return (now - reservation->deadline) / reservation->period + 1;
}

void reservation_wake(struct reservation *reservation, uint64_t now) {
    if (now >= reservation->deadline && reservation_exists(reservation)) {
        refill(reservation, periods_over(reservation, now));
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
    int64_t least = -(int64_t)reservation->budget * RESERVATION_DEBT_MAX;
    uint64_t room = (uint64_t)(reservation->left - least);
    reservation->left = ticks < room ? reservation->left - (int64_t)ticks : least;
}

void reservation_renew(struct reservation *reservation, uint64_t now) {
    refill(reservation, periods_over(reservation, now));
    reservation->deadline += reservation->period;
    if (reservation->deadline <= now) {
        reservation->deadline = now + reservation->period;
    }
}
