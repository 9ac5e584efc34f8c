/* log: whole lines, oldest dropped and counted, nothing but printable text. */
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

extern "C" {
#include "kernel/console/kernel_log.h"
#include "kernel/console/log.h"
}

namespace {

class Log : public testing::Test {
  protected:
    void SetUp() override {
        log_init(&log, memory, sizeof(memory));
    }

    std::vector<std::string> TakeAll() {
        std::vector<std::string> lines;
        char text[LOG_LINE_SIZE];
        while (log_take(&log, text)) {
            lines.push_back(text);
        }
        return lines;
    }

    uint8_t memory[1024];
    struct log log;
};

} // namespace

TEST_F(Log, KeepsLinesInOrder) {
    log_print(&log, "hart %u of %s", 3u, "eight");
    log_print(&log, "%s", "");
    log_print(&log, "last");
    EXPECT_EQ(TakeAll(), (std::vector<std::string>{"hart 3 of eight", "", "last"}));
    EXPECT_TRUE(TakeAll().empty());
}

TEST_F(Log, ArgumentsCannotMakeLines) {
    log_print(&log, "guest says %s", "a\r\n[linux] b\x1b[2J\x9b\t");
    EXPECT_EQ(TakeAll(), (std::vector<std::string>{"guest says a??[linux] b?[2J??"}));
}

TEST_F(Log, LongLinesAreCut) {
    std::string text(LOG_LINE_SIZE - 1, 'x');
    log_print(&log, "%s", text.c_str());
    log_print(&log, "%sy", text.c_str());
    EXPECT_EQ(TakeAll(), (std::vector<std::string>{text, text.substr(0, LOG_LINE_SIZE - 4) + "..."}));
}

TEST_F(Log, DropsTheOldestAndCounts) {
    for (int index = 0; index < 100; index++) {
        log_print(&log, "line %018d", index);
    }
    std::vector<std::string> lines = TakeAll();
    ASSERT_GE(lines.size(), 2u);
    EXPECT_EQ(lines.front(), "... lines of the kernel not shown: " + std::to_string(100 - (lines.size() - 1)));
    EXPECT_EQ(lines.back(), "line 000000000000000099");
    EXPECT_EQ(lines.size() - 1, sizeof(memory) / 24);
    log_print(&log, "more");
    EXPECT_EQ(TakeAll(), (std::vector<std::string>{"more"})) << "counted once";
}

TEST_F(Log, BoundedTakeGivesUpOnAHeldLock) {
    char text[LOG_LINE_SIZE];
    log_print(&log, "line");
    spinlock_lock(&log.lock);
    EXPECT_FALSE(log_take_bounded(&log, text));
    spinlock_unlock(&log.lock);
    EXPECT_TRUE(log_take_bounded(&log, text));
    EXPECT_STREQ(text, "line");
    EXPECT_FALSE(log_take_bounded(&log, text));
}

TEST_F(Log, LinesOfSeveralHartsStayWhole) {
    std::vector<std::thread> threads;
    static uint8_t large[1 << 16];
    log_init(&log, large, sizeof(large));
    for (int index = 0; index < 4; index++) {
        threads.emplace_back([this, index] {
            for (int round = 0; round < 200; round++) {
                log_print(&log, "hart %d line %d end", index, round);
            }
        });
    }
    for (auto &thread : threads) {
        thread.join();
    }
    std::vector<std::string> lines = TakeAll();
    EXPECT_EQ(lines.size(), 800u);
    int next[4] = {};
    for (const std::string &line : lines) {
        int hart, round, length = 0;
        ASSERT_EQ(sscanf(line.c_str(), "hart %d line %d end%n", &hart, &round, &length), 2);
        ASSERT_EQ(static_cast<size_t>(length), line.size());
        ASSERT_EQ(round, next[hart]++);
    }
}

TEST(KernelLog, WorksWithoutBeingInitialised) {
    char text[LOG_LINE_SIZE];
    log_line("boot hart %d", 7);
    ASSERT_TRUE(log_take(&kernel_log, text));
    EXPECT_STREQ(text, "boot hart 7");
}
