/* timer: mtimecmp never holds a mixture of two deadlines, mtime is read whole. */
#include "kernel/kernel_fixture.h"

namespace {

class Timer : public KernelFixture {
  public:
    void SetUp() override {
        Start(2);
        board.is_recording = true;
    }
};

TEST_F(Timer, RaisesTheUpperHalfBeforeItWritesTheLower) {
    timer_set(harts[1], 0x12345678'9abcdef0);
    ASSERT_EQ(board.writes.size(), 3u);
    EXPECT_EQ(board.writes[0].address, Board::kMtimecmp + 12);
    EXPECT_EQ(board.writes[0].value, UINT32_MAX);
    EXPECT_EQ(board.writes[1].address, Board::kMtimecmp + 8);
    EXPECT_EQ(board.writes[1].value, 0x9abcdef0u);
    EXPECT_EQ(board.writes[2].address, Board::kMtimecmp + 12);
    EXPECT_EQ(board.writes[2].value, 0x12345678u);
    EXPECT_EQ(Registers(1)->timer, 0x12345678'9abcdef0u);
}

TEST_F(Timer, AtFirstItIsSetToNeverWhateverItHeld) {
    host_clock_set(1);
    Registers(1)->timer = 5;
    harts[1]->timer_deadline = UINT64_MAX;
    timer_init_hart(harts[1]);
    EXPECT_EQ(Registers(1)->timer, UINT64_MAX);
}

TEST_F(Timer, WritesTheLowerHalfAloneWhereTheUpperIsTheSame) {
    timer_set(harts[1], 0x7'00000010);
    board.writes.clear();
    timer_set(harts[1], 0x7'fffffff0);
    ASSERT_EQ(board.writes.size(), 1u);
    EXPECT_EQ(board.writes[0].address, Board::kMtimecmp + 8);
    EXPECT_EQ(Registers(1)->timer, 0x7'fffffff0u);
}

TEST_F(Timer, NoStateInBetweenIsEarlierThanBothDeadlines) {
    const std::vector<uint64_t> deadlines = {0x1'ffffffff, 0x2'00000000,  5, 0xffffffff, UINT64_MAX,
                                             0x1'00000000, UINT64_MAX - 1};
    uint64_t before = UINT64_MAX;
    timer_set(harts[0], before);
    for (uint64_t deadline : deadlines) {
        board.writes.clear();
        timer_set(harts[0], deadline);
        uint64_t state = before;
        for (const Board::Write &write : board.writes) {
            unsigned shift = write.address % 8 * 8;
            state = (state & ~(uint64_t{UINT32_MAX} << shift)) | uint64_t{write.value} << shift;
            EXPECT_GE(state, std::min(before, deadline));
        }
        EXPECT_EQ(state, deadline);
        before = deadline;
    }
}

TEST_F(Timer, DoesNotWriteWhatIsThere) {
    timer_set(harts[0], 77);
    board.writes.clear();
    timer_set(harts[0], 77);
    EXPECT_TRUE(board.writes.empty());
}

TEST_F(Timer, RoundsDurationsUp) {
    EXPECT_EQ(timer_ticks_of_ms(1), kMillisecond);
    EXPECT_EQ(timer_ticks_of_us(1), kMillisecond / 1000);
    timer_init(paddr(Board::kMtime), 32768);
    EXPECT_EQ(timer_ticks_of_ms(1), 33u);
    EXPECT_EQ(timer_ticks_of_us(1), 1u);
    EXPECT_EQ(timer_ticks_of_us(1000000), 32768u);
    EXPECT_EQ(timer_ticks_of_ms(0), 0u);
    EXPECT_EQ(timer_ticks_of_ms(UINT32_MAX), (uint64_t{UINT32_MAX} * 32768 + 999) / 1000);
}

TEST_F(Timer, ReadsTheCsrWhereThereIsOne) {
    host_clock_set(0x5'00000007);
    EXPECT_EQ(timer_now(), 0x5'00000007u);
}

/* Each look at the register moves the time on, across the wrap of the lower half. */
TEST_F(Timer, ReadsMtimeWholeWhileItWraps) {
    harts[0]->features &= ~uint32_t{HART_TIME};
    for (uint64_t start = 0xffffffff'0ull - 0x40; start < 0xffffffff'0ull + 0x40; start++) {
        uint64_t wrap = start & ~uint64_t{0xf};
        host_clock_set(wrap | 0xffffffff);
        host_clock_set_step(1);
        uint64_t before = host_clock();
        uint64_t now = timer_now();
        host_clock_set_step(0);
        EXPECT_GE(now, before);
        EXPECT_LE(now, host_clock());
    }
}

} // namespace
