/* guest: its states, restarts as the policy says, orders from the console, and that a hundred ends leave nothing
 * behind. */
#include "kernel/kernel_fixture.h"

extern "C" {
#include "kernel/guest/statistics.h"
}

namespace {

class Guest : public KernelFixture {
  public:
    /* Two guests on one hart, both running; the first has the plan. Returns the first's vcpu, which is live. */
    struct guest *RunBeside(const GuestPlan &plan, uint32_t harts = 1) {
        Start(harts);
        MakeGuests({plan, {.name = "other"}});
        for (unsigned turn = 0; turn < 1000 && !(guest_is_running(guests[0]) && guest_is_running(guests[1])); turn++) {
            for (uint32_t index = 0; index < harts; index++) {
                Become(index);
                (void)Resume();
            }
            Advance(5 * kMillisecond);
        }
        Become(0);
        EXPECT_TRUE(RunUntil(guests[0]->vcpus[0]));
        DropLog();
        return guests[0];
    }

    /* Resumes hart 0 until the vcpu is on it. */
    bool RunUntil(const struct vcpu *vcpu) {
        for (unsigned turn = 0; turn < 1000; turn++) {
            if (Resume() == vcpu) {
                return true;
            }
            Advance(5 * kMillisecond);
        }
        return false;
    }

    /* Resumes until the state is reached. */
    bool RunUntilState(const struct guest *guest, enum guest_state state) {
        for (unsigned turn = 0; turn < 1000 && guest->state != state; turn++) {
            (void)Resume();
            Advance(5 * kMillisecond);
        }
        return guest->state == state;
    }

    static void Advance(uint64_t ticks) {
        host_clock_set(host_clock() + ticks);
    }

    /* The guest's vcpu 0, live, takes a trap that it cannot take. */
    void Crash(struct guest *guest) {
        ASSERT_TRUE(RunUntil(guest->vcpus[0]));
        Registers(0)->stvec = 0x4000;
        guest->vcpus[0]->context.pc = 0x4000;
        guest->vcpus[0]->context.x[REG_SP] = 0xabcdef;
        (void)Trap(guest->vcpus[0], CAUSE_FETCH_ACCESS, 0x4000);
    }

    static bool Contains(const std::string &text, const std::string &part) {
        return text.find(part) != std::string::npos;
    }
};

TEST_F(Guest, NeverMeansThatACrashIsTheEnd) {
    struct guest *guest = RunBeside({.restart = MANIFEST_RESTARTS_NEVER});
    Crash(guest);
    EXPECT_EQ(guest->state, static_cast<uint32_t>(GUEST_CRASHED));
    std::string log = Log();
    EXPECT_TRUE(Contains(log, "at 0x4000, its trap handler; it stays off\n")) << log;
    EXPECT_TRUE(Contains(log, "one  pc   0000000000004000  ra ")) << log;
    EXPECT_TRUE(Contains(log, "sp   0000000000abcdef")) << log;
    EXPECT_TRUE(Contains(log, "stvec 0000000000004000")) << "also what was in the hart's CSRs: " << log;
    EXPECT_EQ(guest->end.cause, static_cast<unsigned long>(CAUSE_FETCH_ACCESS));
    EXPECT_EQ(guest->end.pc, 0x4000u);
    EXPECT_EQ(guest->end_registers.x[REG_SP], 0xabcdefu);
}

TEST_F(Guest, OnCrashRestartsAfterTheWaitAndNotBefore) {
    struct guest *guest = RunBeside({.restart = MANIFEST_RESTARTS_ON_CRASH, .backoff_ms = 300});
    Crash(guest);
    EXPECT_EQ(guest->state, static_cast<uint32_t>(GUEST_RESTARTING));
    EXPECT_STREQ(guest_state_text(guest), "restarting");
    EXPECT_TRUE(Contains(Log(), "; it starts again in 300 ms\n"));
    uint64_t due = guest->restart_at;
    EXPECT_EQ(due, host_clock() + 300 * kMillisecond);
    host_clock_set(due - 1);
    (void)Resume();
    EXPECT_EQ(guest->state, static_cast<uint32_t>(GUEST_RESTARTING));
    EXPECT_LE(Registers(0)->timer, due) << "the hart wakes for it";
    host_clock_set(due);
    EXPECT_TRUE(RunUntilState(guest, GUEST_RUNNING));
    EXPECT_EQ(guest->boots, 2u);
    EXPECT_TRUE(Contains(Log(), "guest one: started again from its image, boot 2\n"));
}

TEST_F(Guest, AHartWithNothingElseToDoWakesForTheRestart) {
    Start(1);
    struct guest *guest = RunGuest({.restart = MANIFEST_RESTARTS_ON_CRASH});
    uint64_t before = host_clock();
    Crash(guest);
    ASSERT_TRUE(RunUntil(guest->vcpus[0]));
    EXPECT_GE(host_clock(), before + 100 * kMillisecond);
    EXPECT_EQ(guest->boots, 2u);
}

TEST_F(Guest, OnCrashLeavesOneThatShutsDownOff) {
    struct guest *guest = RunBeside({.restart = MANIFEST_RESTARTS_ON_CRASH});
    (void)CallAway(guest->vcpus[0], SBI_SRST, 0, {0, 0});
    EXPECT_EQ(guest->state, static_cast<uint32_t>(GUEST_STOPPED));
}

TEST_F(Guest, OnCrashTakesAShutdownForFailureAsOne) {
    struct guest *guest = RunBeside({.restart = MANIFEST_RESTARTS_ON_CRASH});
    (void)CallAway(guest->vcpus[0], SBI_SRST, 0, {0, 1});
    EXPECT_EQ(guest->state, static_cast<uint32_t>(GUEST_RESTARTING));
}

TEST_F(Guest, AlwaysRestartsOneThatShutsDown) {
    struct guest *guest = RunBeside({.restart = MANIFEST_RESTARTS_ALWAYS});
    (void)CallAway(guest->vcpus[0], SBI_SRST, 0, {0, 0});
    EXPECT_TRUE(RunUntilState(guest, GUEST_RUNNING));
    EXPECT_EQ(guest->boots, 2u);
}

TEST_F(Guest, TheLimitEndsIt) {
    struct guest *guest = RunBeside({.restart = MANIFEST_RESTARTS_ALWAYS, .backoff_ms = 10, .restart_limit = 2});
    Crash(guest);
    EXPECT_TRUE(Contains(Log(), "it starts again in 10 ms, restart 1 of 2 in a row\n"));
    Crash(guest);
    EXPECT_TRUE(Contains(Log(), "it starts again in 20 ms, restart 2 of 2 in a row\n"));
    Crash(guest);
    EXPECT_TRUE(Contains(Log(), "; it stays off after 2 restarts in a row\n"));
    EXPECT_EQ(guest->state, static_cast<uint32_t>(GUEST_CRASHED));
    EXPECT_TRUE(guest_is_running(guests[1]));
}

/* Resets in a loop: how many lines in how much time. */
TEST_F(Guest, OneThatResetsInALoopWritesLessAndLess) {
    struct guest *guest = RunBeside({.backoff_ms = MANIFEST_BACKOFF_MIN_MS});
    uint64_t begin = host_clock();
    unsigned lines = 0;
    while (host_clock() < begin + 100 * kTicksPerSecond) {
        ASSERT_TRUE(RunUntil(guest->vcpus[0]) || guest->state == GUEST_RESTARTING);
        if (guest_is_running(guest)) {
            (void)CallAway(guest->vcpus[0], SBI_SRST, 0, {1, 0});
        }
        std::string log = Log();
        lines += static_cast<unsigned>(std::count(log.begin(), log.end(), '\n'));
    }
    EXPECT_GT(lines, 10u);
    EXPECT_LT(lines, 40u);
    EXPECT_TRUE(guest_is_running(guests[1]));
}

TEST_F(Guest, PausedItKeepsStillAndGoesOnWhereItWas) {
    struct guest *guest = RunBeside({});
    struct vcpu *vcpu = guest->vcpus[0];
    Registers(0)->sscratch = 0x5151;
    vcpu->context.pc = 0x1230;
    guest_obey(guest, GUEST_ORDER_PAUSE);
    EXPECT_STREQ(guest_state_text(guest), "paused");
    for (unsigned turn = 0; turn < 20; turn++) {
        EXPECT_EQ(Resume(), guests[1]->vcpus[0]);
        Advance(5 * kMillisecond);
    }
    guest_obey(guest, GUEST_ORDER_PAUSE);
    ASSERT_TRUE(RunUntil(vcpu));
    EXPECT_EQ(vcpu->context.pc, 0x1230u);
    EXPECT_EQ(Registers(0)->sscratch, 0x5151u);
    EXPECT_EQ(Log(), "guest one: paused from the console\nguest one: goes on from the console\n");
}

TEST_F(Guest, PausedAloneItLetsTheHartSleep) {
    Start(1);
    struct guest *guest = RunGuest({});
    guest_obey(guest, GUEST_ORDER_PAUSE);
    EXPECT_EQ(Resume(), nullptr);
    EXPECT_EQ(end, HOST_SLEEPS);
    EXPECT_EQ(harts[0]->current, nullptr);
}

TEST_F(Guest, PausedWhileItWaitsItLooksAfterwardsWhatHasCome) {
    Start(1);
    struct guest *guest = RunGuest({.watchdog_ms = 1000}); /* so that WFI comes to the kernel */
    struct vcpu *vcpu = guest->vcpus[0];
    EXPECT_EQ(Trap(vcpu, CAUSE_ILLEGAL_INSTRUCTION, 0x10500073), nullptr);
    EXPECT_EQ(vcpu->run, VCPU_WAITING);
    guest_obey(guest, GUEST_ORDER_PAUSE);
    EXPECT_EQ(Resume(), nullptr);
    EXPECT_EQ(vcpu->run, VCPU_PAUSED);
    vcpu_post(vcpu, VCPU_REQUEST_IPI);
    EXPECT_EQ(Resume(), nullptr) << "woken, but paused";
    guest_obey(guest, GUEST_ORDER_PAUSE);
    EXPECT_EQ(Resume(), vcpu);
    EXPECT_NE(Registers(0)->mip & INTERRUPT_SOFTWARE, 0u);
}

TEST_F(Guest, AStartThatAPauseOvertakesIsNotLost) {
    Start(2);
    struct guest *guest = RunGuest({.vcpus = 2});
    StartVcpu(guest->vcpus[0], 1);
    guest_obey(guest, GUEST_ORDER_PAUSE);
    Become(1);
    EXPECT_EQ(Resume(), nullptr);
    EXPECT_EQ(guest->vcpus[1]->run, VCPU_PAUSED);
    guest_obey(guest, GUEST_ORDER_PAUSE);
    EXPECT_EQ(Resume(), guest->vcpus[1]);
    Become(0);
}

TEST_F(Guest, StoppedFromTheConsoleItStaysOffWhateverItsPolicy) {
    struct guest *guest = RunBeside({.restart = MANIFEST_RESTARTS_ALWAYS});
    guest_obey(guest, GUEST_ORDER_PAUSE);
    guest_obey(guest, GUEST_ORDER_STOP);
    (void)Resume();
    EXPECT_EQ(guest->state, static_cast<uint32_t>(GUEST_STOPPED));
    DropLog();
    guest_obey(guest, GUEST_ORDER_STOP);
    guest_obey(guest, GUEST_ORDER_PAUSE);
    EXPECT_EQ(Log(),
              "guest one: is stopped and cannot be stopped now\nguest one: is stopped and cannot be paused now\n");
    guest_obey(guest, GUEST_ORDER_RESTART);
    EXPECT_TRUE(RunUntilState(guest, GUEST_RUNNING));
}

TEST_F(Guest, StoppedWhileItWaitsForARestart) {
    struct guest *guest = RunBeside({.restart = MANIFEST_RESTARTS_ALWAYS});
    Crash(guest);
    ASSERT_EQ(guest->state, static_cast<uint32_t>(GUEST_RESTARTING));
    guest_obey(guest, GUEST_ORDER_STOP);
    EXPECT_EQ(guest->state, static_cast<uint32_t>(GUEST_STOPPED));
    Advance(10 * kTicksPerSecond);
    (void)Resume();
    EXPECT_EQ(guest->state, static_cast<uint32_t>(GUEST_STOPPED));
    EXPECT_EQ(guest->boots, 1u);
}

TEST_F(Guest, RestartedWhileItWaitsForARestart) {
    struct guest *guest = RunBeside({.restart = MANIFEST_RESTARTS_ALWAYS, .backoff_ms = 60000});
    Crash(guest);
    uint64_t before = host_clock();
    guest_obey(guest, GUEST_ORDER_RESTART);
    EXPECT_TRUE(RunUntilState(guest, GUEST_RUNNING));
    EXPECT_LT(host_clock(), before + kTicksPerSecond);
}

TEST_F(Guest, AHundredEndsLeaveNothingBehindAndTheOtherAlone) {
    struct guest *guest = RunBeside({.vcpus = 3, .restart = MANIFEST_RESTARTS_ALWAYS, .backoff_ms = 10}, 2);
    struct guest *other = guests[1];
    std::memset(Memory(other->base.value), 0x77, kGuestSize);
    const struct region_statistics before = memory_statistics();
    const size_t ports = kernel_console.port_count;
    for (unsigned life = 1; life <= 100; life++) {
        Become(0);
        if (life % 2 == 0) {
            guest_obey(guest, GUEST_ORDER_RESTART);
        } else {
            Crash(guest);
        }
        for (unsigned turn = 0; turn < 100000 && guest->boots != life + 1; turn++) {
            Become(turn % 2);
            (void)Resume();
            Advance(50 * kMillisecond);
        }
        ASSERT_EQ(guest->boots, life + 1);
        ASSERT_TRUE(guest_is_running(other));
        DropLog();
    }
    const struct region_statistics after = memory_statistics();
    EXPECT_EQ(std::memcmp(&before, &after, sizeof before), 0);
    EXPECT_EQ(kernel_console.port_count, ports);
    EXPECT_EQ(guest_count, 2u);
    EXPECT_EQ(other->boots, 1u);
    const uint8_t *memory = Memory(other->base.value);
    EXPECT_EQ(std::count(memory, memory + kGuestSize, 0x77), static_cast<long>(kGuestSize));
    Become(0);
}

TEST_F(Guest, StatisticsSayWhatWasUsedAndHowItEnded) {
    struct guest *guest = RunBeside({.name = "web", .restart = MANIFEST_RESTARTS_ON_CRASH});
    DropLog();
    statistics_print();
    EXPECT_FALSE(Contains(Log(), "before:")) << "it has not ended yet";
    Crash(guest);
    ASSERT_EQ(guest->state, static_cast<uint32_t>(GUEST_RESTARTING));
    DropLog();
    statistics_print();
    EXPECT_TRUE(Contains(Log(), "    before: crashed: ")) << "while it waits for its restart, too";
    ASSERT_TRUE(RunUntil(guest->vcpus[0]));
    DropLog();
    statistics_print();
    std::string log = Log();
    EXPECT_TRUE(Contains(log, "  web              running, boot 2; ran ")) << log;
    EXPECT_TRUE(Contains(log, "    exits: timer 0, ipi 0, device interrupt 0, call 0, instruction 0, access 1, "))
        << log;
    EXPECT_TRUE(Contains(log, "    before: crashed: its vcpu 0 cannot take a trap")) << log;
    EXPECT_TRUE(Contains(log, "regions; 2 guests on the console")) << log;
}

} // namespace
