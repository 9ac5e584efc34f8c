/* FWFT: the one feature, what is refused, and what it changes about traps. */
#include "kernel/kernel_fixture.h"

namespace {

class Fwft : public KernelFixture {
  public:
    enum : unsigned long { kSet = 0, kGet = 1, kDoubleTrap = 3, kLock = 1 };
    static constexpr uint32_t kWithDoubleTrap = kFeatures | HART_DOUBLE_TRAP;

    void StartGuest(uint32_t features = kWithDoubleTrap) {
        Start(1, features);
        vcpu = RunGuest({})->vcpus[0];
        DropLog();
    }

    SbiAnswer Do(unsigned long function, std::vector<unsigned long> arguments) {
        return Call(vcpu, SBI_FWFT, function, arguments);
    }

    struct vcpu *vcpu;
};

TEST_F(Fwft, SetsAndGets) {
    StartGuest();
    EXPECT_EQ(Do(kGet, {kDoubleTrap}), (SbiAnswer{0, 0}));
    EXPECT_EQ(Do(kSet, {kDoubleTrap, 1, 0}), (SbiAnswer{0, 0}));
    EXPECT_EQ(Do(kGet, {kDoubleTrap}), (SbiAnswer{0, 1}));
    EXPECT_EQ(Do(kSet, {kDoubleTrap, 0, 0}), (SbiAnswer{0, 0}));
    EXPECT_EQ(Do(kGet, {kDoubleTrap}), (SbiAnswer{0, 0}));
}

TEST_F(Fwft, ALockHoldsForTheLife) {
    StartGuest();
    EXPECT_EQ(Do(kSet, {kDoubleTrap, 1, kLock}), (SbiAnswer{0, 0}));
    EXPECT_EQ(Do(kSet, {kDoubleTrap, 0, 0}), (SbiAnswer{SBI_ERR_DENIED_LOCKED, 0}));
    EXPECT_EQ(Do(kGet, {kDoubleTrap}), (SbiAnswer{0, 1}));
    ASSERT_EQ(CallAway(vcpu, SBI_SRST, 0, {1, 0}), vcpu);
    EXPECT_EQ(Do(kGet, {kDoubleTrap}), (SbiAnswer{0, 0}));
    EXPECT_EQ(Do(kSet, {kDoubleTrap, 1, 0}), (SbiAnswer{0, 0}));
}

/* "During non-retentive suspend, feature values are retained." */
TEST_F(Fwft, ASuspendKeepsIt) {
    StartGuest();
    EXPECT_EQ(Do(kSet, {kDoubleTrap, 1, kLock}), (SbiAnswer{0, 0}));
    Registers(0)->sie = INTERRUPT_SOFTWARE;
    Registers(0)->mip = INTERRUPT_SOFTWARE;
    ASSERT_EQ(CallAway(vcpu, SBI_HSM, 3, {0x80000000, guests[0]->base.value, 0}), vcpu);
    EXPECT_EQ(Do(kGet, {kDoubleTrap}), (SbiAnswer{0, 1}));
    EXPECT_EQ(Do(kSet, {kDoubleTrap, 0, 0}), (SbiAnswer{SBI_ERR_DENIED_LOCKED, 0}));
}

TEST_F(Fwft, RefusesWhatItDoesNotHave) {
    StartGuest();
    EXPECT_EQ(Do(kSet, {kDoubleTrap, 2, 0}), (SbiAnswer{SBI_ERR_INVALID_PARAM, 0}));
    EXPECT_EQ(Do(kSet, {kDoubleTrap, 1, 2}), (SbiAnswer{SBI_ERR_INVALID_PARAM, 0}));
    EXPECT_EQ(Do(2, {kDoubleTrap}), (SbiAnswer{SBI_ERR_NOT_SUPPORTED, 0}));
    for (unsigned long feature : {0ul, 1ul, 2ul, 4ul, 5ul}) {
        EXPECT_EQ(Do(kSet, {feature, 1, 0}), (SbiAnswer{SBI_ERR_NOT_SUPPORTED, 0})) << feature;
        EXPECT_EQ(Do(kGet, {feature}), (SbiAnswer{SBI_ERR_NOT_SUPPORTED, 0})) << feature;
    }
    for (unsigned long feature : {6ul, 0x3ffffffful, 0x40000000ul, 0x80000000ul, 0xfffffffful}) {
        EXPECT_EQ(Do(kSet, {feature, 1, 0}), (SbiAnswer{SBI_ERR_DENIED, 0})) << feature;
        EXPECT_EQ(Do(kGet, {feature}), (SbiAnswer{SBI_ERR_DENIED, 0})) << feature;
    }
}

TEST_F(Fwft, AHartWithoutSsdbltrpHasNone) {
    StartGuest(kFeatures);
    EXPECT_EQ(Do(kSet, {kDoubleTrap, 1, 0}), (SbiAnswer{SBI_ERR_NOT_SUPPORTED, 0}));
}

/* The trap that the kernel forwards is a trap like those of the hart. */
TEST_F(Fwft, AForwardedTrapCountsAsOne) {
    StartGuest();
    ASSERT_EQ(Do(kSet, {kDoubleTrap, 1, 0}), (SbiAnswer{0, 0}));
    Registers(0)->stvec = 0x4000;
    vcpu->context.pc = 0x1000;
    ASSERT_EQ(Trap(vcpu, CAUSE_FETCH_ACCESS, 0x1000), vcpu);
    EXPECT_NE(vcpu->context.mstatus & HOST_STATUS_SDT, 0u);
    vcpu->context.pc = 0x4040;
    EXPECT_EQ(Trap(vcpu, CAUSE_FETCH_ACCESS, 0x4040), nullptr);
    EXPECT_NE(Log().find("guest one: crashed: its vcpu 0 took a trap inside its trap handler: instruction access fault "
                         "(cause 1, value 0x4040) at 0x4040; it stays off"),
              std::string::npos);
}

TEST_F(Fwft, OneThatTheHartSendsSaysWhatItWas) {
    StartGuest();
    ASSERT_EQ(Do(kSet, {kDoubleTrap, 1, 0}), (SbiAnswer{0, 0}));
    Registers(0)->double_trap_cause = CAUSE_LOAD_PAGE;
    vcpu->context.pc = 0x4040;
    EXPECT_EQ(Trap(vcpu, CAUSE_DOUBLE_TRAP, 0x99), nullptr);
    EXPECT_NE(Log().find("load page fault (cause 13, value 0x99) at 0x4040"), std::string::npos);
}

} // namespace
