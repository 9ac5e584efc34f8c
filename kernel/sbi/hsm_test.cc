/* hsm: the states of a guest's harts, every step of the way, also where two ask at once (SBI v3.0, "Hart State
 * Management"). */
#include "kernel/kernel_fixture.h"

namespace {

constexpr unsigned long kAll = ~0ul;
enum { kStart = 0, kStop = 1, kStatus = 2, kSuspend = 3 };
constexpr unsigned long kRetentive = 0;
constexpr unsigned long kNonRetentive = 0x80000000;

class Hsm : public KernelFixture {
  public:
    void StartGuest(uint32_t vcpus, uint32_t hart_count, uint32_t features = kFeatures) {
        Start(hart_count, features);
        guest = RunGuest({.vcpus = vcpus});
        base = guest->base.value;
    }

    SbiAnswer Do(uint32_t id, unsigned long function, std::vector<unsigned long> arguments) {
        return Call(guest->vcpus[id], SBI_HSM, function, arguments);
    }

    unsigned long Status(uint32_t id) {
        SbiAnswer answer = Do(0, kStatus, {id});
        EXPECT_EQ(answer.error, SBI_SUCCESS);
        return answer.value;
    }

    struct vcpu *ResumeOn(uint32_t hart) {
        Become(hart);
        struct vcpu *vcpu = Resume();
        Become(0);
        return vcpu;
    }

    struct vcpu *AwayOn(uint32_t hart, uint32_t id, unsigned long function,
                        const std::vector<unsigned long> &arguments) {
        Become(hart);
        struct vcpu *next = CallAway(guest->vcpus[id], SBI_HSM, function, arguments);
        Become(0);
        return next;
    }

    struct guest *guest = nullptr;
    uint64_t base = 0;
};

TEST_F(Hsm, StartEntersWhereItWasToldInSupervisorModeWithEverythingElseClear) {
    StartGuest(2, 2);
    EXPECT_EQ(Status(1), static_cast<unsigned long>(VCPU_HSM_STOPPED));
    EXPECT_EQ(Do(0, kStart, {1, base + 0x1000, 0xabcd}), (SbiAnswer{0, 0}));
    EXPECT_EQ(Status(1), static_cast<unsigned long>(VCPU_HSM_START_PENDING));
    uint32_t fetches = Registers(1)->fetch_flushes;
    ASSERT_EQ(ResumeOn(1), guest->vcpus[1]);
    const struct context &context = guest->vcpus[1]->context;
    EXPECT_EQ(context.pc, base + 0x1000);
    EXPECT_EQ(context.x[REG_A0], 1u);
    EXPECT_EQ(context.x[REG_A1], 0xabcdu);
    EXPECT_EQ(context.mstatus & HOST_STATUS_MPP, HOST_STATUS_MPP_S);
    EXPECT_EQ(context.mstatus & (HOST_STATUS_SIE | HOST_STATUS_FS), 0u);
    EXPECT_EQ(Registers(1)->satp, 0u);
    EXPECT_EQ(Registers(1)->fetch_flushes, fetches + 1) << "its code was written by another hart";
    EXPECT_EQ(Status(1), static_cast<unsigned long>(VCPU_HSM_STARTED));
}

TEST_F(Hsm, StartRefusesHartsAndAddressesThatAreNone) {
    StartGuest(2, 1);
    for (unsigned long id : {2ul, 64ul, kAll, 1ul << 32}) {
        EXPECT_EQ(Do(0, kStart, {id, base, 0}), (SbiAnswer{SBI_ERR_INVALID_PARAM, 0}));
        EXPECT_EQ(Do(0, kStatus, {id}), (SbiAnswer{SBI_ERR_INVALID_PARAM, 0}));
    }
    for (unsigned long address : {0ul, base - 2, base + 1, base + kGuestSize, base + kGuestSize - 1, kAll, kAll - 1}) {
        EXPECT_EQ(Do(0, kStart, {1, address, 0}), (SbiAnswer{SBI_ERR_INVALID_ADDRESS, 0}));
    }
    EXPECT_EQ(Do(0, kStart, {0, base, 0}), (SbiAnswer{SBI_ERR_ALREADY_AVAILABLE, 0}));
    EXPECT_EQ(Do(0, kStart, {1, base + kGuestSize - 2, 0}), (SbiAnswer{0, 0}));
    EXPECT_EQ(Do(0, kStart, {1, base, 0}), (SbiAnswer{SBI_ERR_ALREADY_AVAILABLE, 0}));
    EXPECT_EQ(guest->vcpus[1]->start_pc, base + kGuestSize - 2) << "who came second changed nothing";
}

TEST_F(Hsm, StoppedAndStartedAgainItIsAsNew) {
    StartGuest(2, 2);
    StartVcpu(guest->vcpus[0], 1);
    ASSERT_EQ(ResumeOn(1), guest->vcpus[1]);
    guest->vcpus[1]->context.x[9] = 42;
    Registers(1)->sscratch = 42;
    Registers(1)->mip = INTERRUPT_SOFTWARE;
    EXPECT_EQ(AwayOn(1, 1, kStop, {}), nullptr);
    EXPECT_EQ(Status(1), static_cast<unsigned long>(VCPU_HSM_STOPPED));
    EXPECT_EQ(harts[1]->current, nullptr);
    StartVcpu(guest->vcpus[0], 1);
    ASSERT_EQ(ResumeOn(1), guest->vcpus[1]);
    EXPECT_EQ(guest->vcpus[1]->context.x[9], 0u);
    EXPECT_EQ(Registers(1)->sscratch, 0u);
    EXPECT_EQ(Registers(1)->mip, 0u);
}

TEST_F(Hsm, AnIpiToAStoppedOneDoesNotWakeIt) {
    StartGuest(2, 2);
    EXPECT_EQ(Call(guest->vcpus[0], SBI_IPI, 0, {2, 0}), (SbiAnswer{0, 0}));
    EXPECT_EQ(ResumeOn(1), nullptr);
    EXPECT_EQ(Status(1), static_cast<unsigned long>(VCPU_HSM_STOPPED));
}

TEST_F(Hsm, AnIpiAfterAStartArrives) {
    StartGuest(2, 2);
    StartVcpu(guest->vcpus[0], 1);
    EXPECT_EQ(Call(guest->vcpus[0], SBI_IPI, 0, {2, 0}), (SbiAnswer{0, 0}));
    ASSERT_EQ(ResumeOn(1), guest->vcpus[1]);
    EXPECT_EQ(Registers(1)->mip, static_cast<unsigned long>(INTERRUPT_SOFTWARE));
}

TEST_F(Hsm, TheLastToStopEndsTheGuest) {
    StartGuest(2, 1);
    StartVcpu(guest->vcpus[0], 1);
    struct vcpu *next = CallAway(guest->vcpus[0], SBI_HSM, kStop, {});
    ASSERT_EQ(next, guest->vcpus[1]);
    EXPECT_TRUE(guest_is_running(guest));
    EXPECT_EQ(CallAway(next, SBI_HSM, kStop, {}), nullptr);
    EXPECT_EQ(end, HOST_HALTED);
    EXPECT_EQ(guest->state, static_cast<uint32_t>(GUEST_STOPPED));
}

TEST_F(Hsm, OneOfThePairStartsTheOtherWhileThatStops) {
    StartGuest(2, 2);
    StartVcpu(guest->vcpus[0], 1);
    ASSERT_EQ(ResumeOn(1), guest->vcpus[1]);
    EXPECT_EQ(Do(0, kStart, {1, base, 0}), (SbiAnswer{SBI_ERR_ALREADY_AVAILABLE, 0})) << "before the stop";
    EXPECT_EQ(AwayOn(1, 1, kStop, {}), nullptr);
    EXPECT_EQ(Do(0, kStart, {1, base + 2, 7}), (SbiAnswer{0, 0})) << "after it";
    EXPECT_EQ(CallAway(guest->vcpus[0], SBI_HSM, kStop, {}), nullptr) << "not the last: hart 1 is on its way";
    EXPECT_EQ(end, HOST_SLEEPS);
    ASSERT_EQ(ResumeOn(1), guest->vcpus[1]);
    EXPECT_EQ(guest->vcpus[1]->context.pc, base + 2);
}

TEST_F(Hsm, AStartThatTheEndOfTheGuestOvertakesIsVoid) {
    StartGuest(2, 2);
    StartVcpu(guest->vcpus[0], 1);
    struct guest_end reboot = {};
    reboot.kind = GUEST_END_REBOOT;
    guest_stop(guest, &reboot);
    EXPECT_EQ(ResumeOn(1), nullptr);
    EXPECT_EQ(guest->vcpus[1]->run, VCPU_OFF);
    ASSERT_EQ(Resume(), guest->vcpus[0]) << "its next life";
    EXPECT_EQ(ResumeOn(1), nullptr);
    EXPECT_EQ(Status(1), static_cast<unsigned long>(VCPU_HSM_STOPPED));
    EXPECT_EQ(guest->started, 1u);
}

/* The mail of the last life is read in the next one. */
TEST_F(Hsm, AStartThatIsReadInTheNextLifeIsVoid) {
    StartGuest(2, 2);
    vcpu_post(guest->vcpus[1], VCPU_REQUEST_START);
    EXPECT_EQ(ResumeOn(1), nullptr);
    EXPECT_EQ(guest->vcpus[1]->run, VCPU_OFF);
    EXPECT_EQ(Status(1), static_cast<unsigned long>(VCPU_HSM_STOPPED));
}

TEST_F(Hsm, RetentiveSuspendReturnsWhenSomethingIsPending) {
    StartGuest(2, 2);
    StartVcpu(guest->vcpus[0], 1);
    ASSERT_EQ(ResumeOn(1), guest->vcpus[1]);
    Registers(1)->sie = INTERRUPT_SOFTWARE;
    unsigned long pc = guest->vcpus[1]->context.pc;
    EXPECT_EQ(AwayOn(1, 1, kSuspend, {kRetentive}), nullptr);
    EXPECT_EQ(Status(1), static_cast<unsigned long>(VCPU_HSM_SUSPENDED));
    EXPECT_EQ(Call(guest->vcpus[0], SBI_IPI, 0, {2, 0}), (SbiAnswer{0, 0}));
    ASSERT_EQ(ResumeOn(1), guest->vcpus[1]);
    EXPECT_EQ(Status(1), static_cast<unsigned long>(VCPU_HSM_STARTED));
    EXPECT_EQ(guest->vcpus[1]->context.pc, pc + 4);
    EXPECT_EQ(guest->vcpus[1]->context.x[REG_A0], 0u);
}

TEST_F(Hsm, SuspendWithSomethingPendingDoesNotSleep) {
    StartGuest(1, 1);
    Registers(0)->sie = INTERRUPT_SOFTWARE;
    Registers(0)->mip = INTERRUPT_SOFTWARE;
    EXPECT_EQ(Do(0, kSuspend, {kRetentive}), (SbiAnswer{0, 0}));
    EXPECT_EQ(CallAway(guest->vcpus[0], SBI_HSM, kSuspend, {kNonRetentive, base + 8, 77}), guest->vcpus[0]);
    EXPECT_EQ(guest->vcpus[0]->context.pc, base + 8);
    EXPECT_EQ(guest->vcpus[0]->context.x[REG_A1], 77u);
    EXPECT_EQ(Registers(0)->mip, static_cast<unsigned long>(INTERRUPT_SOFTWARE))
        << "what woke it is there for it to see";
    EXPECT_EQ(Status(0), static_cast<unsigned long>(VCPU_HSM_STARTED));
}

TEST_F(Hsm, NonRetentiveSuspendGoesOnAnewAndSeesWhatWokeIt) {
    StartGuest(2, 2);
    StartVcpu(guest->vcpus[0], 1);
    ASSERT_EQ(ResumeOn(1), guest->vcpus[1]);
    Registers(1)->sie = INTERRUPT_SOFTWARE;
    Registers(1)->satp = 0x77;
    guest->vcpus[1]->context.x[9] = 42;
    EXPECT_EQ(AwayOn(1, 1, kSuspend, {kNonRetentive, base + 0x40, 0x99}), nullptr);
    EXPECT_EQ(Call(guest->vcpus[0], SBI_IPI, 0, {2, 0}), (SbiAnswer{0, 0}));
    ASSERT_EQ(ResumeOn(1), guest->vcpus[1]);
    EXPECT_EQ(guest->vcpus[1]->context.pc, base + 0x40);
    EXPECT_EQ(guest->vcpus[1]->context.x[REG_A0], 1u);
    EXPECT_EQ(guest->vcpus[1]->context.x[REG_A1], 0x99u);
    EXPECT_EQ(guest->vcpus[1]->context.x[9], 0u);
    EXPECT_EQ(Registers(1)->satp, 0u);
    EXPECT_EQ(Registers(1)->mip, static_cast<unsigned long>(INTERRUPT_SOFTWARE));
}

/* Mail that is read while another vcpu has the hart finds it saved; the same must come out. */
TEST_F(Hsm, NonRetentiveSuspendWakesTheSameOffTheHart) {
    StartGuest(2, 1);
    StartVcpu(guest->vcpus[0], 1);
    Registers(0)->sie = INTERRUPT_SOFTWARE;
    struct vcpu *other = CallAway(guest->vcpus[0], SBI_HSM, kSuspend, {kNonRetentive, base + 0x40, 0x99});
    ASSERT_EQ(other, guest->vcpus[1]);
    EXPECT_EQ(Call(other, SBI_IPI, 0, {1, 0}), (SbiAnswer{0, 0}));
    host_clock_set(host_clock() + 100 * kMillisecond);
    ASSERT_EQ(Interrupt(other), guest->vcpus[0]);
    EXPECT_EQ(guest->vcpus[0]->context.pc, base + 0x40);
    EXPECT_EQ(Registers(0)->mip, static_cast<unsigned long>(INTERRUPT_SOFTWARE));
}

TEST_F(Hsm, NonRetentiveSuspendKeepsTheTimer) {
    for (uint32_t features : {uint32_t{kFeatures}, uint32_t{kFeatures | HART_SSTC}}) {
        StartGuest(1, 1, features);
        uint64_t deadline = host_clock() + kMillisecond;
        Registers(0)->sie = INTERRUPT_TIMER;
        EXPECT_EQ(Call(guest->vcpus[0], SBI_TIME, 0, {deadline}), (SbiAnswer{0, 0}));
        ASSERT_EQ(CallAway(guest->vcpus[0], SBI_HSM, kSuspend, {kNonRetentive, base + 0x40, 0}), guest->vcpus[0]);
        EXPECT_GE(host_clock(), deadline);
        Registers(0)->sie = INTERRUPT_TIMER;
        EXPECT_NE(arch_context_wakeups() & INTERRUPT_TIMER, 0u) << "the timer that woke it has still gone off";
        TearDown();
    }
}

TEST_F(Hsm, SuspendChecksTypeAndAddress) {
    StartGuest(1, 1);
    /* Reserved ones, and a platform's own, of which there are none. */
    for (unsigned long type :
         {1ul, 0xffffffful, 0x80000001ul, 0x8ffffffful, 0x10000000ul, 0x7ffffffful, 0x90000000ul, 0xfffffffful}) {
        EXPECT_EQ(Do(0, kSuspend, {type, base, 0}), (SbiAnswer{SBI_ERR_INVALID_PARAM, 0}));
    }
    for (unsigned long address : {0ul, base + 1, base - 2, base + kGuestSize, kAll}) {
        EXPECT_EQ(Do(0, kSuspend, {kNonRetentive, address, 0}), (SbiAnswer{SBI_ERR_INVALID_ADDRESS, 0}));
    }
    EXPECT_FALSE(guest->vcpus[0]->resumes_anew);
}

TEST_F(Hsm, ARebootTakesASuspendedOneAlong) {
    StartGuest(2, 2);
    StartVcpu(guest->vcpus[0], 1);
    ASSERT_EQ(ResumeOn(1), guest->vcpus[1]);
    EXPECT_EQ(AwayOn(1, 1, kSuspend, {kNonRetentive, base, 0}), nullptr);
    EXPECT_EQ(CallAway(guest->vcpus[0], SBI_SRST, 0, {1, 0}), nullptr);
    EXPECT_EQ(ResumeOn(1), nullptr);
    ASSERT_EQ(Resume(), guest->vcpus[0]);
    StartVcpu(guest->vcpus[0], 1);
    ASSERT_EQ(ResumeOn(1), guest->vcpus[1]);
    Registers(1)->sie = INTERRUPT_SOFTWARE;
    unsigned long pc = guest->vcpus[1]->context.pc;
    EXPECT_EQ(AwayOn(1, 1, kSuspend, {kRetentive}), nullptr);
    vcpu_post(guest->vcpus[1], VCPU_REQUEST_IPI);
    ASSERT_EQ(ResumeOn(1), guest->vcpus[1]);
    EXPECT_EQ(guest->vcpus[1]->context.pc, pc + 4) << "nothing of the last life's suspend is left";
}

} // namespace
