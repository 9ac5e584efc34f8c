/* balance: who goes where, and that mail, fences and the end of the guest find a vcpu that has moved, step by step.
 * With harts as threads: balance_threads_test.cc. */
#include "kernel/kernel_fixture.h"

extern "C" {
#include "kernel/sched/balance.h"
}

namespace {

constexpr unsigned long kWfi = 0x10500073;

class Balance : public KernelFixture {
  public:
    /* Two harts and a guest of three vcpus; 0 and 2 live on hart 0, 1 on hart 1. Only vcpu 0 has started, and hart 1
     * has not run yet. */
    void StartThree(GuestPlan plan = {}) {
        plan.vcpus = 3;
        Start(2);
        guest = RunGuest(plan);
        first = guest->vcpus[0];
        second = guest->vcpus[1];
        third = guest->vcpus[2];
    }

    /* The same, with vcpu 1 on hart 1, alone, and 0 and 2 on hart 0, of which 0 runs. */
    void StartThreeOnTwo(const GuestPlan &plan = {}) {
        StartThree(plan);
        StartVcpu(first, 1);
        ASSERT_EQ(ResumeOn(1), second);
        StartVcpu(first, 2);
        ASSERT_EQ(third->hart, harts[0]);
    }

    /* A guest of one vcpu on each of harts 1 and 2; on hart 0 `goes`, which may go to hart 2, and `stays`, which may
     * not. */
    void StartFour(uint32_t priority = 0) {
        Start(3);
        MakeGuests({{.name = "b", .affinity = HartIds({1})},
                    {.name = "d", .affinity = HartIds({2})},
                    {.name = "a", .priority = priority, .affinity = HartIds({0, 2})},
                    {.name = "c", .affinity = HartIds({0, 1})}});
        other = guests[1]->vcpus[0];
        goes = guests[2]->vcpus[0];
        stays = guests[3]->vcpus[0];
        ASSERT_EQ(goes->hart, harts[0]);
        ASSERT_EQ(stays->hart, harts[0]);
    }

    /* All harts decide, and a turn passes. */
    void RunTurn() {
        for (uint32_t index = 0; index < hart_count; index++) {
            (void)ResumeOn(index);
        }
        host_clock_set(host_clock() + 5 * kMillisecond);
    }

    struct vcpu *ResumeOn(uint32_t hart) {
        Become(hart);
        struct vcpu *vcpu = Resume();
        Become(0);
        return vcpu;
    }

    struct vcpu *InterruptOn(uint32_t hart, struct vcpu *vcpu) {
        Become(hart);
        struct vcpu *next = Interrupt(vcpu);
        Become(0);
        return next;
    }

    /* Both sleep, a hart and the vcpu on it, which is in a WFI that came to the kernel. */
    void PutToSleep(uint32_t hart, struct vcpu *vcpu) {
        Become(hart);
        Registers(hart)->sie = INTERRUPT_SOFTWARE;
        EXPECT_EQ(Trap(vcpu, CAUSE_ILLEGAL_INSTRUCTION, kWfi), nullptr);
        EXPECT_EQ(end, HOST_SLEEPS);
        Become(0);
    }

    void PutSecondToSleep() {
        PutToSleep(1, second);
    }

    /* A vcpu waits for its timer in a WFI that comes to the kernel; with nothing else to do the hart sleeps until then.
     */
    void SleepFor(uint32_t hart, struct vcpu *vcpu, uint64_t ticks) {
        Become(hart);
        Registers(hart)->sie = INTERRUPT_TIMER;
        EXPECT_EQ(Call(vcpu, SBI_TIME, 0, {host_clock() + ticks}), (SbiAnswer{0, 0}));
        (void)Trap(vcpu, CAUSE_ILLEGAL_INSTRUCTION, kWfi);
        Become(0);
    }

    static void ForgetRing(uint32_t hart) {
        Registers(hart)->software = 0;
        harts[hart]->events = 0;
    }

    static std::string HartIds(const std::vector<char> &ids) {
        std::string bytes;
        for (char id : ids) {
            bytes += std::string(3, '\0') + id;
        }
        return bytes;
    }

    static bool TrapsWfi(const struct vcpu *vcpu) {
        return (vcpu->context.mstatus & HOST_STATUS_TW) != 0;
    }

    struct guest *guest = nullptr;
    struct vcpu *first = nullptr;
    struct vcpu *second = nullptr;
    struct vcpu *third = nullptr;

    /* Of StartFour; `other` is on hart 2. */
    struct vcpu *other = nullptr;
    struct vcpu *goes = nullptr;
    struct vcpu *stays = nullptr;
};

TEST_F(Balance, OneThatWouldHaveToWaitGoesToAnIdleHart) {
    StartThree();
    ASSERT_EQ(ResumeOn(1), nullptr);
    uint32_t fetches = Registers(1)->fetch_flushes;
    uint32_t flushes = Registers(1)->tlb_flushes;
    StartVcpu(first, 2);
    EXPECT_EQ(third->hart, harts[1]);
    EXPECT_EQ(third->run, VCPU_MOVING);
    EXPECT_EQ(Registers(1)->software, 1u) << "rung";
    ASSERT_EQ(ResumeOn(1), third);
    EXPECT_GT(Registers(1)->fetch_flushes, fetches);
    EXPECT_GT(Registers(1)->tlb_flushes, flushes);
    EXPECT_EQ(harts[1]->offer.is_idle, 0u);
    EXPECT_EQ(Interrupt(first), first);
    EXPECT_FALSE(TrapsWfi(first)) << "it is alone again";
}

TEST_F(Balance, AnIdleHartGetsOneOnly) {
    Start(2);
    guest = RunGuest({.vcpus = 6});
    ASSERT_EQ(ResumeOn(1), nullptr);
    StartVcpu(guest->vcpus[0], 2);
    StartVcpu(guest->vcpus[0], 4);
    EXPECT_EQ(guest->vcpus[2]->hart, harts[1]);
    EXPECT_EQ(guest->vcpus[4]->hart, harts[0]) << "somebody else's gift is on the way";
}

TEST_F(Balance, AHartThatGoesIdleAsksForWork) {
    StartThreeOnTwo();
    PutSecondToSleep();
    EXPECT_EQ(Registers(0)->software, 1u) << "hart 0 has too much, and is asked";
    EXPECT_EQ(Interrupt(first), first);
    EXPECT_EQ(third->hart, harts[1]);
    EXPECT_EQ(ResumeOn(1), third);
    EXPECT_EQ(second->run, VCPU_WAITING);
    EXPECT_EQ(second->hart, harts[1]);
}

/* Its WFI would not come to the kernel, which could not know that the hart has nothing to do. */
TEST_F(Balance, AHartWithOneVcpuIsToldWhenOthersHaveTooMuch) {
    StartThree();
    StartVcpu(first, 1);
    ASSERT_EQ(ResumeOn(1), second);
    EXPECT_FALSE(TrapsWfi(second));
    Registers(1)->software = 0;
    StartVcpu(first, 2);
    EXPECT_EQ(Registers(1)->software, 1u);
    EXPECT_EQ(InterruptOn(1, second), second);
    EXPECT_TRUE(TrapsWfi(second));
    PutSecondToSleep();
    EXPECT_EQ(Interrupt(first), first);
    EXPECT_EQ(ResumeOn(1), third);
}

TEST_F(Balance, AndOnlyOnce) {
    StartThreeOnTwo();
    Registers(1)->software = 0;
    EXPECT_EQ(InterruptOn(1, second), second);
    for (unsigned turn = 0; turn < 10; turn++) {
        host_clock_set(host_clock() + 5 * kMillisecond);
        ASSERT_NE(Resume(), nullptr);
    }
    EXPECT_EQ(Registers(1)->software, 0u);
}

/* Hart 2 asks while the one that could go there runs, and the one that waits could not. */
TEST_F(Balance, OneThatRanWhenAHartAskedGoesThereWhenItHasToWait) {
    StartFour();
    for (unsigned turn = 0; turn < 1000; turn++) {
        RunTurn();
    }
    while (Resume() != goes) {
        host_clock_set(host_clock() + kMillisecond);
    }
    Become(2);
    ASSERT_EQ(CallAway(other, SBI_SRST, 0, {0, 0}), nullptr);
    Become(0);
    ASSERT_EQ(Interrupt(goes), goes) << "hart 2 has rung, and there is nobody for it";
    host_clock_set(host_clock() + 6 * kMillisecond);
    ASSERT_EQ(Interrupt(goes), stays);
    EXPECT_EQ(goes->hart, harts[2]);
}

/* Who came and has the hart at once is not one of those that wait. */
TEST_F(Balance, WhatIsOfferedIsTakenBackWhenItIsNotThere) {
    StartFour(/*priority=*/5);
    for (unsigned turn = 0; turn < 1000; turn++) {
        RunTurn();
        if (goes->work == nullptr && harts[0]->current == goes) {
            SleepFor(0, goes, kMillisecond);
        }
    }
    host_clock_set(host_clock() + 5 * kMillisecond);
    ASSERT_EQ(Resume(), goes) << "it has come while the other one ran";
    ASSERT_EQ(stays->run, VCPU_READY);
    PutToSleep(2, other);
    EXPECT_EQ(Interrupt(goes), goes);
    EXPECT_EQ(harts[0]->offer.takers[0], 0b11u) << "the one that waits may not go to hart 2";
}

/* Each ring costs a decision over there, and WFI is a guest's to do as often as it likes. */
TEST_F(Balance, WhoSleepsOftenAsksNowAndThen) {
    StartThreeOnTwo();
    unsigned rings = 0;
    for (unsigned round = 0; round < 200; round++) {
        SleepFor(1, second, kMillisecond / 100);
        rings += Registers(0)->software != 0;
        ForgetRing(0); /* it looks too late each time */
    }
    EXPECT_GE(rings, 2u);
    EXPECT_LE(rings, 3u);
}

TEST_F(Balance, WhatIsPutOffIsAskedInTime) {
    StartThreeOnTwo();
    SleepFor(1, second, kMillisecond / 100);
    EXPECT_EQ(Registers(0)->software, 1u);
    ForgetRing(0);
    SleepFor(1, second, kMillisecond / 100);
    EXPECT_EQ(Registers(0)->software, 0u);
    uint64_t before = host_clock();
    PutSecondToSleep();
    EXPECT_LT(host_clock(), before + kMillisecond) << "it has slept so long before it asked";
    EXPECT_EQ(Registers(0)->software, 1u);
    EXPECT_EQ(Interrupt(first), first);
    EXPECT_EQ(third->hart, harts[1]);
}

TEST_F(Balance, AReservationStaysWhereItWasAdmitted) {
    GuestPlan plan = {};
    plan.budget = 1000;
    plan.period = 10000;
    StartThree(plan);
    ASSERT_EQ(ResumeOn(1), nullptr);
    StartVcpu(first, 2);
    EXPECT_EQ(third->hart, harts[0]);
    EXPECT_EQ(harts[1]->offer.is_idle, 1u);
}

TEST_F(Balance, AffinityIsKept) {
    Start(3);
    MakeGuests({{.name = "a", .vcpus = 2, .affinity = std::string("\0\0\0\0\0\0\0\2", 8)}});
    ASSERT_NE(Resume(), nullptr);
    guest = guests[0];
    ASSERT_EQ(guest->vcpus[1]->hart, harts[2]);
    ASSERT_EQ(ResumeOn(1), nullptr);
    StartVcpu(guest->vcpus[0], 1);
    ASSERT_EQ(ResumeOn(2), guest->vcpus[1]);
    /* Both to hart 0, by hand: its third hart is where it may go, hart 1 is not. */
    Become(2);
    Registers(2)->sie = INTERRUPT_SOFTWARE;
    EXPECT_EQ(Trap(guest->vcpus[1], CAUSE_ILLEGAL_INSTRUCTION, kWfi), nullptr);
    Become(0);
    EXPECT_EQ(run_queue_find_movable(&harts[0]->queue, 1), nullptr);
    EXPECT_EQ(guest->vcpus[1]->runner.policy.affinity, 0b101u);
}

TEST_F(Balance, RegistersGoAlong) {
    StartThreeOnTwo();
    host_clock_set(host_clock() + 5 * kMillisecond);
    ASSERT_EQ(Interrupt(first), third);
    Registers(0)->sscratch = 0x1234;
    Registers(0)->f[7] = 0x77;
    PutSecondToSleep();
    host_clock_set(host_clock() + 5 * kMillisecond);
    ASSERT_EQ(Interrupt(third), first) << "its turn is over, and it leaves";
    ASSERT_EQ(third->hart, harts[1]);
    EXPECT_EQ(harts[0]->tlb_owner, first);
    ASSERT_EQ(ResumeOn(1), third);
    EXPECT_EQ(Registers(1)->sscratch, 0x1234u);
    EXPECT_EQ(Registers(1)->f[7], 0x77u);
}

/* Who wrote the letter read the home just before it changed. */
TEST_F(Balance, MailToTheOldHomeIsPassedOn) {
    StartThree();
    ASSERT_EQ(ResumeOn(1), nullptr);
    StartVcpu(first, 2);
    ASSERT_EQ(ResumeOn(1), third);
    third->requests = VCPU_REQUEST_IPI;
    third->mailed = 1;
    third->mail_next = harts[0]->mailbox;
    harts[0]->mailbox = third;
    hart_notify(harts[0], HART_EVENT_MAIL);
    Registers(1)->software = 0;
    EXPECT_EQ(Interrupt(first), first);
    EXPECT_EQ(harts[1]->mailbox, third);
    EXPECT_EQ(Registers(1)->software, 1u);
    EXPECT_EQ(InterruptOn(1, third), third);
    EXPECT_EQ(Registers(1)->mip, static_cast<unsigned long>(INTERRUPT_SOFTWARE));
}

TEST_F(Balance, MailOnTheWayIsReadWithTheMove) {
    StartThree();
    ASSERT_EQ(ResumeOn(1), nullptr);
    StartVcpu(first, 2);
    ASSERT_EQ(third->run, VCPU_MOVING);
    EXPECT_EQ(Call(first, SBI_IPI, 0, {0b100, 0}), (SbiAnswer{0, 0}));
    ASSERT_EQ(ResumeOn(1), third);
    EXPECT_EQ(Registers(1)->mip, static_cast<unsigned long>(INTERRUPT_SOFTWARE));
}

TEST_F(Balance, AFenceOnTheWayIsNotWaitedForAndDoneBeforeItRuns) {
    StartThree();
    ASSERT_EQ(ResumeOn(1), nullptr);
    StartVcpu(first, 2);
    EXPECT_EQ(Call(first, SBI_RFENCE, 1, {0b100, 0, 0, 0}), (SbiAnswer{0, 0}));
    EXPECT_NE(third->fences_done[VCPU_FENCE_VMA], third->fences_wanted[VCPU_FENCE_VMA]);
    ASSERT_EQ(ResumeOn(1), third);
    EXPECT_EQ(third->fences_done[VCPU_FENCE_VMA], third->fences_wanted[VCPU_FENCE_VMA]);
}

TEST_F(Balance, TheEndOfTheGuestFindsItOnTheWay) {
    StartThree();
    ASSERT_EQ(ResumeOn(1), nullptr);
    StartVcpu(first, 2);
    ASSERT_EQ(third->run, VCPU_MOVING);
    EXPECT_EQ(CallAway(first, SBI_SRST, 0, {1, 0}), nullptr) << "a reboot, which waits for the one on the way";
    EXPECT_EQ(guest->state, static_cast<uint32_t>(GUEST_STOPPING));
    (void)ResumeOn(1);
    EXPECT_EQ(third->run, VCPU_OFF);
    ASSERT_EQ(Resume(), first) << "its next life";
    StartVcpu(first, 2);
    EXPECT_EQ(ResumeOn(1), third) << "at home where it was last";
}

TEST_F(Balance, OneThatWakesAtItsTimerGoesToAnIdleHart) {
    StartThreeOnTwo();
    host_clock_set(host_clock() + 5 * kMillisecond);
    ASSERT_EQ(Interrupt(first), third);
    Registers(0)->sie = INTERRUPT_TIMER;
    ASSERT_EQ(Call(third, SBI_TIME, 0, {host_clock() + kMillisecond}), (SbiAnswer{0, 0}));
    ASSERT_EQ(Trap(third, CAUSE_ILLEGAL_INSTRUCTION, kWfi), first);
    PutSecondToSleep();
    EXPECT_EQ(Interrupt(first), first);
    EXPECT_EQ(third->hart, harts[0]) << "one that waits has no reason to move";
    host_clock_set(host_clock() + kMillisecond);
    EXPECT_EQ(Interrupt(first), first);
    EXPECT_EQ(third->hart, harts[1]);
    ASSERT_EQ(ResumeOn(1), third);
    EXPECT_NE(Registers(1)->mip & INTERRUPT_TIMER, 0u);
}

TEST_F(Balance, AHartWithoutWorkSleepsAndDoesNotPoll) {
    StartThree();
    ASSERT_EQ(ResumeOn(1), nullptr);
    EXPECT_EQ(end, HOST_SLEEPS) << "with no timer of its own";
    EXPECT_EQ(Registers(1)->timer, UINT64_MAX);
}

} // namespace
