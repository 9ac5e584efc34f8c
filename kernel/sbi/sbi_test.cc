/* The SBI as a guest sees it: every function with right and wrong arguments (SBI v3.0), and calls made of random
 * numbers. */
#include "kernel/kernel_fixture.h"

#include <atomic>
#include <random>
#include <thread>

namespace {

constexpr unsigned long kAll = ~0ul;

class Sbi : public KernelFixture {
  public:
    /* A guest with vcpus on several harts; vcpu 0 is live on hart 0. */
    void StartGuest(uint32_t vcpus, uint32_t hart_count = 1, uint32_t features = kFeatures) {
        Start(hart_count, features);
        guest = RunGuest({.vcpus = vcpus});
        vcpu = guest->vcpus[0];
        base = guest->base.value;
    }

    SbiAnswer Do(unsigned long extension, unsigned long function, std::vector<unsigned long> arguments = {}) {
        return Call(vcpu, extension, function, arguments);
    }

    /* The call that SetCall has prepared, by the fast path. */
    enum guest_left Fast() {
        unsigned long function = vcpu->context.x[REG_A6];
        unsigned long extension = vcpu->context.x[REG_A7];
        return guest_call_own(&vcpu->context, function, extension)
                   ? GUEST_LEFT_NOTHING
                   : guest_call_fast(&vcpu->context, function, extension);
    }

    static SbiAnswer Error(enum sbi_error error) {
        return {error, 0};
    }

    static SbiAnswer Value(unsigned long value) {
        return {SBI_SUCCESS, value};
    }

    uint32_t Requests(uint32_t id) const {
        return guest->vcpus[id]->requests;
    }

    /* A vcpu of another hart comes to run there; the calling thread stays hart 0. */
    void RunOn(uint32_t hart, struct vcpu *expected) {
        Become(hart);
        EXPECT_EQ(Resume(), expected);
        Become(0);
    }

    std::string Printed() {
        std::string text(PORT_OUTPUT_SIZE, '\0');
        text.resize(port_take_output(&guest->port, text.data(), text.size()));
        return text;
    }

    struct guest *guest = nullptr;
    struct vcpu *vcpu = nullptr;
    uint64_t base = 0;
};

TEST_F(Sbi, UnknownExtensionsAndFunctionsAreNotSupported) {
    StartGuest(1);
    for (unsigned long extension : {0ul, 1ul, 8ul, 0x0ful, 0x535441ul, 0x504d55ul, 0x09000000ul, 0x0a000005ul, kAll,
                                    (1ul << 32) | SBI_TIME, (1ul << 32) | SBI_BASE}) {
        EXPECT_EQ(Do(extension, 0), Error(SBI_ERR_NOT_SUPPORTED));
    }
    EXPECT_EQ(Do(SBI_BASE, 7), Error(SBI_ERR_NOT_SUPPORTED));
    EXPECT_EQ(Do(SBI_TIME, 1), Error(SBI_ERR_NOT_SUPPORTED));
    EXPECT_EQ(Do(SBI_IPI, 1), Error(SBI_ERR_NOT_SUPPORTED));
    EXPECT_EQ(Do(SBI_HSM, 4), Error(SBI_ERR_NOT_SUPPORTED));
    EXPECT_EQ(Do(SBI_SRST, 1), Error(SBI_ERR_NOT_SUPPORTED));
    EXPECT_EQ(Do(SBI_DBCN, 3), Error(SBI_ERR_NOT_SUPPORTED));
    for (unsigned long function : {3ul, 4ul, 5ul, 6ul, 7ul, kAll}) {
        EXPECT_EQ(Do(SBI_RFENCE, function, {1, 0, 0, 0}), Error(SBI_ERR_NOT_SUPPORTED));
    }
}

TEST_F(Sbi, Base) {
    StartGuest(1);
    EXPECT_EQ(Do(SBI_BASE, 0), Value(3ul << 24));
    EXPECT_EQ(Do(SBI_BASE, 1), Value(5));
    EXPECT_EQ(Do(SBI_BASE, 2).error, SBI_SUCCESS);
    for (unsigned long extension : {SBI_BASE, SBI_TIME, SBI_IPI, SBI_RFENCE, SBI_HSM, SBI_SRST, SBI_DBCN}) {
        EXPECT_EQ(Do(SBI_BASE, 3, {extension}), Value(1));
    }
    EXPECT_EQ(Do(SBI_BASE, 3, {0x504d55}), Value(0));
    EXPECT_EQ(Do(SBI_BASE, 3, {0}), Value(0));
    for (unsigned long function : {4ul, 5ul, 6ul}) {
        EXPECT_EQ(Do(SBI_BASE, function), Value(0));
    }
}

TEST_F(Sbi, OnlyA0AndA1AreChanged) {
    StartGuest(1);
    for (unsigned index = 1; index < REG_COUNT; index++) {
        vcpu->context.x[index] = 7000 + index;
    }
    SetCall(vcpu, SBI_BASE, 0, {11, 12, 13, 14, 15, 16});
    struct context before = vcpu->context;
    ASSERT_EQ(Trap(vcpu, CAUSE_ECALL_S), vcpu);
    for (unsigned index = 1; index < REG_COUNT; index++) {
        if (index != REG_A0 && index != REG_A1) {
            EXPECT_EQ(vcpu->context.x[index], before.x[index]) << index;
        }
    }
}

TEST_F(Sbi, TheFastPathAnswersLikeTheSlowOneAndDeclinesTheRest) {
    StartGuest(1);
    for (unsigned long extension : {SBI_BASE, SBI_TIME, SBI_IPI, SBI_RFENCE}) {
        for (unsigned long function = 0; function < 9; function++) {
            SbiAnswer slow = Do(extension, function, {SBI_HSM});
            unsigned long pc = vcpu->context.pc;
            SetCall(vcpu, extension, function, {SBI_HSM});
            ASSERT_EQ(Fast(), GUEST_LEFT_NOTHING);
            EXPECT_EQ((SbiAnswer{static_cast<long>(vcpu->context.x[REG_A0]), vcpu->context.x[REG_A1]}), slow);
            EXPECT_EQ(vcpu->context.pc, pc);
        }
    }
    for (unsigned long extension : {0ul, 0x48534dul, 0x53525354ul, 0x4442434eul, kAll}) {
        SetCall(vcpu, extension, 0, {1, 2, 3});
        struct context before = vcpu->context;
        EXPECT_EQ(Fast(), GUEST_LEFT_ALL);
        EXPECT_EQ(std::memcmp(&before, &vcpu->context, sizeof before), 0);
    }
}

TEST_F(Sbi, WhatTheFastPathAsksOfItsOwnHartIsForTheScheduler) {
    StartGuest(2); /* one hart: vcpu 1 is not running */
    StartVcpu(vcpu, 1);
    SetCall(vcpu, SBI_IPI, 0, {1, 0});
    EXPECT_EQ(Fast(), GUEST_LEFT_NOTHING) << "to itself";
    SetCall(vcpu, SBI_IPI, 0, {2, 0});
    EXPECT_EQ(Fast(), GUEST_LEFT_NOTHING) << "to one that has to wait for its turn";
    host_clock_set(host_clock() + 5 * kMillisecond);
    ASSERT_EQ(Interrupt(vcpu), guest->vcpus[1]);
    Registers(0)->mip = 0;
    Registers(0)->sie = INTERRUPT_SOFTWARE;
    ASSERT_EQ(Trap(guest->vcpus[1], CAUSE_ILLEGAL_INSTRUCTION, 0x10500073), vcpu) << "wfi";
    SetCall(vcpu, SBI_IPI, 0, {2, 0});
    EXPECT_EQ(Fast(), GUEST_LEFT_SCHEDULE) << "to one that sleeps";
    EXPECT_EQ(vcpu->context.x[REG_A0], 0u);
}

TEST_F(Sbi, AnInterruptFromAnotherHartIsTakenOnTheFastPath) {
    StartGuest(2, 2);
    StartVcpu(vcpu, 1);
    RunOn(1, guest->vcpus[1]);
    EXPECT_EQ(Do(SBI_IPI, 0, {2, 0}), Value(0));
    Become(1);
    EXPECT_EQ(Registers(1)->software, 1u);
    EXPECT_EQ(guest_rung_fast(&guest->vcpus[1]->context), GUEST_LEFT_NOTHING);
    EXPECT_EQ(Registers(1)->software, 0u);
    EXPECT_NE(Registers(1)->mip & INTERRUPT_SOFTWARE, 0u);
    EXPECT_EQ(guest_rung_fast(&guest->vcpus[1]->context), GUEST_LEFT_ALL) << "for nothing";
    hart_notify(harts[1], HART_EVENT_CONSOLE);
    EXPECT_EQ(guest_rung_fast(&guest->vcpus[1]->context), GUEST_LEFT_ALL);
    Become(0);
}

TEST_F(Sbi, SetTimerWithoutSstcSetsTheMachinesAndTakesBackThePending) {
    StartGuest(1);
    Registers(0)->mip = INTERRUPT_TIMER;
    uint64_t deadline = host_clock() + 1000;
    EXPECT_EQ(Do(SBI_TIME, 0, {deadline}), Value(0));
    EXPECT_EQ(Registers(0)->mip & INTERRUPT_TIMER, 0u);
    EXPECT_EQ(Registers(0)->timer, deadline);
    EXPECT_EQ(Interrupt(vcpu), vcpu);
    EXPECT_EQ(Registers(0)->mip & INTERRUPT_TIMER, 0u);
    host_clock_set(deadline);
    EXPECT_EQ(Interrupt(vcpu), vcpu);
    EXPECT_NE(Registers(0)->mip & INTERRUPT_TIMER, 0u);
    EXPECT_EQ(Registers(0)->timer, kTicksPerSecond + 100 * kMillisecond) << "once is enough, and the watch's is next";
    EXPECT_EQ(Do(SBI_TIME, 0, {kAll}), Value(0));
    EXPECT_EQ(Registers(0)->mip & INTERRUPT_TIMER, 0u);
}

TEST_F(Sbi, SetTimerInThePastIsPendingAtOnce) {
    StartGuest(1);
    EXPECT_EQ(Do(SBI_TIME, 0, {0}), Value(0));
    EXPECT_NE(Registers(0)->mip & INTERRUPT_TIMER, 0u);
}

TEST_F(Sbi, TheFastPathSetsATimerThatIsEarlier) {
    StartGuest(1);
    SetCall(vcpu, SBI_TIME, 0, {host_clock() + 50});
    ASSERT_EQ(Fast(), GUEST_LEFT_NOTHING);
    EXPECT_EQ(Registers(0)->timer, host_clock() + 50);
}

TEST_F(Sbi, SetTimerWithSstcGoesToTheHart) {
    StartGuest(1, 1, kFeatures | HART_SSTC);
    EXPECT_EQ(Do(SBI_TIME, 0, {12345}), Value(0));
    EXPECT_EQ(Registers(0)->stimecmp, 12345u);
    EXPECT_EQ(Registers(0)->timer, host_clock() + 100 * kMillisecond) << "the watch's, and nothing else";
}

TEST_F(Sbi, IpiReachesTheHartsOfTheMask) {
    StartGuest(3, 3);
    for (uint32_t id : {1u, 2u}) {
        StartVcpu(vcpu, id);
        RunOn(id, guest->vcpus[id]);
    }
    EXPECT_EQ(Do(SBI_IPI, 0, {0b101, 0}), Value(0));
    EXPECT_EQ(Registers(0)->mip, static_cast<unsigned long>(INTERRUPT_SOFTWARE));
    EXPECT_EQ(Registers(1)->software, 0u);
    EXPECT_EQ(Registers(2)->software, 1u);
    RunOn(2, guest->vcpus[2]);
    EXPECT_EQ(Registers(2)->mip, static_cast<unsigned long>(INTERRUPT_SOFTWARE));
    EXPECT_EQ(Registers(1)->mip, 0u);
}

/* Whoever else has the hart would pay for each of them. */
TEST_F(Sbi, IpiToAStoppedHartRingsNobody) {
    StartGuest(3, 3);
    EXPECT_EQ(Do(SBI_IPI, 0, {0b10, 0}), Value(0)) << "never started";
    EXPECT_EQ(Do(SBI_IPI, 0, {0, kAll}), Value(0));
    EXPECT_EQ(Registers(1)->software, 0u);
    StartVcpu(vcpu, 2);
    EXPECT_EQ(Do(SBI_IPI, 0, {0b100, 0}), Value(0)) << "about to start";
    RunOn(2, guest->vcpus[2]);
    EXPECT_EQ(Registers(2)->mip, static_cast<unsigned long>(INTERRUPT_SOFTWARE));
    Become(2);
    ASSERT_EQ(CallAway(guest->vcpus[2], SBI_HSM, 1, {}), nullptr);
    Become(0);
    uint32_t rung = Registers(2)->software;
    EXPECT_EQ(Do(SBI_IPI, 0, {0b100, 0}), Value(0)) << "stopped";
    EXPECT_EQ(Registers(2)->software, rung);
    EXPECT_EQ(guest->vcpus[2]->requests, 0u);
}

struct MaskCase {
    unsigned long mask;
    unsigned long base;
    bool is_good;
};

class SbiMask : public Sbi, public testing::WithParamInterface<MaskCase> {};

TEST_P(SbiMask, IsCheckedWholeBeforeAnythingIsDone) {
    const MaskCase &mask = GetParam();
    StartGuest(3);
    StartVcpu(vcpu, 1);
    StartVcpu(vcpu, 2);
    SbiAnswer expected = mask.is_good ? Value(0) : Error(SBI_ERR_INVALID_PARAM);
    EXPECT_EQ(Do(SBI_IPI, 0, {mask.mask, mask.base}), expected);
    bool reached = Registers(0)->mip != 0;
    for (uint32_t id : {1u, 2u}) {
        reached |= guest->vcpus[id]->context.pending != 0 || (guest->vcpus[id]->requests & VCPU_REQUEST_IPI) != 0;
    }
    EXPECT_EQ(reached, mask.is_good && (mask.mask != 0 || mask.base == kAll));
    uint32_t fences = Registers(0)->fetch_flushes;
    uint32_t wanted = guest->vcpus[1]->fences_wanted[VCPU_FENCE_I];
    EXPECT_EQ(Do(SBI_RFENCE, 0, {mask.mask, mask.base}), expected);
    EXPECT_EQ(Do(SBI_RFENCE, 1, {mask.mask, mask.base, 0, 0}), expected);
    if (!mask.is_good) {
        EXPECT_EQ(Registers(0)->fetch_flushes, fences);
        EXPECT_EQ(guest->vcpus[1]->fences_wanted[VCPU_FENCE_I], wanted);
    }
}

INSTANTIATE_TEST_SUITE_P(Masks, SbiMask,
                         testing::Values(MaskCase{1, 0, true}, MaskCase{0b111, 0, true}, MaskCase{0b1000, 0, false},
                                         MaskCase{1ul << 63, 0, false}, MaskCase{kAll, 0, false}, MaskCase{1, 2, true},
                                         MaskCase{0b11, 2, false}, MaskCase{1, 3, false}, MaskCase{0, 0, true},
                                         MaskCase{0, 3, true}, MaskCase{0, kAll - 1, true},
                                         MaskCase{1, kAll - 1, false},
                                         MaskCase{0b100, kAll - 1, false} /* would wrap to hart 0 */,
                                         MaskCase{0b10, 1ul << 63, false}, MaskCase{0, kAll, true},
                                         MaskCase{0b101, kAll, true}, MaskCase{1, 1ul << 32, false}));

TEST_F(Sbi, MasksReachTheSixtyFourthHart) {
    StartGuest(64);
    EXPECT_EQ(Do(SBI_IPI, 0, {1ul << 63, 0}), Value(0));
    EXPECT_EQ(Do(SBI_IPI, 0, {1, 63}), Value(0));
    EXPECT_EQ(Do(SBI_IPI, 0, {0b10, 63}), Error(SBI_ERR_INVALID_PARAM));
    EXPECT_EQ(Do(SBI_IPI, 0, {1, 64}), Error(SBI_ERR_INVALID_PARAM));
}

TEST_F(Sbi, FenceOnTheOwnHartIsDoneWhenTheCallReturns) {
    StartGuest(1);
    uint32_t fetches = Registers(0)->fetch_flushes;
    EXPECT_EQ(Do(SBI_RFENCE, 0, {1, 0}), Value(0));
    EXPECT_EQ(Registers(0)->fetch_flushes, fetches + 1);
    EXPECT_EQ(Do(SBI_RFENCE, 1, {1, 0, 0x5000, 0x3000}), Value(0));
    EXPECT_EQ(Registers(0)->flushed_address, 0x5000u);
    EXPECT_EQ(Registers(0)->flushed_size, 0x3000u);
    uint32_t flushes = Registers(0)->tlb_flushes;
    EXPECT_EQ(Do(SBI_RFENCE, 2, {1, 0, 0, kAll, 5}), Value(0));
    EXPECT_EQ(Do(SBI_RFENCE, 1, {1, 0, 0, 0}), Value(0));
    EXPECT_EQ(Do(SBI_RFENCE, 1, {1, 0, 0x1000, 1ul << 40}), Value(0));
    EXPECT_EQ(Registers(0)->tlb_flushes, flushes + 3);
}

TEST_F(Sbi, FenceRangesMayEndWithTheAddressSpaceButNotBehindIt) {
    StartGuest(1);
    EXPECT_EQ(Do(SBI_RFENCE, 1, {1, 0, kAll - 0xfff, 0x1000}), Value(0));
    EXPECT_EQ(Registers(0)->flushed_address, kAll - 0xfff);
    EXPECT_EQ(Do(SBI_RFENCE, 1, {1, 0, kAll - 0xfff, 0x1001}), Error(SBI_ERR_INVALID_ADDRESS));
    EXPECT_EQ(Do(SBI_RFENCE, 2, {1, 0, 0x1000, kAll - 1, 1}), Error(SBI_ERR_INVALID_ADDRESS));
    EXPECT_EQ(Do(SBI_RFENCE, 1, {1, 0, 0x1000, kAll}), Value(0));
    EXPECT_EQ(Do(SBI_RFENCE, 1, {1, 0, kAll, 0}), Value(0));
}

TEST_F(Sbi, FenceOfOneThatIsOffTheHartIsDoneBeforeItRuns) {
    StartGuest(2);
    StartVcpu(vcpu, 1);
    ASSERT_EQ(Do(SBI_RFENCE, 0, {2, 0}), Value(0));
    EXPECT_NE(guest->vcpus[1]->fences_wanted[VCPU_FENCE_I], guest->vcpus[1]->fences_done[VCPU_FENCE_I]);
    uint32_t fetches = Registers(0)->fetch_flushes;
    host_clock_set(host_clock() + 100 * kMillisecond);
    ASSERT_EQ(Resume(), guest->vcpus[1]);
    EXPECT_EQ(Registers(0)->fetch_flushes, fetches + 1);
    EXPECT_EQ(guest->vcpus[1]->fences_wanted[VCPU_FENCE_I], guest->vcpus[1]->fences_done[VCPU_FENCE_I]);
}

TEST_F(Sbi, DbcnWritesWhatIsInTheGuest) {
    StartGuest(1);
    std::memcpy(Memory(base + 0x2000), "hello", 5);
    EXPECT_EQ(Do(SBI_DBCN, 0, {5, base + 0x2000, 0}), Value(5));
    EXPECT_EQ(Do(SBI_DBCN, 2, {0x1ff21}), Value(0)) << "only the low byte counts";
    EXPECT_EQ(Do(SBI_DBCN, 0, {0, base, 0}), Value(0));
    std::memcpy(Memory(base + kGuestSize - 2), "yz", 2);
    EXPECT_EQ(Do(SBI_DBCN, 0, {2, base + kGuestSize - 2, 0}), Value(2));
    EXPECT_EQ(Printed(), "hello!yz");
}

TEST_F(Sbi, DbcnRefusesWhatIsNotTheGuestsAlone) {
    StartGuest(1);
    const std::vector<std::vector<unsigned long>> ranges = {
        {1, 0, 0},
        {1, base - 1, 0},
        {2, base - 1, 0},
        {1, base + kGuestSize, 0},
        {2, base + kGuestSize - 1, 0},
        {kGuestSize + 1, base, 0},
        {kAll, base, 0},
        {kAll - base + 1, base, 0},
        {kAll - base + 2, base, 0},
        {1, kAll, 0},
        {kAll, kAll, kAll},
        {1, base, 1},
        {1, Board::kUart, 0},
    };
    for (const auto &range : ranges) {
        EXPECT_EQ(Do(SBI_DBCN, 0, range), Error(SBI_ERR_INVALID_PARAM));
        EXPECT_EQ(Do(SBI_DBCN, 1, range), Error(SBI_ERR_INVALID_PARAM));
    }
    EXPECT_EQ(Printed(), "");
}

TEST_F(Sbi, DbcnTakesAsMuchAsThePortDoesAndNoMore) {
    StartGuest(1);
    std::memset(Memory(base), 'x', 3 * PORT_OUTPUT_SIZE);
    SbiAnswer answer = Do(SBI_DBCN, 0, {3 * PORT_OUTPUT_SIZE, base, 0});
    EXPECT_EQ(answer, Value(PORT_OUTPUT_SIZE));
    EXPECT_EQ(port_space(&guest->port), 0u) << "nothing pumps without a UART";
    EXPECT_EQ(Do(SBI_DBCN, 0, {1, base, 0}), Value(0));
    EXPECT_EQ(Printed(), std::string(PORT_OUTPUT_SIZE, 'x'));
}

/* Or somebody who shows what is written at the same time keeps the hart here for as long. */
TEST_F(Sbi, DbcnTakesNoMoreThanThePortHoldsWhileItIsShown) {
    StartGuest(1);
    std::atomic<bool> is_over = false;
    std::thread shower([&] {
        std::vector<uint8_t> bytes(PORT_OUTPUT_SIZE);
        while (!is_over) {
            (void)port_take_output(&guest->port, bytes.data(), bytes.size());
        }
    });
    for (unsigned count = 0; count < 20; count++) {
        SbiAnswer answer = Do(SBI_DBCN, 0, {kGuestSize, base, 0});
        EXPECT_EQ(answer.error, SBI_SUCCESS);
        EXPECT_LE(answer.value, unsigned{PORT_OUTPUT_SIZE});
    }
    is_over = true;
    shower.join();
}

TEST_F(Sbi, DbcnWriteByteIsMadeAgainUntilThereIsRoom) {
    StartGuest(1);
    std::memset(Memory(base), 'x', PORT_OUTPUT_SIZE);
    EXPECT_EQ(Do(SBI_DBCN, 0, {PORT_OUTPUT_SIZE, base, 0}), Value(PORT_OUTPUT_SIZE));
    unsigned long pc = vcpu->context.pc;
    SetCall(vcpu, SBI_DBCN, 2, {'y'});
    struct context before = vcpu->context;
    for (unsigned attempt = 0; attempt < 3; attempt++) {
        ASSERT_EQ(Trap(vcpu, CAUSE_ECALL_S), vcpu);
        EXPECT_EQ(vcpu->context.pc, pc);
        EXPECT_EQ(std::memcmp(before.x, vcpu->context.x, sizeof before.x), 0);
    }
    EXPECT_EQ(Printed(), std::string(PORT_OUTPUT_SIZE, 'x'));
    ASSERT_EQ(Trap(vcpu, CAUSE_ECALL_S), vcpu);
    EXPECT_EQ(vcpu->context.pc, pc + 4);
    EXPECT_EQ(vcpu->context.x[REG_A0], 0u);
    EXPECT_EQ(Printed(), "y");
}

TEST_F(Sbi, DbcnReadsWhatWasTyped) {
    StartGuest(1);
    std::memset(Memory(base), 0, 16);
    EXPECT_EQ(Do(SBI_DBCN, 1, {16, base, 0}), Value(0));
    port_put_input(&guest->port, "keys", 4);
    EXPECT_EQ(Do(SBI_DBCN, 1, {3, base, 0}), Value(3));
    EXPECT_EQ(Do(SBI_DBCN, 1, {16, base + 3, 0}), Value(1));
    EXPECT_STREQ(reinterpret_cast<char *>(Memory(base)), "keys");
    port_put_input(&guest->port, "lost?", 5);
    EXPECT_EQ(Do(SBI_DBCN, 1, {16, base - 8, 0}), Error(SBI_ERR_INVALID_PARAM));
    EXPECT_EQ(Do(SBI_DBCN, 1, {16, base, 0}), Value(5)) << "a refused call takes no keys";
}

TEST_F(Sbi, SrstChecksTypeAndReason) {
    StartGuest(1);
    for (unsigned long type : {3ul, 0xeffffffful, 0xf0000000ul, 0xfffffffful}) {
        EXPECT_EQ(Do(SBI_SRST, 0, {type, 0}), Error(SBI_ERR_INVALID_PARAM));
    }
    for (unsigned long reason : {2ul, 0xdffffffful, 0xe0000000ul, 0xf0000000ul, 0xfffffffful}) {
        EXPECT_EQ(Do(SBI_SRST, 0, {0, reason}), Error(SBI_ERR_INVALID_PARAM));
    }
    EXPECT_TRUE(guest_is_running(guest));
}

TEST_F(Sbi, SrstShutdownEndsTheMachineWithItsLastGuest) {
    StartGuest(1);
    EXPECT_EQ(CallAway(vcpu, SBI_SRST, 0, {0, 1}), nullptr);
    EXPECT_EQ(end, HOST_HALTED);
    EXPECT_EQ(board.finisher, 0x5555u);
    EXPECT_NE(Log().find("guest one: shut down (system failure)"), std::string::npos);
}

/* Somebody else's request to stop is still on the way here. */
TEST_F(Sbi, SrstDoesNotReturnWhereTheGuestIsBeingStopped) {
    StartGuest(2);
    unsigned long pc = vcpu->context.pc;
    guest->state = GUEST_STOPPING;
    EXPECT_EQ(CallAway(vcpu, SBI_SRST, 0, {1, 0}), vcpu);
    EXPECT_EQ(vcpu->context.pc, pc) << "it makes the call again";
    guest->state = GUEST_RUNNING;
}

TEST_F(Sbi, SrstRebootStartsAnewWithEveryRegisterClear) {
    for (unsigned long type : {1ul, 2ul}) {
        StartGuest(2);
        StartVcpu(vcpu, 1);
        Registers(0)->stvec = 0x1234;
        Registers(0)->satp = 0x5678;
        vcpu->context.x[5] = 99;
        vcpu->context.f[3] = 99;
        ASSERT_EQ(CallAway(vcpu, SBI_SRST, 0, {type, 0}), vcpu);
        EXPECT_EQ(vcpu->context.pc, base);
        EXPECT_EQ(vcpu->context.x[REG_A0], 0u);
        EXPECT_EQ(vcpu->context.x[REG_A1], guest->load.placement.fdt_base);
        EXPECT_EQ(vcpu->context.x[5], 0u);
        EXPECT_EQ(Registers(0)->stvec, 0u);
        EXPECT_EQ(Registers(0)->satp, 0u);
        EXPECT_EQ(Registers(0)->f[3], 0u);
        EXPECT_EQ(guest->boots, 2u);
        EXPECT_EQ(Do(SBI_HSM, 2, {1}), Value(VCPU_HSM_STOPPED)) << "only hart 0 starts";
        TearDown();
    }
}

/* Whatever a guest calls, the kernel keeps its own and the others' memory, and goes on. */
TEST_F(Sbi, RandomCallsReachNothingOutsideTheGuest) {
    Start(1);
    MakeGuests({{.name = "one", .vcpus = 2}, {.name = "two"}});
    struct guest *one = guests[0];
    struct guest *two = guests[1];
    std::mt19937_64 random(20260101);
    const std::vector<unsigned long> extensions = {SBI_BASE, SBI_TIME, SBI_IPI, SBI_RFENCE,
                                                   SBI_HSM,  SBI_SRST, SBI_DBCN};
    auto number = [&]() -> unsigned long {
        const unsigned long interesting[] = {0,
                                             1,
                                             2,
                                             3,
                                             kAll,
                                             kAll - 1,
                                             one->base.value,
                                             one->base.value + kGuestSize - 1,
                                             two->base.value,
                                             two->base.value - 1,
                                             1ul << 31,
                                             0x80000000,
                                             1ul << 63,
                                             4096};
        unsigned long value = interesting[random() % std::size(interesting)];
        switch (random() % 4) {
        case 0:
            return random();
        case 1:
            return random() % 300;
        case 2:
            return value + random() % 16 - 8;
        default:
            return value;
        }
    };
    std::vector<uint8_t> witness;
    std::vector<uint8_t> dead = std::vector<uint8_t>(Ram::kSize);
    unsigned reboots = 0;
    unsigned calls = 0;
    for (unsigned round = 0; calls < 100000; round++) {
        ASSERT_LT(round, 2000000u);
        struct vcpu *running = Resume();
        if (running == nullptr) {
            /* All wait for ever: something comes. */
            host_clock_set(host_clock() + kMillisecond);
            vcpu_post(one->vcpus[0], VCPU_REQUEST_IPI);
            vcpu_post(one->vcpus[1], VCPU_REQUEST_IPI);
            ASSERT_NE(end, HOST_HALTED);
            continue;
        }
        if (running->guest == two) {
            host_clock_set(host_clock() + 5 * kMillisecond);
            if (witness.empty()) {
                witness.assign(Memory(two->base.value), Memory(two->base.value) + kGuestSize);
            }
            Registers(0)->sie = INTERRUPT_SOFTWARE;
            vcpu_post(one->vcpus[0], VCPU_REQUEST_IPI);
            vcpu_post(one->vcpus[1], VCPU_REQUEST_IPI);
            (void)Interrupt(running);
            continue;
        }
        unsigned long extension = extensions[random() % extensions.size()];
        unsigned long function = random() % 8 == 0 ? number() : random() % 7;
        std::vector<unsigned long> arguments = {number(), number(), number(), number(), number(), number()};
        if (extension == SBI_SRST && static_cast<uint32_t>(arguments[0]) == 0) {
            arguments[0] = 1; /* not the end of the test */
        }
        bool is_last = extension == SBI_HSM && function == 1 && one->started == 1;
        if (is_last) {
            continue;
        }
        Registers(0)->sie = INTERRUPT_SOFTWARE | INTERRUPT_TIMER;
        (void)CallAway(running, extension, function, arguments);
        calls++;
        ASSERT_NE(end, HOST_HALTED);
        (void)port_take_output(&one->port, dead.data(), PORT_OUTPUT_SIZE);
        reboots = one->boots;
    }
    EXPECT_GT(reboots, 1u);
    EXPECT_EQ(two->boots, 1u);
    ASSERT_FALSE(witness.empty());
    EXPECT_EQ(std::memcmp(witness.data(), Memory(two->base.value), kGuestSize), 0);
    EXPECT_EQ(board.stray_count, 0u);
    EXPECT_EQ(board.finisher, 0u);
}

} // namespace
