/* reservation: what is left of a budget, and until when, rule by rule. */
#include <gtest/gtest.h>

extern "C" {
#include "kernel/sched/reservation.h"
}

namespace {

struct reservation Make(uint64_t budget, uint64_t period) {
    struct reservation reservation;
    reservation_init(&reservation, budget, period);
    return reservation;
}

TEST(Reservation, NoneHasNothing) {
    struct reservation none = Make(0, 0);
    EXPECT_FALSE(reservation_exists(&none));
    EXPECT_FALSE(reservation_has_budget(&none));
    EXPECT_EQ(none.bandwidth, 0u);
}

TEST(Reservation, BandwidthIsRoundedUp) {
    EXPECT_EQ(Make(1, 2).bandwidth, uint64_t{RESERVATION_WHOLE} / 2);
    EXPECT_EQ(Make(1, 3).bandwidth, uint64_t{RESERVATION_WHOLE} / 3 + 1);
    EXPECT_EQ(Make(5, 5).bandwidth, uint64_t{RESERVATION_WHOLE});
    EXPECT_EQ(Make(UINT32_MAX, UINT32_MAX).bandwidth, uint64_t{RESERVATION_WHOLE});
}

TEST(Reservation, TheFirstPeriodBeginsWithTheFirstWake) {
    struct reservation reservation = Make(30, 100);
    reservation_wake(&reservation, 1000);
    EXPECT_EQ(reservation.left, 30);
    EXPECT_EQ(reservation.deadline, 1100u);
}

TEST(Reservation, WakingInTimeGoesOnWithWhatIsLeft) {
    struct reservation reservation = Make(30, 100);
    reservation_wake(&reservation, 1000);
    reservation_charge(&reservation, 20);
    reservation_wake(&reservation, 1050); /* 10 in 50: within its bandwidth */
    EXPECT_EQ(reservation.left, 10);
    EXPECT_EQ(reservation.deadline, 1100u);
}

TEST(Reservation, WakingLateBeginsAPeriod) {
    struct reservation reservation = Make(30, 100);
    reservation_wake(&reservation, 1000);
    reservation_charge(&reservation, 20);
    reservation_wake(&reservation, 1080); /* 10 in 20 would be more than its bandwidth */
    EXPECT_EQ(reservation.left, 30);
    EXPECT_EQ(reservation.deadline, 1180u);
}

TEST(Reservation, WakingAfterTheDeadlineBeginsAPeriod) {
    struct reservation reservation = Make(30, 100);
    reservation_wake(&reservation, 1000);
    reservation_charge(&reservation, 30);
    reservation_wake(&reservation, 1099);
    EXPECT_FALSE(reservation_has_budget(&reservation)) << "sleeping does not renew it before its time";
    reservation_wake(&reservation, 1100);
    EXPECT_EQ(reservation.left, 30);
    EXPECT_EQ(reservation.deadline, 1200u);
}

TEST(Reservation, WhatIsTakenTooMuchComesOffTheNextBudget) {
    struct reservation reservation = Make(30, 100);
    reservation_wake(&reservation, 1000);
    reservation_charge(&reservation, 37);
    EXPECT_EQ(reservation.left, -7);
    reservation_renew(&reservation, 1101);
    EXPECT_EQ(reservation.left, 23);
    EXPECT_EQ(reservation.deadline, 1200u) << "periods do not drift";
    reservation_charge(&reservation, 30);
    reservation_wake(&reservation, 1299);
    EXPECT_EQ(reservation.left, 23) << "nor is a debt slept away";
}

TEST(Reservation, ALargeDebtIsPaidByAsManyPeriods) {
    struct reservation reservation = Make(30, 100);
    reservation_wake(&reservation, 1000);
    reservation_charge(&reservation, 100);
    EXPECT_EQ(reservation.left, -70);
    reservation_renew(&reservation, 1100);
    EXPECT_EQ(reservation.left, -40);
    reservation_renew(&reservation, 1200);
    EXPECT_FALSE(reservation_has_budget(&reservation));
    EXPECT_EQ(reservation.left, -10);
    reservation_renew(&reservation, 1450); /* late: two periods are over */
    EXPECT_EQ(reservation.left, 30);
    EXPECT_EQ(reservation.deadline, 1550u);
    reservation_charge(&reservation, 100);
    reservation_wake(&reservation, 1850); /* it slept through the ends of four */
    EXPECT_EQ(reservation.left, 30);
    EXPECT_EQ(reservation.deadline, 1950u);
}

TEST(Reservation, ADebtHasAnEnd) {
    struct reservation reservation = Make(30, 100);
    reservation_wake(&reservation, 1000);
    reservation_charge(&reservation, UINT64_MAX);
    EXPECT_EQ(reservation.left, -30 * RESERVATION_DEBT_MAX);
    reservation_wake(&reservation, uint64_t{1} << 62);
    EXPECT_EQ(reservation.left, 30);
}

TEST(Reservation, TheLargestValuesDoNotOverflow) {
    struct reservation reservation = Make(UINT32_MAX, UINT32_MAX);
    reservation_wake(&reservation, uint64_t{1} << 62);
    reservation_charge(&reservation, 1);
    reservation_wake(&reservation, (uint64_t{1} << 62) + 1);
    EXPECT_EQ(reservation.left, int64_t{UINT32_MAX} - 1);
}

} // namespace
