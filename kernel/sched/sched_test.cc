/* sched: turns and slices, classes, waiting and timers, jobs next to vcpus, sleeping; and that a switch takes
 * everything along. What each class is promised is run_queue_test.cc's. */
#include "kernel/kernel_fixture.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

extern "C" {
#include "kernel/sched/job.h"
}

namespace {

class Sched : public KernelFixture {
  public:
    static constexpr uint64_t kSlice = 5 * kMillisecond;

    /* Several guests of one vcpu each on one hart, all running; returns them in the order of their turns. */
    std::vector<struct vcpu *> RunOnOneHart(uint32_t count, uint32_t features = kFeatures) {
        Start(1, features);
        std::vector<GuestPlan> plans;
        for (uint32_t index = 0; index < count; index++) {
            plans.push_back({.name = "g" + std::to_string(index)});
        }
        MakeGuests(plans);
        std::vector<struct vcpu *> order;
        for (unsigned turn = 0; turn < 1000 && order.size() < count; turn++) {
            struct vcpu *vcpu = Resume();
            if (std::find(order.begin(), order.end(), vcpu) == order.end()) {
                order.push_back(vcpu);
            }
            Advance(kSlice);
        }
        for (unsigned turn = 0; turn < 20 && Resume() != order.back(); turn++) {
            Advance(kSlice);
        }
        return order;
    }

    /* Runs the hart until these have all had it, or want it. */
    void Load(const std::vector<struct vcpu *> &vcpus) {
        auto wants = [](const struct vcpu *vcpu) {
            return vcpu->work == nullptr && (vcpu->run == VCPU_READY || vcpu->run == VCPU_RUNNING);
        };
        for (unsigned turn = 0; turn < 1000 && !std::all_of(vcpus.begin(), vcpus.end(), wants); turn++) {
            (void)Resume();
            Advance(kSlice);
        }
    }

    static void Advance(uint64_t ticks) {
        host_clock_set(host_clock() + ticks);
    }

    /* Until the vcpu gets the hart: its loading may have run into debt. */
    bool WaitFor(const struct vcpu *vcpu) {
        for (unsigned turn = 0; turn < 1000; turn++) {
            if (Resume() == vcpu) {
                return true;
            }
            Advance(kMillisecond);
        }
        return false;
    }

    /* The live vcpu executes a WFI that traps. */
    struct vcpu *TrapWfi(struct vcpu *vcpu) {
        return Trap(vcpu, CAUSE_ILLEGAL_INSTRUCTION, 0x10500073);
    }
};

TEST_F(Sched, ThreeTakeTurnsOfASliceEach) {
    std::vector<struct vcpu *> order = RunOnOneHart(3);
    for (unsigned turn = 0; turn < 9; turn++) {
        Advance(kSlice);
        struct vcpu *running = Resume();
        EXPECT_EQ(running, order[turn % 3]);
        Advance(kSlice - 1);
        EXPECT_EQ(Interrupt(running), running) << "its slice is not over";
        EXPECT_EQ(Registers(0)->timer, host_clock() + 1) << "the timer is set for the end of the slice";
        host_clock_set(host_clock() + 1 - kSlice);
    }
}

TEST_F(Sched, AloneItRunsOnWithItsWfiUntrappedAndNoTimerButTheWatchs) {
    Start(1);
    struct vcpu *vcpu = RunGuest({})->vcpus[0];
    Advance(100 * kSlice);
    EXPECT_EQ(Interrupt(vcpu), vcpu);
    EXPECT_EQ(Registers(0)->timer, host_clock() + 100 * kMillisecond);
    EXPECT_EQ(vcpu->context.mstatus & HOST_STATUS_TW, 0u);
}

TEST_F(Sched, SharingTrapsWfi) {
    std::vector<struct vcpu *> order = RunOnOneHart(2);
    Advance(kSlice);
    EXPECT_NE(Resume()->context.mstatus & HOST_STATUS_TW, 0u);
}

TEST_F(Sched, OneThatWaitsLeavesTheHartToTheOthers) {
    std::vector<struct vcpu *> order = RunOnOneHart(2);
    struct vcpu *waiting = order[1];
    struct vcpu *other = order[0];
    EXPECT_EQ(TrapWfi(waiting), other);
    EXPECT_EQ(waiting->run, VCPU_WAITING);
    Advance(10 * kSlice);
    EXPECT_EQ(Interrupt(other), other);
}

/* Else the hart's WFI would return at once, for ever. */
TEST_F(Sched, WhatAGuestLeftEnabledDoesNotWakeTheHartThatItLeft) {
    Start(2);
    struct guest *guest = RunGuest({.vcpus = 2});
    StartVcpu(guest->vcpus[0], 1);
    Become(1);
    ASSERT_EQ(Resume(), guest->vcpus[1]);
    Registers(1)->sie = INTERRUPT_TIMER;
    Registers(1)->mip = INTERRUPT_TIMER;
    EXPECT_EQ(CallAway(guest->vcpus[1], SBI_HSM, 1, {}), nullptr);
    EXPECT_EQ(Registers(1)->sie, 0u);
}

/* Else its timer would go off in the next guest. */
TEST_F(Sched, WhoStopsTakesItsRegistersAlong) {
    Start(2, kFeatures | HART_SSTC);
    struct guest *guest = RunGuest({.vcpus = 2});
    StartVcpu(guest->vcpus[0], 1);
    Become(1);
    ASSERT_EQ(Resume(), guest->vcpus[1]);
    Registers(1)->stimecmp = 0x1234;
    EXPECT_EQ(CallAway(guest->vcpus[1], SBI_HSM, 1, {}), nullptr);
    EXPECT_EQ(guest->vcpus[1]->context.stimecmp, 0x1234u);
    EXPECT_NE(Registers(1)->stimecmp, 0x1234u);
}

TEST_F(Sched, AWaitingOneWakesAtItsOwnTimerAndFindsItPending) {
    std::vector<struct vcpu *> order = RunOnOneHart(2);
    struct vcpu *waiting = order[1];
    Registers(0)->sie = INTERRUPT_TIMER;
    uint64_t deadline = host_clock() + 2 * kMillisecond;
    ASSERT_EQ(Call(waiting, SBI_TIME, 0, {deadline}), (SbiAnswer{0, 0}));
    struct vcpu *other = TrapWfi(waiting);
    ASSERT_EQ(other, order[0]);
    EXPECT_EQ(Registers(0)->timer, deadline);
    host_clock_set(deadline);
    EXPECT_EQ(Interrupt(other), other) << "awake, but not its turn yet";
    Advance(kSlice);
    EXPECT_EQ(Interrupt(other), waiting);
    EXPECT_NE(Registers(0)->mip & INTERRUPT_TIMER, 0u);
}

TEST_F(Sched, TheTimerOfAWaitingOneCountsOnlyIfItLetsItIn) {
    std::vector<struct vcpu *> order = RunOnOneHart(2);
    Registers(0)->sie = INTERRUPT_SOFTWARE;
    ASSERT_EQ(Call(order[1], SBI_TIME, 0, {host_clock() + 10}), (SbiAnswer{0, 0}));
    ASSERT_EQ(TrapWfi(order[1]), order[0]);
    Advance(100 * kSlice);
    EXPECT_EQ(Interrupt(order[0]), order[0]);
    EXPECT_EQ(order[1]->run, VCPU_WAITING);
}

TEST_F(Sched, WithNothingToRunTheHartSleepsUntilTheFirstTimer) {
    std::vector<struct vcpu *> order = RunOnOneHart(2);
    uint64_t now = host_clock();
    Registers(0)->sie = INTERRUPT_TIMER;
    ASSERT_EQ(Call(order[1], SBI_TIME, 0, {now + 700}), (SbiAnswer{0, 0}));
    ASSERT_EQ(TrapWfi(order[1]), order[0]);
    Registers(0)->sie = INTERRUPT_TIMER;
    ASSERT_EQ(Call(order[0], SBI_TIME, 0, {now + 300}), (SbiAnswer{0, 0}));
    uint64_t slept = harts[0]->idle_ticks;
    EXPECT_EQ(TrapWfi(order[0]), order[0]);
    EXPECT_EQ(host_clock(), now + 300);
    EXPECT_EQ(harts[0]->idle_ticks - slept, 300u);
}

TEST_F(Sched, WithoutATimerItSleepsForEver) {
    Start(1);
    struct vcpu *vcpu = RunGuest({})->vcpus[0];
    EXPECT_EQ(TrapWfi(vcpu), nullptr);
    EXPECT_EQ(end, HOST_SLEEPS);
}

/* A boot loader may leave a device's interrupt enabled for a hart that serves none. */
TEST_F(Sched, SomebodyElsesInterruptDoesNotKeepItAwake) {
    Start(2);
    Registers(1)->external = 1;
    Become(1);
    EXPECT_EQ(Resume(), nullptr);
    EXPECT_EQ(end, HOST_SLEEPS);
    Registers(1)->external = 0;
    Become(0);
}

TEST_F(Sched, WfiWithSomethingPendingGoesOn) {
    std::vector<struct vcpu *> order = RunOnOneHart(2);
    Registers(0)->sie = INTERRUPT_SOFTWARE;
    Registers(0)->mip = INTERRUPT_SOFTWARE;
    unsigned long pc = order[1]->context.pc;
    EXPECT_EQ(TrapWfi(order[1]), order[1]);
    EXPECT_EQ(order[1]->context.pc, pc + 4);
}

TEST_F(Sched, WithSstcTheGuestsOwnComparisonWakesIt) {
    std::vector<struct vcpu *> order = RunOnOneHart(2, kFeatures | HART_SSTC);
    ASSERT_TRUE(order[1]->context.has_sstc);
    Registers(0)->sie = INTERRUPT_TIMER;
    Registers(0)->stimecmp = host_clock() + kMillisecond;
    ASSERT_EQ(TrapWfi(order[1]), order[0]);
    Advance(kSlice);
    EXPECT_EQ(Interrupt(order[0]), order[1]);
    EXPECT_EQ(Registers(0)->stimecmp, host_clock() - kSlice + kMillisecond);
}

TEST_F(Sched, RegistersGoAlongWithTheVcpu) {
    std::vector<struct vcpu *> order = RunOnOneHart(3);
    for (unsigned round = 0; round < 3; round++) {
        for (unsigned index = 0; index < 3; index++) {
            Advance(kSlice);
            ASSERT_EQ(Resume(), order[index]);
            struct host_hart *live = Registers(0);
            unsigned long mark = 1000 + index;
            if (round > 0) {
                EXPECT_EQ(live->sie, mark & 0x222);
                EXPECT_EQ(live->stvec, mark + 1);
                EXPECT_EQ(live->sscratch, mark + 2);
                EXPECT_EQ(live->sepc, mark + 3);
                EXPECT_EQ(live->scause, mark + 4);
                EXPECT_EQ(live->stval, mark + 5);
                EXPECT_EQ(live->satp, mark + 6);
                EXPECT_EQ(live->scounteren, mark + 7);
                EXPECT_EQ(live->senvcfg, mark + 8);
                EXPECT_EQ(live->f[31], mark + 9);
                EXPECT_EQ(live->fcsr, mark + 10);
                EXPECT_EQ(live->mip, static_cast<unsigned long>(index == 1 ? INTERRUPT_SOFTWARE : 0));
            }
            live->sie = mark & 0x222;
            live->stvec = mark + 1;
            live->sscratch = mark + 2;
            live->sepc = mark + 3;
            live->scause = mark + 4;
            live->stval = mark + 5;
            live->satp = mark + 6;
            live->scounteren = mark + 7;
            live->senvcfg = mark + 8;
            live->f[31] = mark + 9;
            live->fcsr = mark + 10;
            live->mip = index == 1 ? INTERRUPT_SOFTWARE : 0;
        }
    }
}

TEST_F(Sched, EverySwitchConfinesTheHartAndFlushes) {
    std::vector<struct vcpu *> order = RunOnOneHart(2);
    for (unsigned turn = 0; turn < 4; turn++) {
        uint32_t flushes = Registers(0)->tlb_flushes;
        Registers(0)->satp = 100 + turn; /* of the one that is taken off, which comes back two turns later */
        Advance(kSlice);
        struct vcpu *vcpu = Resume();
        EXPECT_EQ(Registers(0)->flushed_satp, turn == 0 ? 0 : 100 + turn - 1) << "not before its registers are there";
        EXPECT_EQ(std::memcmp(&Registers(0)->pmp, &vcpu->guest->isolation.pmp, sizeof vcpu->guest->isolation.pmp), 0);
        EXPECT_GT(Registers(0)->tlb_flushes, flushes);
    }
}

TEST_F(Sched, VcpusOfOneGuestAreFlushedApartToo) {
    Start(1);
    struct guest *guest = RunGuest({.vcpus = 2});
    StartVcpu(guest->vcpus[0], 1);
    uint32_t flushes = Registers(0)->tlb_flushes;
    Advance(kSlice);
    ASSERT_EQ(Resume(), guest->vcpus[1]);
    EXPECT_GT(Registers(0)->tlb_flushes, flushes) << "two vcpus may use the same ASID for different things";
    flushes = Registers(0)->tlb_flushes;
    Advance(1);
    ASSERT_EQ(Resume(), guest->vcpus[1]);
    EXPECT_EQ(Registers(0)->tlb_flushes, flushes) << "but the same vcpu needs no flush";
}

TEST_F(Sched, NothingThatNoContextHasIsLeftForTheNextVcpu) {
    Start(1);
    struct guest *guest = RunGuest({.vcpus = 2});
    EXPECT_EQ(Registers(0)->leftovers_cleared, 1u) << "nor of whatever was there before the first";
    StartVcpu(guest->vcpus[0], 1);
    for (uint32_t turn = 1; turn < 4; turn++) {
        Advance(kSlice);
        ASSERT_EQ(Resume(), guest->vcpus[turn % 2]);
        EXPECT_EQ(Registers(0)->leftovers_cleared, 1 + turn);
        Advance(1);
        ASSERT_EQ(Resume(), guest->vcpus[turn % 2]);
        EXPECT_EQ(Registers(0)->leftovers_cleared, 1 + turn) << "its own it keeps";
    }
}

TEST_F(Sched, APmpThatDoesNotHoldEndsTheKernelBeforeTheGuestRuns) {
    Start(1);
    MakeGuests({{}});
    Registers(0)->pmp_is_broken = true;
    EXPECT_EXIT(
        {
            (void)Run([] { sched_resume(harts[0]); });
            std::fputs(board.finisher == 0x13333 ? "ended with a failure" : "no failure", stderr);
            std::exit(7);
        },
        testing::ExitedWithCode(7), "ended with a failure");
    Registers(0)->pmp_is_broken = false; /* the kernel ended in another process */
}

struct CountingJob {
    struct job job = {};
    unsigned left = 0;
    std::vector<int> *order = nullptr;
    int name = 0;

    static bool Step(struct job *job) {
        auto *self = reinterpret_cast<CountingJob *>(job);
        self->order->push_back(self->name);
        return --self->left != 0;
    }
};

TEST_F(Sched, JobsTakeTurnsWithEachOtherAndWithVcpus) {
    Start(1);
    struct vcpu *vcpu = RunGuest({})->vcpus[0];
    std::vector<int> order;
    CountingJob jobs[2];
    for (int index = 0; index < 2; index++) {
        jobs[index] = {.left = 3, .order = &order, .name = index};
        jobs[index].job.step = CountingJob::Step;
        job_start(&jobs[index].job, harts[0]);
    }
    unsigned entries = 0;
    while (order.size() < 6 && entries < 100) {
        EXPECT_EQ(Interrupt(vcpu), vcpu) << "the guest gets the hart in between";
        EXPECT_TRUE(order.size() == 6 || Registers(0)->timer <= host_clock() + kSlice) << "and gives it back";
        entries++;
        Advance(kSlice);
    }
    EXPECT_GE(entries, 3u);
    std::sort(order.begin(), order.begin() + 2);
    EXPECT_EQ(order[0] + order[1], 1) << "each had a step before one had two";
    EXPECT_EQ(std::count(order.begin(), order.end(), 0), 3);
}

TEST_F(Sched, AJobWithoutVcpusRunsToItsEndBeforeTheHartSleeps) {
    Start(1);
    std::vector<int> order;
    CountingJob job = {.left = 50, .order = &order};
    job.job.step = CountingJob::Step;
    job_start(&job.job, harts[0]);
    EXPECT_EQ(Resume(), nullptr);
    EXPECT_EQ(end, HOST_SLEEPS);
    EXPECT_EQ(order.size(), 50u);
}

TEST_F(Sched, HaltIsObeyedBeforeAnythingElse) {
    Start(1);
    struct vcpu *vcpu = RunGuest({})->vcpus[0];
    hart_notify(harts[0], HART_EVENT_HALT);
    EXPECT_EQ(Interrupt(vcpu), nullptr);
    EXPECT_EQ(end, HOST_HALTED);
}

TEST_F(Sched, ACallInterruptsAnotherHartOnce) {
    Start(2);
    hart_notify(harts[1], HART_EVENT_MAIL);
    EXPECT_EQ(Registers(1)->software, 1u);
    Registers(1)->software = 0;
    hart_notify(harts[1], HART_EVENT_MAIL);
    EXPECT_EQ(Registers(1)->software, 0u) << "it has not looked yet";
    hart_notify(harts[0], HART_EVENT_MAIL);
    EXPECT_EQ(Registers(0)->software, 0u) << "the own hart looks anyway";
}

TEST_F(Sched, AHigherClassTakesTheHartWhenItWakes) {
    for (bool is_reserved : {false, true}) {
        GuestPlan plan = {.name = "high"};
        plan.weight = 0;
        plan.priority = is_reserved ? 0 : 5;
        plan.budget = is_reserved ? 2000 : 0;
        plan.period = is_reserved ? 10000 : 0;
        Start(1);
        MakeGuests({plan, {.name = "fair"}});
        struct vcpu *high = guests[0]->vcpus[0];
        struct vcpu *fair = guests[1]->vcpus[0];
        Load({high, fair});
        ASSERT_TRUE(WaitFor(high));
        Registers(0)->sie = INTERRUPT_TIMER;
        uint64_t deadline = host_clock() + kMillisecond;
        ASSERT_EQ(Call(high, SBI_TIME, 0, {deadline}), (SbiAnswer{0, 0}));
        ASSERT_EQ(TrapWfi(high), fair);
        EXPECT_EQ(Registers(0)->timer, deadline);
        Advance(kMillisecond - 1);
        EXPECT_EQ(Interrupt(fair), fair);
        Advance(1);
        EXPECT_EQ(Interrupt(fair), high) << "at once, in the middle of the other's slice";
        TearDown();
    }
}

TEST_F(Sched, ABudgetEndsOnTimeAndIsRenewed) {
    GuestPlan plan = {.name = "reserved"};
    plan.weight = 0;
    plan.budget = 2000;
    plan.period = 10000;
    Start(1);
    MakeGuests({plan, {.name = "fair"}});
    struct vcpu *reserved = guests[0]->vcpus[0];
    struct vcpu *fair = guests[1]->vcpus[0];
    Load({reserved, fair});
    ASSERT_TRUE(WaitFor(reserved));
    uint64_t renewal = reserved->runner.reservation.deadline;
    host_clock_set(Registers(0)->timer);
    EXPECT_EQ(Interrupt(reserved), fair);
    EXPECT_EQ(Registers(0)->timer, renewal);
    EXPECT_EQ(reserved->runner.reservation.left, 0);
    host_clock_set(renewal);
    EXPECT_EQ(Interrupt(fair), reserved);
    EXPECT_EQ(Registers(0)->timer, renewal + 2 * kMillisecond);
    EXPECT_EQ(TrapWfi(reserved), fair);
}

/* It has no more than its budget, and sleep is none of that: alone, too. */
TEST_F(Sched, TheSleepOfOneWithABudgetAndNothingElseIsSeen) {
    GuestPlan plan = {.name = "reserved"};
    plan.budget = 2000;
    plan.period = 10000;
    for (uint32_t weight : {0u, 100u}) {
        plan.weight = weight;
        Start(1);
        struct vcpu *vcpu = RunGuest(plan)->vcpus[0];
        EXPECT_EQ((vcpu->context.mstatus & HOST_STATUS_TW) != 0, weight == 0);
        TearDown();
    }
}

/* A hart whose vcpu has used up its budget has nothing of it: its interrupts do not end the sleep, nor do others wait
 * for fences of it. */
TEST_F(Sched, OneThatHasToWaitForItsBudgetIsNotInTheHart) {
    GuestPlan plan = {.name = "reserved"};
    plan.weight = 0;
    plan.budget = 2000;
    plan.period = 10000;
    Start(1);
    struct vcpu *vcpu = RunGuest(plan)->vcpus[0];
    host_clock_set(Registers(0)->timer);
    Registers(0)->satp = 0x77;
    EXPECT_EQ(Interrupt(vcpu), vcpu) << "in the next period";
    EXPECT_EQ(vcpu->context.satp, 0x77u) << "it was taken out";
}

TEST_F(Sched, AReservedOneWithoutAWeightSleepsForItsBudget) {
    GuestPlan plan = {.name = "reserved"};
    plan.weight = 0;
    plan.budget = 2000;
    plan.period = 10000;
    Start(1);
    MakeGuests({plan});
    struct vcpu *reserved = guests[0]->vcpus[0];
    Load({reserved});
    uint64_t renewal = reserved->runner.reservation.deadline;
    uint64_t slept = harts[0]->idle_ticks;
    host_clock_set(Registers(0)->timer);
    EXPECT_EQ(Interrupt(reserved), reserved);
    EXPECT_EQ(host_clock(), renewal);
    EXPECT_GE(harts[0]->idle_ticks - slept, 7 * kMillisecond);
}

TEST_F(Sched, ATrapThatChangesNothingGoesStraightBack) {
    std::vector<struct vcpu *> order = RunOnOneHart(2);
    Advance(kSlice);
    struct vcpu *running = Resume();
    DropLog();
    uint64_t decided = harts[0]->queue.now;
    Advance(kSlice / 2);
    EXPECT_EQ(Call(running, SBI_IPI, 0, {1, 0}), (SbiAnswer{0, 0}));
    EXPECT_EQ(harts[0]->queue.now, decided) << "nothing was decided";
    vcpu_post(running, VCPU_REQUEST_IPI);
    EXPECT_EQ(Interrupt(running), running);
    EXPECT_NE(harts[0]->queue.now, decided) << "but now";
}

TEST_F(Sched, TimeIsChargedToWhoHadIt) {
    std::vector<struct vcpu *> order = RunOnOneHart(2);
    Advance(kSlice);
    ASSERT_EQ(Resume(), order[0]);
    uint64_t run = order[0]->runner.ticks_run;
    uint64_t waited = vcpu_run_ticks(order[1], VCPU_READY, host_clock());
    Advance(kSlice);
    ASSERT_EQ(Interrupt(order[0]), order[1]);
    EXPECT_EQ(order[0]->runner.ticks_run - run, kSlice);
    EXPECT_EQ(vcpu_run_ticks(order[1], VCPU_READY, host_clock()) - waited, kSlice);
}

TEST_F(Sched, AJobNeverTakesTimeFromAReservation) {
    GuestPlan plan = {.name = "reserved"};
    plan.budget = 2000;
    plan.period = 10000;
    Start(1);
    MakeGuests({plan});
    struct vcpu *reserved = guests[0]->vcpus[0];
    Load({reserved});
    Advance(100 * kMillisecond);
    sched_give_way(harts[0]);
    ASSERT_EQ(Resume(), reserved);
    std::vector<int> order;
    CountingJob job = {.left = 2, .order = &order};
    job.job.step = CountingJob::Step;
    job_start(&job.job, harts[0]);
    uint64_t end_of_budget = host_clock() + static_cast<uint64_t>(reserved->runner.reservation.left);
    EXPECT_EQ(Interrupt(reserved), reserved);
    EXPECT_EQ(order.size(), 0u);
    EXPECT_EQ(Registers(0)->timer, end_of_budget);
    host_clock_set(end_of_budget);
    EXPECT_EQ(Interrupt(reserved), reserved) << "it goes on by its weight";
    EXPECT_EQ(order.size(), 1u);
    EXPECT_EQ(Registers(0)->timer, std::min(end_of_budget + kSlice, reserved->runner.reservation.deadline));
    host_clock_set(Registers(0)->timer);
    EXPECT_EQ(Interrupt(reserved), reserved);
    EXPECT_EQ(order.size(), 2u);
}

/* A job for a guest, of steps of a millisecond. */
struct LongJob {
    struct job job = {};
    unsigned left = 1000;

    static bool Step(struct job *job) {
        Sched::Advance(Sched::kMillisecond);
        return --reinterpret_cast<LongJob *>(job)->left != 0;
    }
};

TEST_F(Sched, WorkForAGuestIsDoneInItsTime) {
    GuestPlan light = {.name = "light"};
    light.weight = 10;
    Start(1);
    MakeGuests({light, {.name = "heavy"}});
    struct vcpu *own = guests[0]->vcpus[0];
    struct vcpu *other = guests[1]->vcpus[0];
    Load({own, other});
    sched_off(own);
    LongJob work;
    work.job.step = LongJob::Step;
    work.job.vcpu = own;
    job_start(&work.job, harts[0]);
    uint64_t began = other->runner.ticks_run;
    for (unsigned turn = 0; turn < 2000; turn++) {
        Advance(kMillisecond / 2);
        ASSERT_EQ(Interrupt(other), other);
    }
    double done = 1000.0 - work.left;
    double ran = static_cast<double>(other->runner.ticks_run - began) / kMillisecond;
    EXPECT_NEAR(done / (done + ran), 10.0 / 110.0, 0.01) << done << " ms of work beside " << ran;
}

TEST_F(Sched, WorkForAGuestWaitsForHigherPriorities) {
    GuestPlan high = {.name = "high"};
    high.weight = 0;
    high.priority = 3;
    Start(1);
    MakeGuests({{.name = "fair"}, high});
    struct vcpu *own = guests[0]->vcpus[0];
    struct vcpu *other = guests[1]->vcpus[0];
    Load({other});
    Registers(0)->sie = INTERRUPT_TIMER;
    ASSERT_EQ(Call(other, SBI_TIME, 0, {host_clock() + 50 * kMillisecond}), (SbiAnswer{0, 0}));
    ASSERT_EQ(TrapWfi(other), own) << "it loads while the other sleeps";
    sched_off(own);
    LongJob work;
    work.job.step = LongJob::Step;
    work.job.vcpu = own;
    job_start(&work.job, harts[0]);
    ASSERT_EQ(Resume(), other) << "which wakes in the middle of the work";
    EXPECT_NEAR(1000.0 - work.left, 50.0, 1.0);
    unsigned left = work.left;
    for (unsigned turn = 0; turn < 100; turn++) {
        Advance(kMillisecond);
        ASSERT_EQ(Interrupt(other), other);
    }
    EXPECT_EQ(work.left, left);
}

TEST_F(Sched, WorkForAGuestEndsWithItOff) {
    std::vector<struct vcpu *> order = RunOnOneHart(2);
    sched_off(order[0]);
    LongJob work;
    work.left = 3;
    work.job.step = LongJob::Step;
    work.job.vcpu = order[0];
    job_start(&work.job, harts[0]);
    for (unsigned turn = 0; turn < 10; turn++) {
        Advance(kSlice);
        ASSERT_EQ(Resume(), order[1]);
    }
    EXPECT_EQ(work.left, 0u);
    EXPECT_EQ(order[0]->run, VCPU_OFF);
    EXPECT_EQ(order[0]->work, nullptr);
}

/* As with the console's lines, work of the kernel's own is nobody's time. */
TEST_F(Sched, AJobIsChargedToNobody) {
    Start(1);
    struct vcpu *vcpu = RunGuest({})->vcpus[0];
    struct SlowJob {
        struct job job;
        static bool Step(struct job *) {
            Advance(kMillisecond);
            return false;
        }
    } job = {};
    job.job.step = SlowJob::Step;
    Advance(kSlice);
    ASSERT_EQ(Interrupt(vcpu), vcpu);
    job_start(&job.job, harts[0]);
    uint64_t run = vcpu->runner.ticks_run;
    uint64_t now = host_clock();
    ASSERT_EQ(Interrupt(vcpu), vcpu);
    ASSERT_EQ(host_clock(), now + kMillisecond);
    sched_give_way(harts[0]);
    EXPECT_EQ(vcpu->runner.ticks_run, run);
}

} // namespace
