/* trace and dump: what trace points leave in the rings, and the lines that come out. */
#include "kernel/kernel_fixture.h"

#include <algorithm>
#include <sstream>

extern "C" {
#include "kernel/trace/dump.h"
#include "kernel/trace/trace.h"
}

namespace {

class Trace : public KernelFixture {
  public:
    void TearDown() override {
        trace_switch(false);
        KernelFixture::TearDown();
    }

    void StartTraced(uint32_t count) {
        Start(count);
        trace_init();
        trace_switch(true);
    }

    static std::vector<std::string> Dump() {
        std::vector<std::string> lines;
        char text[LOG_LINE_SIZE];
        while (trace_dump_line(text, sizeof text)) {
            lines.push_back(text);
        }
        return lines;
    }

    static size_t Count(const std::vector<std::string> &lines, const std::string &part) {
        return static_cast<size_t>(std::count_if(
            lines.begin(), lines.end(), [&](const std::string &line) { return line.find(part) != std::string::npos; }));
    }

    static std::string Hex(unsigned long value) {
        std::ostringstream text;
        text << std::hex << value;
        return text.str();
    }
};

TEST_F(Trace, OffItWritesNothing) {
    Start(1);
    trace_init();
    EXPECT_FALSE(trace_is_on());
    (void)RunGuest({});
    EXPECT_EQ(harts[0]->trace, nullptr);
    EXPECT_EQ(harts[0]->trace_ring->written, 0u);
}

TEST_F(Trace, TheBootArgumentSwitchesItOn) {
    Start(2);
    std::snprintf(machine.bootargs, sizeof machine.bootargs, "console.colour trace=on");
    trace_init();
    EXPECT_TRUE(trace_is_on());
    EXPECT_EQ(harts[1]->trace, harts[1]->trace_ring);
    std::snprintf(machine.bootargs, sizeof machine.bootargs, "trace=off");
    trace_init();
    EXPECT_FALSE(trace_is_on());
}

TEST_F(Trace, EachEventHasItsLine) {
    StartTraced(2);
    struct guest *guest = RunGuest({.name = "web", .vcpus = 2});
    struct vcpu *vcpu = guest->vcpus[0];
    unsigned long pc = vcpu->context.pc;
    StartVcpu(vcpu, 1);
    (void)Call(vcpu, SBI_RFENCE, 1, {1, 1, 0, 0});
    (void)Trap(vcpu, CAUSE_ILLEGAL_INSTRUCTION, 0xdead);
    (void)Interrupt(vcpu);
    Become(1);
    EXPECT_EQ(Resume(), guest->vcpus[1]);
    Become(0);
    ASSERT_TRUE(trace_dump_request());
    std::vector<std::string> lines = Dump();
    ASSERT_GE(lines.size(), 10u);
    EXPECT_EQ(lines[0], "#trace 1 10000000");
    EXPECT_EQ(lines[1], "#guest 0 web");
    EXPECT_EQ(lines[2].find("#hart 0 "), 0u);
    EXPECT_EQ(lines.back(), "#end");
    EXPECT_EQ(Count(lines, "#hart 1 "), 1u);
    EXPECT_EQ(Count(lines, " guest 0.0 " + Hex(GUEST_RUNNING) + " 0"), 1u);
    EXPECT_EQ(Count(lines, " switch 0.0 0 0"), 1u);
    EXPECT_GE(Count(lines, " enter 0.0 "), 3u);
    EXPECT_EQ(Count(lines, " exit 0.0 9 " + Hex(pc)), 1u);
    EXPECT_EQ(Count(lines, " sbi 0.0 48534d 0"), 1u);
    EXPECT_EQ(Count(lines, " ipi - 1 1"), 1u);
    EXPECT_EQ(Count(lines, " fence 0.1 1 1"), 1u) << "before the other vcpu runs";
    EXPECT_EQ(Count(lines, " exit 0.0 8000000000000007 "), 1u);
    EXPECT_GE(Count(lines, " timer - "), 1u);
    EXPECT_FALSE(trace_dump_line(lines[0].data(), 1));
}

TEST_F(Trace, SleepingWakingAndEmulatingHaveTheirs) {
    StartTraced(1);
    struct guest *guest = RunGuest({.watchdog_ms = 1000});
    struct vcpu *vcpu = guest->vcpus[0];
    EXPECT_EQ(Trap(vcpu, CAUSE_ILLEGAL_INSTRUCTION, 0x10500073), nullptr);
    vcpu_post(vcpu, VCPU_REQUEST_IPI);
    EXPECT_EQ(Resume(), vcpu);
    ASSERT_TRUE(trace_dump_request());
    std::vector<std::string> lines = Dump();
    EXPECT_EQ(Count(lines, " emulate 0.0 2 10500073"), 1u);
    EXPECT_EQ(Count(lines, " idle - ffffffff ffffffff"), 1u);
    EXPECT_EQ(Count(lines, " wake 0.0 "), 1u);
}

TEST_F(Trace, TheRingKeepsTheLatest) {
    StartTraced(1);
    for (unsigned long index = 0; index < 3000; index++) {
        trace(harts[0], TRACE_WAKE, nullptr, index, 0);
    }
    ASSERT_TRUE(trace_dump_request());
    EXPECT_FALSE(trace_dump_request()) << "one at a time";
    std::vector<std::string> lines = Dump();
    EXPECT_EQ(Count(lines, "#t 0 "), 1023u) << "but for the one that may have been in the making";
    EXPECT_EQ(Count(lines, "#hart 0 1023 1977"), 1u);
    EXPECT_EQ(Count(lines, " wake - " + Hex(1977) + " 0"), 1u);
    EXPECT_EQ(Count(lines, " wake - " + Hex(2999) + " 0"), 1u);
    EXPECT_TRUE(trace_dump_request()) << "and another one after it";
    (void)Dump();
}

TEST_F(Trace, StandsStillWhileItIsShownAndGoesOnAfterwards) {
    StartTraced(1);
    char text[LOG_LINE_SIZE];
    ASSERT_TRUE(trace_dump_request());
    ASSERT_TRUE(trace_dump_line(text, sizeof text));
    EXPECT_FALSE(trace_is_on());
    (void)Dump();
    EXPECT_TRUE(trace_is_on());
    trace_switch(false);
    ASSERT_TRUE(trace_dump_request());
    (void)Dump();
    EXPECT_FALSE(trace_is_on());
}

TEST_F(Trace, AHartWithoutARingIsLeftOut) {
    Start(1);
    harts[0]->trace_ring = nullptr;
    trace_switch(true);
    trace(harts[0], TRACE_WAKE, nullptr, 0, 0);
    ASSERT_TRUE(trace_dump_request());
    EXPECT_EQ(Count(Dump(), "#hart 0 0 0"), 1u);
}

} // namespace
