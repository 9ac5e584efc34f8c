/* run_queue: what each class was promised, over ten seconds of simulated time under full load, and the rules one by
 * one. */
#include "kernel/sched/run_queue_simulation.h"

#include <gtest/gtest.h>

#include <vector>

namespace {

using Sim = Simulation;
constexpr uint64_t kMillisecond = Sim::kMillisecond;
constexpr uint64_t kSecond = Sim::kSecond;
constexpr uint64_t kRun = 10 * kSecond;

/* Spinners of these weights get their shares of `whole` within 2 %. */
void ExpectShares(const std::vector<uint32_t> &weights, double tolerance = 0.02) {
    Sim sim;
    std::vector<Sim::Guest *> guests;
    uint64_t sum = 0;
    for (uint32_t weight : weights) {
        guests.push_back(&sim.Add(Sim::Weight(weight)));
        sum += weight;
    }
    sim.Run(kRun);
    for (size_t index = 0; index < weights.size(); index++) {
        double promised = static_cast<double>(weights[index]) / static_cast<double>(sum);
        EXPECT_NEAR(Sim::Share(*guests[index], kRun) / promised, 1.0, tolerance)
            << "weight " << weights[index] << " of " << sum;
    }
    EXPECT_EQ(sim.idle, 0u);
}

TEST(RunQueue, FairOnesGetTheirWeights) {
    ExpectShares({100, 100});
    ExpectShares({100, 200, 400});
    ExpectShares({1, 2, 4});
    ExpectShares({1000, 1000, 1000});
    ExpectShares({250, 500, 1000});
    ExpectShares({30, 50, 70, 90, 300});
}

TEST(RunQueue, AlsoWhereWeightsAreFarApart) {
    ExpectShares({1, 1000}, 0.05); /* ten milliseconds of ten seconds, in turns of two */
    ExpectShares({10, 1000, 1000});
}

TEST(RunQueue, AlsoWithAsManyAsThereCanBe) {
    std::vector<uint32_t> weights(RUN_QUEUE_MAX, 100);
    ExpectShares(weights, 0.2); /* eight turns each in that time; one more or less */
}

TEST(RunQueue, ASliceIsFiveMilliseconds) {
    Sim sim(0);
    sim.Add(Sim::Weight(100));
    sim.Add(Sim::Weight(100));
    sim.Run(kSecond);
    EXPECT_NEAR(sim.switches, 200, 1);
}

TEST(RunQueue, AloneThereIsNothingToDecide) {
    for (const struct policy &policy :
         {Sim::Weight(100), Sim::Priority(3), Sim::Reservation(kMillisecond, 10 * kMillisecond, 100)}) {
        Sim sim;
        Sim::Guest &guest = sim.Add(policy);
        sim.Run(kRun);
        EXPECT_EQ(sim.decisions, 1u);
        EXPECT_EQ(guest.runner.ticks_run, kRun);
    }
}

/* Who had the hart to itself for a while has not used up anything. */
TEST(RunQueue, TimeAloneIsNotHeldAgainstIt) {
    Sim sim;
    Sim::Guest &first = sim.Add(Sim::Weight(100));
    sim.Run(kRun);
    uint64_t alone = first.runner.ticks_run;
    Sim::Guest &second = sim.Add(Sim::Weight(100));
    sim.Run(kSecond);
    EXPECT_NEAR(static_cast<double>(first.runner.ticks_run - alone), kSecond / 2.0, 10.0 * kMillisecond);
    EXPECT_NEAR(static_cast<double>(second.runner.ticks_run), kSecond / 2.0, 10.0 * kMillisecond);
}

TEST(RunQueue, SleepersSaveNothingUp) {
    Sim sim;
    Sim::Guest &spinner = sim.Add(Sim::Weight(100));
    Sim::Guest &sleeper = sim.Add(Sim::Weight(100), {.work = kSecond, .sleep = 3 * kSecond});
    sim.Run(2 * kSecond); /* half each, then it sleeps for three seconds */
    sim.Run(3 * kSecond);
    uint64_t before = spinner.runner.ticks_run;
    uint64_t slept = sleeper.runner.ticks_run;
    sim.Run(kSecond);
    EXPECT_NEAR(Sim::Share(spinner, 1) - static_cast<double>(before), kSecond / 2.0, 20.0 * kMillisecond);
    EXPECT_NEAR(Sim::Share(sleeper, 1) - static_cast<double>(slept), kSecond / 2.0, 20.0 * kMillisecond);
}

/* Times wrap while it sleeps, and it seems to be far ahead. */
TEST(RunQueue, ASleepOfAnyLengthCostsATurnAtMost) {
    for (unsigned buckets = 60; buckets < 70; buckets++) {
        Sim sim;
        Sim::Guest &sleeper = sim.Add(Sim::Weight(100));
        sim.Add(Sim::Weight(100));
        sim.Run(kSecond);
        run_queue_away(&sim.queue, &sleeper.runner);
        sleeper.runner.virtual_time = sim.queue.fair.origin + (uint64_t{buckets} << FAIR_BUCKET_BITS) * (1u << 17);
        sim.Wake(sleeper);
        uint64_t before = sleeper.runner.ticks_run;
        sim.Run(kSecond);
        EXPECT_NEAR(static_cast<double>(sleeper.runner.ticks_run - before), kSecond / 2.0, 0.22 * kSecond) << buckets;
    }
}

/* Far ahead of anything that can be: it is with the others at once. Not so who is ahead. */
TEST(RunQueue, AfterTimesHaveWrappedASleeperIsWithTheOthers) {
    Sim sim;
    Sim::Guest &sleeper = sim.Add(Sim::Weight(100));
    sim.Add(Sim::Weight(100));
    sim.Run(kSecond);
    for (uint64_t eighth = 1; eighth < 8; eighth++) {
        run_queue_away(&sim.queue, &sleeper.runner);
        sleeper.runner.virtual_time = sim.queue.fair.origin + (eighth << 60);
        run_queue_ready(&sim.queue, &sleeper.runner);
        EXPECT_EQ(sleeper.runner.virtual_time, sim.queue.fair.origin) << eighth;
    }
    run_queue_away(&sim.queue, &sleeper.runner);
    sleeper.runner.virtual_time = sim.queue.fair.origin + (UINT64_C(1000) << FAIR_BUCKET_BITS);
    run_queue_ready(&sim.queue, &sleeper.runner);
    uint64_t last = UINT64_C(63) << FAIR_BUCKET_BITS;
    EXPECT_EQ(sleeper.runner.virtual_time, sim.queue.fair.origin + last) << "so many steps of a loading were late";
    run_queue_away(&sim.queue, &sleeper.runner);
    uint64_t ahead = UINT64_C(3) << FAIR_BUCKET_BITS;
    sleeper.runner.virtual_time = sim.queue.fair.origin + ahead;
    run_queue_ready(&sim.queue, &sleeper.runner);
    EXPECT_EQ(sleeper.runner.virtual_time, sim.queue.fair.origin + ahead);
}

/* It goes to sleep just before its slice ends, every time, and comes back at once. */
TEST(RunQueue, SleepersGetNoMoreThanTheirShare) {
    for (uint64_t work : {kMillisecond, 4 * kMillisecond, 49 * kMillisecond / 10}) {
        for (uint64_t sleep : {uint64_t{1}, kMillisecond / 2, 2 * kMillisecond}) {
            Sim sim;
            Sim::Guest &spinner = sim.Add(Sim::Weight(100));
            Sim::Guest &sleeper = sim.Add(Sim::Weight(100), {.work = work, .sleep = sleep});
            sim.Run(kRun);
            EXPECT_LE(Sim::Share(sleeper, kRun), 0.505) << "works " << work << ", sleeps " << sleep;
            EXPECT_GE(Sim::Share(spinner, kRun), 0.495);
        }
    }
}

TEST(RunQueue, OneThatYieldsLeavesTheRestOfItsTurn) {
    Sim sim(0);
    Sim::Guest &first = sim.Add(Sim::Weight(100));
    Sim::Guest &second = sim.Add(Sim::Weight(100));
    sim.Run(kMillisecond);
    EXPECT_EQ(sim.queue.running, &first.runner);
    run_queue_yield(&sim.queue);
    EXPECT_EQ(run_queue_choose(&sim.queue), &second.runner);
}

TEST(RunQueue, AReservationGetsItsBudgetInEveryPeriod) {
    constexpr uint64_t kPeriod = 10 * kMillisecond;
    Sim sim;
    Sim::Guest &reserved = sim.Add(Sim::Reservation(3 * kMillisecond, kPeriod));
    Sim::Guest &one = sim.Add(Sim::Weight(100));
    Sim::Guest &two = sim.Add(Sim::Weight(300));
    uint64_t before = 0;
    for (uint64_t period = 0; period < kRun / kPeriod; period++) {
        sim.Run(kPeriod);
        EXPECT_NEAR(static_cast<double>(reserved.runner.ticks_run - before), 3.0 * kMillisecond, 0.02 * kPeriod);
        before = reserved.runner.ticks_run;
    }
    EXPECT_NEAR(Sim::Share(reserved, kRun), 0.3, 0.0002) << "what it takes too much comes off the next time";
    EXPECT_NEAR(Sim::Share(one, kRun), 0.175, 0.0035);
    EXPECT_NEAR(Sim::Share(two, kRun), 0.525, 0.0105);
    EXPECT_EQ(sim.idle, 0u);
}

/* Also where it is less than a turn in each period, and whoever used up its budget last is on the hart then. */
TEST(RunQueue, WhatReservationsLeaveIsSharedByWeight) {
    constexpr uint64_t kPeriod = 10 * kMillisecond;
    Sim sim;
    Sim::Guest &small = sim.Add(Sim::Reservation(2 * kMillisecond, kPeriod, 100));
    Sim::Guest &middle = sim.Add(Sim::Reservation(3 * kMillisecond, kPeriod, 100));
    Sim::Guest &large = sim.Add(Sim::Reservation(7 * kMillisecond / 2, kPeriod, 200));
    sim.Run(kRun);
    EXPECT_NEAR(Sim::Share(small, kRun), 0.2 + 0.15 / 4, 0.003);
    EXPECT_NEAR(Sim::Share(middle, kRun), 0.3 + 0.15 / 4, 0.003);
    EXPECT_NEAR(Sim::Share(large, kRun), 0.35 + 0.15 / 2, 0.003);
}

TEST(RunQueue, ManyReservationsAreAllKept) {
    Sim sim;
    std::vector<Sim::Guest *> guests;
    for (uint64_t index = 0; index < 9; index++) { /* 90 % of the hart, periods from 7 to 47 ms */
        uint64_t period = (7 + 5 * index) * kMillisecond;
        guests.push_back(&sim.Add(Sim::Reservation(period / 10, period)));
    }
    Sim::Guest &fair = sim.Add(Sim::Weight(1));
    Sim::Guest &high = sim.Add(Sim::Priority(31));
    sim.Run(kRun);
    for (const Sim::Guest *guest : guests) {
        EXPECT_NEAR(Sim::Share(*guest, kRun), 0.1, 0.002);
    }
    EXPECT_NEAR(Sim::Share(high, kRun), 0.1, 0.005);
    EXPECT_EQ(fair.runner.ticks_run, 0u) << "priorities are strict";
}

TEST(RunQueue, WithoutAWeightItStopsAtItsBudgetEvenAlone) {
    Sim sim;
    Sim::Guest &guest = sim.Add(Sim::Reservation(2 * kMillisecond, 10 * kMillisecond));
    sim.Run(kRun);
    EXPECT_NEAR(Sim::Share(guest, kRun), 0.2, 0.002);
    EXPECT_GT(sim.idle, kRun * 7 / 10);
}

TEST(RunQueue, WithAWeightItGoesOnAsAFairOne) {
    Sim sim;
    Sim::Guest &reserved = sim.Add(Sim::Reservation(4 * kMillisecond, 20 * kMillisecond, 100));
    Sim::Guest &fair = sim.Add(Sim::Weight(100));
    sim.Run(kRun);
    EXPECT_NEAR(Sim::Share(reserved, kRun), 0.6, 0.012);
    EXPECT_NEAR(Sim::Share(fair, kRun), 0.4, 0.008);
}

/* Time that nobody else wanted is taken from nobody: whenever others come, its next periods are whole. */
TEST(RunQueue, TimeAloneIsNotHeldAgainstAReservation) {
    constexpr uint64_t kPeriod = 10 * kMillisecond;
    for (uint64_t alone = kMillisecond / 2; alone < 25 * kMillisecond; alone += kMillisecond / 2) {
        Sim sim;
        Sim::Guest &reserved = sim.Add(Sim::Reservation(2 * kMillisecond, kPeriod, 1));
        sim.Run(alone);
        sim.Add(Sim::Weight(1000));
        for (unsigned period = 0; period < 3; period++) {
            uint64_t before = reserved.runner.ticks_run;
            sim.Run(kPeriod);
            EXPECT_GE(reserved.runner.ticks_run - before, 1900u * Sim::kMicrosecond) << alone << ", " << period;
        }
    }
}

/* What it takes too much while others want the hart is paid back, however many budgets it is: a step of its loading
 * cannot be interrupted. */
TEST(RunQueue, ADebtOfManyBudgetsIsPaid) {
    constexpr uint64_t kPeriod = kMillisecond;
    Sim sim(0);
    Sim::Guest &small = sim.Add(Sim::Reservation(kPeriod / 10, kPeriod));
    Sim::Guest &large = sim.Add(Sim::Reservation(5 * kMillisecond, 10 * kMillisecond));
    sim.Add(Sim::Weight(1));
    for (unsigned step = 0; step < 1000; step++) {
        while (run_queue_choose(&sim.queue) != &small.runner) {
            sim.Run(kPeriod / 100);
        }
        sim.now += 8 * kPeriod / 10; /* nobody decides meanwhile */
        run_queue_charge(&sim.queue, sim.now);
    }
    EXPECT_NEAR(Sim::Share(small, sim.now), 0.1, 0.01);
    EXPECT_NEAR(Sim::Share(large, sim.now), 0.5, 0.01);
}

TEST(RunQueue, AfterALongTimeAloneItsBudgetIsWhole) {
    constexpr uint64_t kPeriod = 10 * kMillisecond;
    Sim sim;
    Sim::Guest &reserved = sim.Add(Sim::Reservation(5 * kMillisecond, kPeriod, 1));
    sim.Run(kSecond);
    sim.Add(Sim::Weight(1000));
    uint64_t before = reserved.runner.ticks_run;
    sim.Run(kPeriod);
    EXPECT_GE(reserved.runner.ticks_run - before, 4900u * Sim::kMicrosecond);
}

/* The interesting sleeper: it comes when little time is left of its period, with its whole budget, and could take twice
 * its bandwidth across the deadline. */
TEST(RunQueue, AReservationThatWakesLateTakesNoMoreThanItsBandwidth) {
    for (uint64_t sleep = kMillisecond / 2; sleep < 15 * kMillisecond; sleep += kMillisecond / 2) {
        for (uint64_t work : {kMillisecond, 3 * kMillisecond, 7 * kMillisecond}) {
            Sim sim;
            Sim::Guest &reserved =
                sim.Add(Sim::Reservation(5 * kMillisecond, 10 * kMillisecond), {.work = work, .sleep = sleep});
            sim.Add(Sim::Weight(100));
            uint64_t before = 0;
            for (unsigned window = 0; window < 100; window++) {
                sim.Run(20 * kMillisecond);
                /* A window of two periods can see three budgets' ends, never more than its bandwidth and one budget. */
                EXPECT_LE(reserved.runner.ticks_run - before, 15 * kMillisecond + kMillisecond);
                before = reserved.runner.ticks_run;
            }
            EXPECT_LE(Sim::Share(reserved, 100 * 20 * kMillisecond), 0.505) << "works " << work << ", sleeps " << sleep;
        }
    }
}

TEST(RunQueue, AReservedPeriodicTaskMeetsItsDeadlines) {
    Sim sim;
    Sim::Guest &task = sim.Add(Sim::Reservation(2 * kMillisecond, 10 * kMillisecond),
                               {.work = 19 * kMillisecond / 10, .sleep = 8 * kMillisecond});
    sim.Add(Sim::Reservation(30 * kMillisecond, 50 * kMillisecond));
    sim.Add(Sim::Priority(9));
    sim.Add(Sim::Weight(1000));
    sim.Run(kRun);
    EXPECT_LE(task.worst_response, 10 * kMillisecond);
}

TEST(RunQueue, PrioritiesAreStrict) {
    Sim sim;
    Sim::Guest &low = sim.Add(Sim::Priority(1));
    Sim::Guest &fair = sim.Add(Sim::Weight(1000));
    Sim::Guest &high = sim.Add(Sim::Priority(2), {.work = 30 * kMillisecond, .sleep = 10 * kMillisecond});
    sim.Run(kRun);
    EXPECT_NEAR(Sim::Share(high, kRun), 0.75, 0.005);
    EXPECT_NEAR(Sim::Share(low, kRun), 0.25, 0.005);
    EXPECT_EQ(fair.runner.ticks_run, 0u);
    EXPECT_LE(high.worst_response, 30 * kMillisecond + kMillisecond) << "it waits for nobody";
}

TEST(RunQueue, EqualPrioritiesTakeTurns) {
    Sim sim(0);
    Sim::Guest &one = sim.Add(Sim::Priority(5));
    Sim::Guest &two = sim.Add(Sim::Priority(5));
    Sim::Guest &three = sim.Add(Sim::Priority(5));
    sim.Run(9 * kSecond);
    for (const Sim::Guest *guest : {&one, &two, &three}) {
        EXPECT_NEAR(Sim::Share(*guest, 9 * kSecond), 1.0 / 3, 0.001);
    }
    EXPECT_NEAR(sim.switches, 1800, 2);
}

/* Who is interrupted by somebody higher goes on where it was, in front of its equals. */
TEST(RunQueue, AnInterruptedTurnGoesOn) {
    Sim sim(0);
    Sim::Guest &one = sim.Add(Sim::Priority(5));
    Sim::Guest &two = sim.Add(Sim::Priority(5));
    sim.Run(2 * kMillisecond);
    Sim::Guest &high = sim.Add(Sim::Priority(6), {.work = kMillisecond, .sleep = kSecond});
    sim.Run(3 * kMillisecond);
    EXPECT_EQ(high.runner.ticks_run, kMillisecond);
    EXPECT_EQ(one.runner.ticks_run, 4 * kMillisecond);
    EXPECT_EQ(two.runner.ticks_run, 0u);
    sim.Run(2 * kMillisecond);
    EXPECT_EQ(one.runner.ticks_run, 5 * kMillisecond);
    EXPECT_EQ(two.runner.ticks_run, kMillisecond);
}

TEST(RunQueue, AWaitEndsAtItsTime) {
    Sim sim(0);
    Sim::Guest &guest = sim.Add(Sim::Weight(100), {.work = kMillisecond, .sleep = 9 * kMillisecond});
    sim.Run(kSecond);
    EXPECT_NEAR(Sim::Share(guest, kSecond), 0.1, 0.001);
    EXPECT_NEAR(static_cast<double>(sim.idle), 0.9 * kSecond, 0.001 * kSecond);
}

TEST(RunQueue, OneThatGoesAwayIsNowhere) {
    for (const struct policy &policy :
         {Sim::Weight(100), Sim::Priority(3), Sim::Reservation(kMillisecond, 10 * kMillisecond)}) {
        Sim sim;
        Sim::Guest &stays = sim.Add(Sim::Priority(31));
        Sim::Guest &goes = sim.Add(policy);
        sim.Run(3 * kMillisecond);
        run_queue_away(&sim.queue, &goes.runner);
        run_queue_away(&sim.queue, &goes.runner);
        EXPECT_EQ(goes.runner.standing, RUNNER_AWAY);
        EXPECT_EQ(sim.queue.ready_count, 0u);
        EXPECT_EQ(sim.queue.timers.count, 0u);
        EXPECT_EQ(sim.queue.running, &stays.runner);
        run_queue_away(&sim.queue, &stays.runner);
        EXPECT_EQ(run_queue_choose(&sim.queue), nullptr);
        EXPECT_EQ(run_queue_deadline(&sim.queue, nullptr), UINT64_MAX);
    }
}

TEST(RunQueue, OnlyThoseThatMayMoveAreFoundForAnotherHart) {
    Sim sim;
    sim.Add(Sim::Priority(31));
    struct policy policy = Sim::Weight(100);
    sim.Add(policy);
    policy.affinity = 0b0101;
    Sim::Guest &movable = sim.Add(policy);
    policy = Sim::Reservation(kMillisecond, 10 * kMillisecond, 100);
    policy.affinity = 0b1111;
    sim.Add(policy);
    sim.Run(2 * kMillisecond);
    EXPECT_EQ(sim.queue.movable_count, 1u);
    EXPECT_EQ(run_queue_find_movable(&sim.queue, 1), nullptr);
    EXPECT_EQ(run_queue_find_movable(&sim.queue, 2), &movable.runner);
}

/* What it is ahead or behind goes along to the other hart, whatever the time is there. */
TEST(RunQueue, AMoveNeitherGivesNorTakes) {
    Sim from;
    Sim to;
    struct policy policy = Sim::Weight(100);
    policy.affinity = 3;
    Sim::Guest &guest = from.Add(policy);
    from.Add(Sim::Weight(1));
    to.Add(Sim::Weight(100));
    from.Run(kSecond);
    to.Run(7 * kSecond);
    run_queue_away(&from.queue, &guest.runner);
    run_queue_leave(&from.queue, &guest.runner);
    run_queue_enter(&to.queue, &guest.runner);
    run_queue_ready(&to.queue, &guest.runner);
    int64_t ahead = static_cast<int64_t>(guest.runner.virtual_time - to.queue.fair.origin);
    EXPECT_GE(ahead, 0);
    EXPECT_LT(ahead, int64_t{FAIR_BUCKETS} << FAIR_BUCKET_BITS);
}

} // namespace
