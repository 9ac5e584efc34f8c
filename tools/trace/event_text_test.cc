/* event_text: every event has its words. */
#include <gtest/gtest.h>

#include <string>

extern "C" {
#include "tools/trace/event_text.h"
}

namespace {

std::string Details(enum trace_event event, uint64_t first = 0, uint64_t second = 0) {
    struct trace_log log = {};
    log.ticks_per_second = 1000;
    struct trace_entry entry = {};
    entry.time = 100;
    entry.event = static_cast<uint16_t>(event);
    entry.words[0] = first;
    entry.words[1] = second;
    char text[EVENT_TEXT_SIZE];
    event_details(&log, &entry, text);
    return text;
}

TEST(EventText, SaysWhatTheWordsMean) {
    EXPECT_EQ(Details(TRACE_ENTER, 0x8000), "at 0x8000");
    EXPECT_EQ(Details(TRACE_EXIT, 9, 0x8000), "ecall at 0x8000");
    EXPECT_EQ(Details(TRACE_EXIT, 0x80000007, 1), "timer at 0x1");
    EXPECT_EQ(Details(TRACE_EXIT, 0x8000000000000003, 1), "IPI at 0x1");
    EXPECT_EQ(Details(TRACE_EXIT, 0x800000000000000b, 1), "device at 0x1");
    EXPECT_EQ(Details(TRACE_EXIT, 0x8000000000000001, 1), "interrupt at 0x1");
    EXPECT_EQ(Details(TRACE_EXIT, 99, 1), "cause 99 at 0x1");
    EXPECT_EQ(Details(TRACE_SWITCH), "");
    EXPECT_EQ(Details(TRACE_IDLE, UINT32_MAX, UINT32_MAX), "never");
    EXPECT_EQ(Details(TRACE_IDLE, UINT64_MAX, UINT32_MAX), "never") << "as rv64 has it";
    EXPECT_EQ(Details(TRACE_TIMER, 99, 0), "at once");
    EXPECT_EQ(Details(TRACE_TIMER, 1100, 0), "in 1.000000 s");
    EXPECT_EQ(Details(TRACE_IPI, 3, 1), "to hart 3");
    EXPECT_EQ(Details(TRACE_STEAL, 2), "to hart 2");
    EXPECT_EQ(Details(TRACE_FENCE, 0), "fence.i");
    EXPECT_EQ(Details(TRACE_FENCE, 1), "sfence.vma");
    EXPECT_EQ(Details(TRACE_SBI, 0x54494d45, 0), "TIME, function 0");
    EXPECT_EQ(Details(TRACE_SBI, 0x735049, 0), ".sPI, function 0");
    EXPECT_EQ(Details(TRACE_SBI, 0x22225c22, 0), "...., function 0") << "nothing that JSON would have to escape";
    EXPECT_EQ(Details(TRACE_SBI, 0x10, 3), "extension 0x10, function 3");
    EXPECT_EQ(Details(TRACE_EMULATE, 5, 0x10000005), "load access fault, value 0x10000005");
    EXPECT_EQ(Details(TRACE_GUEST, 7), "crashed");
    EXPECT_EQ(Details(TRACE_GUEST, 8), "in a state of its own");
    EXPECT_EQ(Details(TRACE_WAKE), "");
}

TEST(EventText, EveryEventHasAName) {
    for (uint16_t event = 0; event < TRACE_EVENT_COUNT; event++) {
        struct trace_entry entry = {};
        entry.event = event;
        EXPECT_NE(event_name(&entry), nullptr);
    }
}

} // namespace
