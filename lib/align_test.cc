#include <cstdint>

#include <gtest/gtest.h>

extern "C" {
#include "lib/align.h"
}

namespace {

constexpr uint64_t kTop = UINT64_C(1) << 63;

TEST(Align, PowersOfTwo) {
    for (unsigned bit = 0; bit < 64; bit++) {
        uint64_t power = UINT64_C(1) << bit;
        EXPECT_TRUE(is_power_of_two(power));
        EXPECT_EQ(is_power_of_two(power + 1), bit == 0) << bit;
        EXPECT_EQ(is_power_of_two(power - 1), bit == 1) << bit;
    }
    EXPECT_FALSE(is_power_of_two(0));
    EXPECT_FALSE(is_power_of_two(UINT64_MAX));
}

TEST(Align, UpAndDown) {
    EXPECT_EQ(align_up(0, 4096), 0u);
    EXPECT_EQ(align_up(1, 4096), 4096u);
    EXPECT_EQ(align_up(4096, 4096), 4096u);
    EXPECT_EQ(align_up(7, 1), 7u);
    EXPECT_EQ(align_down(4095, 4096), 0u);
    EXPECT_EQ(align_down(4096, 4096), 4096u);
    EXPECT_EQ(align_down(UINT64_MAX, kTop), kTop);
    EXPECT_EQ(align_up(UINT64_MAX, 4096), 0u) << "documented to wrap";
    EXPECT_TRUE(is_aligned(0, 8));
    EXPECT_TRUE(is_aligned(24, 8));
    EXPECT_FALSE(is_aligned(20, 8));
}

TEST(Align, CheckedAgreesWhereNothingOverflows) {
    uint64_t aligned = 0;
    for (uint64_t value : {UINT64_C(0), UINT64_C(1), UINT64_C(4095), UINT64_C(4096), kTop - 1, kTop}) {
        ASSERT_EQ(align_up_checked(value, 4096, &aligned), STATUS_OK);
        EXPECT_EQ(aligned, align_up(value, 4096));
    }
    ASSERT_EQ(align_up_checked(UINT64_MAX, 1, &aligned), STATUS_OK);
    EXPECT_EQ(aligned, UINT64_MAX);
    ASSERT_EQ(align_up_checked(UINT64_MAX - 4095, 4096, &aligned), STATUS_OK);
    EXPECT_EQ(aligned, UINT64_MAX - 4095);
    ASSERT_EQ(align_up_checked(1, kTop, &aligned), STATUS_OK);
    EXPECT_EQ(aligned, kTop);
}

TEST(Align, CheckedRefuses) {
    uint64_t aligned = 77;
    EXPECT_EQ(align_up_checked(UINT64_MAX - 4094, 4096, &aligned), STATUS_TOO_BIG);
    EXPECT_EQ(align_up_checked(UINT64_MAX, 2, &aligned), STATUS_TOO_BIG);
    EXPECT_EQ(align_up_checked(kTop + 1, kTop, &aligned), STATUS_TOO_BIG);
    EXPECT_EQ(align_up_checked(8, 0, &aligned), STATUS_INVALID);
    EXPECT_EQ(align_up_checked(8, 24, &aligned), STATUS_INVALID);
    EXPECT_EQ(aligned, 77u) << "out parameters are written only on STATUS_OK";
}

} // namespace
