/* vcpu and mail: requests between harts, and remote fences, also with two harts as two threads that wait for each
 * other. */
#include "kernel/kernel_fixture.h"

#include <atomic>
#include <thread>

extern "C" {
#include "kernel/sched/mail.h"
}

namespace {

class Vcpu : public KernelFixture {
  public:
    /* A guest with a vcpu on each of that many harts, all of them live. */
    void StartGuest(uint32_t count) {
        Start(count);
        guest = RunGuest({.vcpus = count});
        for (uint32_t id = 1; id < count; id++) {
            StartVcpu(guest->vcpus[0], id);
            Become(id);
            ASSERT_EQ(Resume(), guest->vcpus[id]);
        }
        Become(0);
    }

    static bool IsFenced(const struct vcpu *vcpu, enum vcpu_fence fence) {
        return __atomic_load_n(&vcpu->fences_wanted[fence], __ATOMIC_SEQ_CST) ==
               __atomic_load_n(&vcpu->fences_done[fence], __ATOMIC_SEQ_CST);
    }

    struct guest *guest = nullptr;
};

TEST_F(Vcpu, RequestsAddUpInOneLetter) {
    StartGuest(2);
    struct vcpu *target = guest->vcpus[1];
    vcpu_post(target, VCPU_REQUEST_IPI);
    vcpu_post(target, VCPU_REQUEST_START); /* which is void: it runs */
    EXPECT_EQ(harts[1]->mailbox, target);
    EXPECT_EQ(target->mail_next, nullptr);
    EXPECT_EQ(target->requests, uint32_t{VCPU_REQUEST_IPI | VCPU_REQUEST_START});
    Become(1);
    mail_read(harts[1]);
    EXPECT_EQ(harts[1]->mailbox, nullptr);
    EXPECT_EQ(target->requests, 0u);
    EXPECT_EQ(target->mailed, 0u);
    EXPECT_EQ(Registers(1)->mip, static_cast<unsigned long>(INTERRUPT_SOFTWARE));
    vcpu_post(target, VCPU_REQUEST_IPI);
    EXPECT_EQ(harts[1]->mailbox, target) << "it can be mailed again";
}

TEST_F(Vcpu, LettersToSeveralVcpusOfAHartAllArrive) {
    Start(1);
    guest = RunGuest({.vcpus = 4});
    for (uint32_t id = 1; id < 4; id++) {
        vcpu_post(guest->vcpus[id], VCPU_REQUEST_IPI);
    }
    mail_read(harts[0]);
    for (uint32_t id = 1; id < 4; id++) {
        EXPECT_EQ(guest->vcpus[id]->requests, 0u);
        EXPECT_EQ(guest->vcpus[id]->mailed, 0u);
    }
}

TEST_F(Vcpu, PostsFromManyThreadsAreNotLost) {
    StartGuest(2);
    struct vcpu *target = guest->vcpus[1];
    constexpr unsigned kThreads = 3;
    constexpr unsigned kRounds = 3000;
    std::atomic<unsigned> left = kThreads;
    std::vector<std::thread> threads;
    for (unsigned index = 0; index < kThreads; index++) {
        threads.emplace_back([&] {
            struct hart sender = {};
            host_hart_become(&sender);
            for (unsigned round = 0; round < kRounds; round++) {
                (void)vcpu_fence_post(target, VCPU_FENCE_VMA);
                vcpu_post(target, VCPU_REQUEST_IPI);
            }
            left--;
        });
    }
    Become(1);
    while (left != 0) {
        ASSERT_EQ(Resume(), target);
        Registers(1)->mip = 0;
    }
    for (std::thread &thread : threads) {
        thread.join();
    }
    vcpu_post(target, VCPU_REQUEST_IPI);
    ASSERT_EQ(Resume(), target);
    EXPECT_EQ(Registers(1)->mip, static_cast<unsigned long>(INTERRUPT_SOFTWARE));
    EXPECT_EQ(target->requests, 0u);
    EXPECT_EQ(target->fences_wanted[VCPU_FENCE_VMA], kThreads * kRounds);
    EXPECT_TRUE(IsFenced(target, VCPU_FENCE_VMA)) << "the last ring was heard";
}

TEST_F(Vcpu, AnInterruptOfOneThatRunsRingsItsHart) {
    StartGuest(2);
    Registers(1)->software = 0;
    vcpu_interrupt(guest->vcpus[1]);
    EXPECT_EQ(Registers(1)->software, 1u);
    Become(1);
    ASSERT_EQ(Resume(), guest->vcpus[1]);
    EXPECT_EQ(Registers(1)->mip, static_cast<unsigned long>(INTERRUPT_SOFTWARE));
}

TEST_F(Vcpu, AnInterruptOfOneThatHasToWaitDisturbsNobodyAndIsThereWhenItRuns) {
    Start(1);
    guest = RunGuest({.vcpus = 2});
    struct vcpu *running = guest->vcpus[0], *ready = guest->vcpus[1];
    StartVcpu(running, 1);
    ASSERT_EQ(ready->run, VCPU_READY);
    struct hart sender = {};
    std::thread([&] {
        host_hart_become(&sender);
        vcpu_interrupt(ready);
    }).join();
    EXPECT_EQ(Registers(0)->software, 0u) << "the hart is not rung";
    EXPECT_EQ(harts[0]->mailbox, nullptr);
    host_clock_set(host_clock() + 5 * kMillisecond);
    ASSERT_EQ(Interrupt(running), ready);
    EXPECT_EQ(Registers(0)->mip, static_cast<unsigned long>(INTERRUPT_SOFTWARE));
    EXPECT_EQ(ready->requests, 0u);
    host_clock_set(host_clock() + 5 * kMillisecond);
    ASSERT_EQ(Interrupt(ready), running);
    EXPECT_EQ(Registers(0)->mip, 0u) << "it is the other one's";
}

TEST_F(Vcpu, AnInterruptThatWasNotTakenIsNotForTheNextLife) {
    Start(1);
    guest = RunGuest({.vcpus = 2});
    struct vcpu *ready = guest->vcpus[1];
    StartVcpu(guest->vcpus[0], 1);
    vcpu_interrupt(ready);
    ASSERT_NE(ready->requests, 0u);
    guest_obey(guest, GUEST_ORDER_STOP);
    (void)Resume();
    EXPECT_EQ(ready->run, VCPU_OFF);
    EXPECT_EQ(ready->requests, 0u);
}

/* Another hart interrupts two vcpus that share one, and run, have to wait or sleep: none sleeps on, and none is lost.
 */
TEST_F(Vcpu, InterruptsOfThoseThatShareAHartAreNotLost) {
    Start(1);
    guest = RunGuest({.vcpus = 2});
    StartVcpu(guest->vcpus[0], 1);
    Registers(0)->sie = INTERRUPT_SOFTWARE;
    constexpr unsigned kRounds = 3000;
    std::atomic<unsigned> taken[2] = {0, 0};
    std::atomic<bool> over = false;
    std::thread sender([&] {
        struct hart hart = {};
        host_hart_become(&hart);
        for (unsigned round = 1; round <= kRounds; round++) {
            vcpu_interrupt(guest->vcpus[0]);
            vcpu_interrupt(guest->vcpus[1]);
            while (taken[0] < round || taken[1] < round) {
                std::this_thread::yield();
            }
        }
        over = true;
    });
    for (unsigned turn = 0; !over; turn++) {
        host_clock_set(host_clock() + 5 * kMillisecond);
        harts[0]->must_decide = true;
        struct vcpu *vcpu = Resume();
        if (vcpu == nullptr) {
            continue;
        }
        if ((Registers(0)->mip & INTERRUPT_SOFTWARE) != 0) {
            Registers(0)->mip = 0;
            taken[vcpu->id]++;
        } else if (turn % 3 == 0) {
            Registers(0)->sie = INTERRUPT_SOFTWARE;
            (void)Trap(vcpu, CAUSE_ILLEGAL_INSTRUCTION, 0x10500073); /* wfi */
        }
    }
    sender.join();
    EXPECT_EQ(taken[0], kRounds);
    EXPECT_EQ(taken[1], kRounds);
}

TEST_F(Vcpu, AFenceOfOneThatIsNotOnItsHartIsNotWaitedFor) {
    Start(1);
    guest = RunGuest({.vcpus = 2});
    StartVcpu(guest->vcpus[0], 1);
    uint32_t number = vcpu_fence_post(guest->vcpus[1], VCPU_FENCE_VMA);
    vcpu_fence_wait(guest->vcpus[1], VCPU_FENCE_VMA, number); /* returns */
    EXPECT_FALSE(IsFenced(guest->vcpus[1], VCPU_FENCE_VMA));
}

TEST_F(Vcpu, FenceNumbersWrap) {
    Start(1);
    guest = RunGuest({});
    struct vcpu *vcpu = guest->vcpus[0];
    vcpu->fences_wanted[VCPU_FENCE_I] = vcpu->fences_done[VCPU_FENCE_I] = UINT32_MAX;
    uint32_t number = vcpu_fence_post(vcpu, VCPU_FENCE_I);
    EXPECT_EQ(number, 0u);
    vcpu_fence_wait(vcpu, VCPU_FENCE_I, number);
    EXPECT_TRUE(IsFenced(vcpu, VCPU_FENCE_I)) << "one may wait for oneself";
}

/* The target sleeps in a WFI that the kernel has trapped: it is still in its hart, and so may be its translations. */
TEST_F(Vcpu, AFenceOfOneThatSleepsOnItsHartIsDoneWithoutWakingIt) {
    StartGuest(2);
    struct vcpu *target = guest->vcpus[1];
    Become(1);
    EXPECT_EQ(Trap(target, CAUSE_ILLEGAL_INSTRUCTION, 0x10500073), nullptr);
    ASSERT_EQ(end, HOST_SLEEPS);
    ASSERT_TRUE(vcpu_is_live(target));
    Become(0);
    (void)vcpu_fence_post(target, VCPU_FENCE_VMA);
    Become(1);
    EXPECT_EQ(Resume(), nullptr);
    EXPECT_TRUE(IsFenced(target, VCPU_FENCE_VMA));
    EXPECT_EQ(target->run, VCPU_WAITING);
}

/* Two harts fence each other over and over; a third part of the time is the other's wait in M-mode. A lost fence hangs
 * the test. */
TEST_F(Vcpu, TwoHartsThatWaitForEachOtherBothGetOn) {
    StartGuest(2);
    constexpr unsigned kRounds = 2000;
    std::atomic<unsigned> done = 0;
    auto hart = [&](uint32_t index) {
        Become(index);
        struct vcpu *self = guest->vcpus[index];
        struct context *entered;
        auto resume = [&] { sched_resume(harts[index]); };
        for (unsigned round = 0; round < kRounds; round++) {
            SetCall(self, SBI_RFENCE, round % 2, {0b11, 0, 0, 0});
            sbi_call(self);
            ASSERT_EQ(self->context.x[REG_A0], 0u);
            ASSERT_EQ(Run(resume, &entered), HOST_ENTERED);
        }
        done++;
        while (done != 2) {
            ASSERT_EQ(Run(resume, &entered), HOST_ENTERED); /* as if interrupted all the time */
        }
    };
    std::thread other(hart, 1);
    hart(0);
    other.join();
    Become(0);
    for (uint32_t id = 0; id < 2; id++) {
        EXPECT_TRUE(IsFenced(guest->vcpus[id], VCPU_FENCE_I));
        EXPECT_TRUE(IsFenced(guest->vcpus[id], VCPU_FENCE_VMA));
        EXPECT_GE(guest->vcpus[id]->fences_done[VCPU_FENCE_VMA], kRounds / 2);
    }
}

/* The other hart sleeps whenever it can, as in a guest whose vcpus idle. */
TEST_F(Vcpu, AHartThatSleepsAndWakesAnswersFences) {
    StartGuest(2);
    host_wait_for_threads(true);
    std::atomic<bool> halted = false;
    std::thread sleeper([&] {
        Become(1);
        struct vcpu *self = guest->vcpus[1];
        Registers(1)->sie = INTERRUPT_SOFTWARE;
        for (;;) {
            struct guest_trap wfi = {CAUSE_ILLEGAL_INSTRUCTION, 0x10500073};
            if (Run([&] { guest_trap_slow(&self->context, &wfi); }) == HOST_HALTED) {
                break;
            }
            Registers(1)->mip = 0;
        }
        halted = true;
    });
    struct vcpu *self = guest->vcpus[0];
    for (unsigned round = 0; round < 500; round++) {
        SetCall(self, SBI_RFENCE, round % 2, {0b10, 0, 0, 0});
        sbi_call(self);
        ASSERT_EQ(self->context.x[REG_A0], 0u);
        if (round % 5 == 0) {
            SetCall(self, SBI_IPI, 0, {0b10, 0});
            sbi_call(self);
        }
    }
    hart_notify(harts[1], HART_EVENT_HALT);
    sleeper.join();
    EXPECT_TRUE(halted);
    Become(0);
}

} // namespace
