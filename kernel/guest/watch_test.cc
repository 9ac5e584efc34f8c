/* watch: guests that trap for ever and guests without a sign of life are found, and no others. */
#include "kernel/kernel_fixture.h"

extern "C" {
#include "kernel/guest/watch.h"
}

namespace {

class Watch : public KernelFixture {
  public:
    static constexpr uint64_t kLook = WATCH_LOOK_MS * kMillisecond;
    static constexpr uint64_t kGrace = WATCH_GRACE_MS * kMillisecond;
    static constexpr unsigned long kHandler = 0x8000;

    void RunOne(const GuestPlan &plan = {}, uint32_t features = kFeatures) {
        Start(1, features);
        guest = RunGuest(plan);
        vcpu = guest->vcpus[0];
        Registers(0)->stvec = kHandler;
        DropLog();
    }

    /* As it is when an exception of the handler at an offset brought the vcpu to the handler. */
    void TrapInHandler(unsigned long offset) {
        Registers(0)->sepc = kHandler + offset;
        Registers(0)->scause = CAUSE_LOAD_PAGE;
        Registers(0)->stval = 0x123;
        vcpu->context.pc = kHandler;
        vcpu->context.mstatus |= HOST_STATUS_SPP;
    }

    /* The hart's timer interrupts the vcpu `count` times, a look apart. */
    void Look(unsigned count) {
        for (unsigned index = 0; index < count && guest_is_running(guest); index++) {
            host_clock_set(host_clock() + kLook);
            (void)Interrupt(vcpu);
        }
    }

    struct guest *guest;
    struct vcpu *vcpu;
};

TEST_F(Watch, AHandlerThatTrapsForEverIsFoundAtTheThirdLook) {
    RunOne();
    TrapInHandler(0);
    Look(2);
    EXPECT_TRUE(guest_is_running(guest));
    Look(1);
    EXPECT_EQ(guest->state, static_cast<uint32_t>(GUEST_CRASHED));
    std::string log = Log();
    EXPECT_NE(log.find("guest one: crashed: its vcpu 0 traps for ever in its trap handler: load page fault (cause 13, "
                       "value 0x123) at 0x8000; it stays off\n"),
              std::string::npos)
        << log;
}

TEST_F(Watch, AlsoIfItsFirstInstructionsWork) {
    RunOne();
    TrapInHandler(60);
    vcpu->context.pc = kHandler + 32;
    Look(3);
    EXPECT_EQ(guest->state, static_cast<uint32_t>(GUEST_CRASHED));
}

TEST_F(Watch, TheLooksHaveToBeInARow) {
    RunOne();
    for (unsigned round = 0; round < 5; round++) {
        TrapInHandler(0);
        Look(2);
        vcpu->context.pc = 0x1000;
        Look(1);
    }
    EXPECT_TRUE(guest_is_running(guest));
}

TEST_F(Watch, LooksAreAWhileApart) {
    RunOne();
    TrapInHandler(0);
    for (unsigned index = 0; index < 99; index++) {
        host_clock_set(host_clock() + kLook / 50);
        ASSERT_EQ(Interrupt(vcpu), vcpu);
    }
    EXPECT_EQ(vcpu->watch.trapped, 1u);
}

/* What healthy guests look like: an interrupt there, a trap from user mode, a handler that has got further, a handler
 * that has returned. */
TEST_F(Watch, HealthyGuestsAreLeftAlone) {
    RunOne();
    TrapInHandler(0);
    Registers(0)->scause = ~(~0ul >> 1) | 5;
    Look(10);
    TrapInHandler(0);
    Registers(0)->sepc = 0x1000;
    Look(10);
    TrapInHandler(0);
    vcpu->context.pc = kHandler + WATCH_PROLOGUE_SIZE;
    Look(10);
    TrapInHandler(0);
    Registers(0)->sepc = kHandler - 2;
    Look(10);
    TrapInHandler(0);
    vcpu->context.mstatus &= ~HOST_STATUS_SPP;
    Look(10);
    TrapInHandler(0);
    vcpu->context.mstatus &= ~HOST_STATUS_MPP;
    Look(10);
    EXPECT_TRUE(guest_is_running(guest));
    EXPECT_EQ(Log(), "");
}

TEST_F(Watch, AHartThatReportsDoubleTrapsIsNotDisturbed) {
    RunOne({}, kFeatures | HART_DOUBLE_TRAP);
    (void)Call(vcpu, SBI_FWFT, 0, {3, 1, 0});
    EXPECT_EQ(Registers(0)->timer, UINT64_MAX);
    (void)Call(vcpu, SBI_FWFT, 0, {3, 0, 0});
    EXPECT_EQ(Registers(0)->timer, host_clock() + kLook + kGrace);
}

/* The turns are short enough to look in between. */
TEST_F(Watch, ThoseThatShareAHartFeelNoTimerOfIt) {
    constexpr uint64_t kSlice = RUN_QUEUE_SLICE_MS * kMillisecond;
    Start(1);
    MakeGuests({{.name = "one"}, {.name = "two"}});
    struct vcpu *running = Resume();
    ASSERT_NE(running, nullptr);
    host_clock_set(host_clock() + kSlice);
    running = Interrupt(running);
    for (unsigned turn = 0; turn < 100; turn++) {
        ASSERT_NE(running, nullptr);
        ASSERT_EQ(Registers(0)->timer, host_clock() + kSlice) << "nothing but the end of the turn";
        host_clock_set(host_clock() + kSlice);
        running = Interrupt(running);
    }
    for (uint32_t index = 0; index < 2; index++) {
        struct vcpu *vcpu_of_both = guests[index]->vcpus[0];
        uint64_t ran = vcpu_run_ticks(vcpu_of_both, VCPU_RUNNING, host_clock());
        EXPECT_GE(ran, 49 * kSlice);
        EXPECT_GT(vcpu_of_both->watch.look_at, ran) << "it was looked at on the way";
    }
}

TEST_F(Watch, WithoutAWatchdogAGuestMayBeSilent) {
    RunOne();
    Look(100);
    EXPECT_TRUE(guest_is_running(guest));
}

TEST_F(Watch, ASilentGuestWithAWatchdogIsHung) {
    RunOne({.restart = MANIFEST_RESTARTS_ON_CRASH, .watchdog_ms = 500});
    vcpu->context.pc = 0x4242;
    Look(4);
    EXPECT_TRUE(guest_is_running(guest));
    Look(2);
    EXPECT_EQ(guest->boots, 2u);
    std::string log = Log();
    EXPECT_NE(log.find("guest one: hung: its vcpu 0 had the hart for 500 ms without a sign of life, last at 0x4242; it "
                       "starts again in 100 ms\n"),
              std::string::npos)
        << log;
}

TEST_F(Watch, SettingTheTimerIsASignOfLife) {
    for (uint32_t features : {kFeatures, kFeatures | HART_SSTC}) {
        RunOne({.watchdog_ms = 500}, features);
        Registers(0)->sie = INTERRUPT_TIMER;
        for (unsigned index = 0; index < 20; index++) {
            (void)Call(vcpu, SBI_TIME, 0, {host_clock() + 1000 * kTicksPerSecond, 0});
            Look(4);
        }
        EXPECT_TRUE(guest_is_running(guest));
        Look(7);
        EXPECT_FALSE(guest_is_running(guest)) << "and setting it once is no sign for ever";
        TearDown();
    }
}

TEST_F(Watch, WaitingIsASignOfLife) {
    RunOne({.watchdog_ms = 500});
    Registers(0)->sie = INTERRUPT_SOFTWARE;
    for (unsigned index = 0; index < 20; index++) {
        Look(4);
        ASSERT_EQ(Trap(vcpu, CAUSE_ILLEGAL_INSTRUCTION, 0x10500073), nullptr) << "its WFIs come to the kernel";
        vcpu_post(vcpu, VCPU_REQUEST_IPI);
        ASSERT_EQ(Resume(), vcpu);
        Registers(0)->mip = 0;
    }
    EXPECT_TRUE(guest_is_running(guest));
}

/* A vcpu in WFI with an interrupt that it does not take does not wait. */
TEST_F(Watch, WaitingForWhatIsThereIsNoSign) {
    RunOne({.watchdog_ms = 500});
    Registers(0)->sie = INTERRUPT_SOFTWARE;
    Registers(0)->mip = INTERRUPT_SOFTWARE;
    for (unsigned index = 0; index < 6; index++) {
        Look(1);
        if (guest_is_running(guest)) {
            (void)Trap(vcpu, CAUSE_ILLEGAL_INSTRUCTION, 0x10500073);
        }
    }
    EXPECT_FALSE(guest_is_running(guest));
}

TEST_F(Watch, NorIsASuspendThatDoesNotWait) {
    RunOne({.watchdog_ms = 500});
    for (unsigned index = 0; index < 6; index++) {
        Look(1);
        if (guest_is_running(guest)) {
            Registers(0)->sie = INTERRUPT_SOFTWARE;
            Registers(0)->mip = INTERRUPT_SOFTWARE;
            ASSERT_EQ(CallAway(vcpu, SBI_HSM, 3, {0x80000000, guest->base.value, 0}), vcpu);
            EXPECT_EQ(vcpu->context.pc, guest->base.value);
        }
    }
    EXPECT_FALSE(guest_is_running(guest));
}

TEST_F(Watch, TimeOnlyCountsOnTheHart) {
    Start(1);
    MakeGuests({{.name = "one", .watchdog_ms = 500}, {.name = "other"}});
    for (unsigned turn = 0; turn < 150; turn++) {
        ASSERT_NE(Resume(), nullptr);
        host_clock_set(host_clock() + 5 * kMillisecond);
    }
    EXPECT_TRUE(guest_is_running(guests[0])) << "it had half of 750 ms";
    for (unsigned turn = 0; turn < 150; turn++) {
        ASSERT_NE(Resume(), nullptr);
        host_clock_set(host_clock() + 5 * kMillisecond);
    }
    EXPECT_FALSE(guest_is_running(guests[0]));
}

TEST_F(Watch, ANewLifeIsWatchedAnew) {
    RunOne({.restart = MANIFEST_RESTARTS_ALWAYS, .watchdog_ms = 500});
    Look(4);
    (void)CallAway(vcpu, SBI_SRST, 0, {1, 0});
    ASSERT_TRUE(guest_is_running(guest));
    Look(4);
    EXPECT_TRUE(guest_is_running(guest));
}

} // namespace
