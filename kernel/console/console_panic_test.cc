/* console, in a panic: the last words come out whoever holds what, and a dead UART does not stop them for ever. */
#include "kernel/console/console_fixture.h"

namespace {

class ConsolePanic : public ConsoleFixture {
  protected:
    void Begin() {
        EXPECT_TRUE(console_panic_claim(console.get()));
        console_panic_begin(console.get());
    }
};

} // namespace

TEST_F(ConsolePanic, FinishesWhatWasOnItsWay) {
    Start({"linux"});
    Print(0, "hello\n");
    uart.room = 4;
    (void)Pump();
    log_print(&log, "before");
    uart.room = SIZE_MAX;
    Begin();
    console_panic_line(console.get(), "panic: %s", "a\nb");
    EXPECT_EQ(Sent(), "[linux] hello\r\nbefore\r\npanic: a?b\r\n");
}

TEST_F(ConsolePanic, ThePromptOnScreenIsEnded) {
    Start({"linux"});
    Print(0, "# ");
    (void)Pump();
    now += PAUSE;
    (void)Show();
    Begin();
    EXPECT_EQ(Sent(), "\r\n");
}

TEST_F(ConsolePanic, StopsThePumps) {
    Start({"linux"});
    Begin();
    (void)Sent();
    Print(0, "hello\n");
    EXPECT_EQ(Pump(), UINT64_MAX);
    EXPECT_EQ(Sent(), "");
}

TEST_F(ConsolePanic, DoesNotWaitForTheLocks) {
    Start({"linux"});
    log_print(&log, "kept");
    spinlock_lock(&console->lock);
    spinlock_lock(&log.lock);
    Begin();
    console_panic_line(console.get(), "panic");
    EXPECT_EQ(Sent(), "\r\npanic\r\n");
    spinlock_unlock(&log.lock);
    spinlock_unlock(&console->lock);
}

TEST_F(ConsolePanic, LeavesTheRawView) {
    Start({"linux"});
    Type("\x1dr");
    (void)Pump();
    Print(0, "\x1b]0;begun");
    (void)Show();
    Begin();
    EXPECT_EQ(Sent()[0], '\x18');
}

TEST_F(ConsolePanic, ADeadUartIsWaitedForOnce) {
    Start({"linux"});
    uart.room = 0;
    Begin();
    for (int count = 0; count < 100; count++) {
        console_panic_line(console.get(), "%s", std::string(400, 'x').c_str());
    }
    EXPECT_LT(uart.put_count, 1100000u);
    uart.room = SIZE_MAX;
    console_panic_line(console.get(), "alive again");
    EXPECT_EQ(Sent(), "alive again\r\n");
}

TEST_F(ConsolePanic, WithoutAUartNothingHappens) {
    Start({"linux"});
    console->uart = nullptr;
    Begin();
    console_panic_line(console.get(), "panic");
}

TEST_F(ConsolePanic, IsClaimedOnce) {
    Start({"linux"});
    EXPECT_TRUE(console_panic_claim(console.get()));
    EXPECT_FALSE(console_panic_claim(console.get()));
}

/* Its lock is let go, so that the last words come out whole. */
TEST_F(ConsolePanic, EndsAFlush) {
    Start({"linux"});
    Print(0, "hello\n");
    EXPECT_TRUE(console_panic_claim(console.get()));
    uart.put_count = 0;
    console_flush(console.get(), now);
    EXPECT_EQ(uart.put_count, 0u);
    console_panic_begin(console.get());
    console_panic_line(console.get(), "panic");
    EXPECT_EQ(Sent(), "panic\r\n");
}
