/* trace_log: what is taken from a log, and that the rest of it does no harm. */
#include "tools/trace/log_text.h"

#include <gtest/gtest.h>

namespace {

const std::string begin = "#trace 1 1000\r\n#guest 0 web\r\n#guest 1 other\r\n";

TEST(TraceLog, ReadsADumpAmongOtherLines) {
    LogText text("diosix 0.1\n[web] hello\n" + begin +
                 "#hart 0 2 5\n#t 0 1f enter 0.1 8000 0\n#t 0 20 idle - ffffffff ffffffffffffffff\n"
                 "[web] #t 0 1 enter 0.0 0 0\n#hart a 1 3\n#t a 1e ipi - 3 1\n#end\n[web] more\n");
    ASSERT_EQ(text.status, STATUS_OK);
    const struct trace_log &log = text.log;
    EXPECT_EQ(log.ticks_per_second, 1000u);
    EXPECT_STREQ(log.guests[0], "web");
    EXPECT_STREQ(log.guests[1], "other");
    EXPECT_EQ(log.lost_count, 8u);
    EXPECT_EQ(log.bad_count, 0u);
    EXPECT_TRUE(log.is_complete);
    ASSERT_EQ(log.entry_count, 3u);
    EXPECT_EQ(log.entries[0].time, 0x1eu) << "by time, whatever the hart";
    EXPECT_EQ(log.entries[0].hart, 10u);
    EXPECT_EQ(log.entries[0].event, TRACE_IPI);
    EXPECT_EQ(log.entries[1].vcpu, 1u);
    EXPECT_EQ(log.entries[1].words[0], 0x8000u);
    EXPECT_EQ(log.entries[2].vcpu, TRACE_NO_VCPU);
    EXPECT_EQ(log.entries[2].words[1], UINT64_MAX);
}

TEST(TraceLog, TheLastDumpCounts) {
    LogText text(begin + "#t 0 1 wake 0.0 0 0\n#end\n" + "#trace 1 500\n#t 0 2 wake 1.0 0 0\n#t 0 3 wake 1.0 0 0\n");
    ASSERT_EQ(text.status, STATUS_OK);
    EXPECT_EQ(text.log.ticks_per_second, 500u);
    EXPECT_EQ(text.log.entry_count, 2u);
    EXPECT_STREQ(text.log.guests[0], "");
    EXPECT_FALSE(text.log.is_complete);
}

TEST(TraceLog, EqualTimesStayInTheOrderOfTheirLines) {
    std::string lines;
    for (unsigned index = 0; index < 3000; index++) {
        lines += "#t 0 7 wake 0.0 " + std::to_string(index % 10) + " 0\n";
    }
    LogText text(begin + lines);
    ASSERT_EQ(text.log.entry_count, 3000u);
    for (unsigned index = 0; index < 3000; index++) {
        ASSERT_EQ(text.log.entries[index].words[0], index % 10);
    }
}

TEST(TraceLog, CountsWhatIsDamagedAndGoesOn) {
    for (const char *line : {
             "#t",
             "#t 0 1 wake 0.0 0",
             "#t 0 1 sleep 0.0 0 0",
             "#t 0 1 wake 10.0 0 0",
             "#t 0 1 wake 0.40 0 0",
             "#t 0 1 wake 0 0 0",
             "#t 0 1 wake . 0 0",
             "#t 0 -1 wake 0.0 0 0",
             "#t 0 1G wake 0.0 0 0",
             "#t 0 10000000000000000 wake 0.0 0 0",
             "#t 100000000 1 wake 0.0 0 0",
             "#guest 16 x",
             "#guest 0 a\"b",
             "#guest 0 abcdefghijklmnop",
             "#guest 0",
             "#hart 0 1",
             "#hart 0 x 1",
             "#trace",
             "#trace 1",
             "#trace 1 0",
         }) {
        LogText text(begin + line + "\n#t 0 1 wake 0.0 0 0\n");
        ASSERT_EQ(text.status, STATUS_OK) << line;
        EXPECT_EQ(text.log.bad_count, 1u) << line;
        EXPECT_EQ(text.log.entry_count, 1u) << line;
        EXPECT_STREQ(text.log.guests[0], "web") << line;
    }
}

TEST(TraceLog, TakesLinesOfAnyLength) {
    LogText text(begin + "#t 0 1 wake 0.0 0 0" + std::string(100000, '0') + "\n#t 0 1 wake 0.0 0 0" +
                 std::string(1000, ' ') + "x\n" + "#end");
    ASSERT_EQ(text.status, STATUS_OK);
    EXPECT_EQ(text.log.bad_count, 1u);
    EXPECT_EQ(text.log.entry_count, 1u);
    EXPECT_TRUE(text.log.is_complete);
}

TEST(TraceLog, RefusesLogsWithoutATrace) {
    EXPECT_EQ(LogText("\n").status, STATUS_NOT_FOUND);
    EXPECT_EQ(LogText("#t 0 1 wake 0.0 0 0\n#end\n").status, STATUS_NOT_FOUND);
    EXPECT_EQ(LogText("[web] #trace 1 1000\n #trace 1 1000\n").status, STATUS_NOT_FOUND);
    EXPECT_EQ(LogText("#trace 2 1000\n").status, STATUS_UNSUPPORTED);
}

TEST(TraceLog, NamesGuestsAndVcpus) {
    LogText text(begin);
    char name[TRACE_LOG_NAME_SIZE];
    trace_log_vcpu(&text.log, 0x0102, name);
    EXPECT_STREQ(name, "other.2");
    trace_log_vcpu(&text.log, 0x0f3f, name);
    EXPECT_STREQ(name, "guest15.63");
    trace_log_vcpu(&text.log, TRACE_NO_VCPU, name);
    EXPECT_STREQ(name, "-");
}

} // namespace
