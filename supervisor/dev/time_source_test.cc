#include <gtest/gtest.h>

extern "C" {
#include "supervisor/dev/time_source.h"
}

namespace {

uint64_t now;

uint64_t Now() {
    return now;
}

TEST(TimeSourceTest, ConvertsWithoutOverflow) {
    time_source ten_megahertz{Now, 10000000};
    now = 15000001;
    EXPECT_EQ(time_nanoseconds(&ten_megahertz), 1500000100u);
    now = uint64_t{10000000} * 86400 * 365 * 500;
    EXPECT_EQ(time_nanoseconds(&ten_megahertz), TIME_NANOSECONDS * 86400 * 365 * 500);
    time_source fastest{Now, 0xffffffff};
    now = 0xfffffffe;
    EXPECT_EQ(time_nanoseconds(&fastest), 999999999u);
}

TEST(TimeSourceTest, NeverSleepsTooShort) {
    time_source slow{Now, 32768};
    EXPECT_EQ(time_ticks(&slow, 1), 1u);
    EXPECT_EQ(time_ticks(&slow, 10000000), 328u);
    EXPECT_EQ(time_ticks(&slow, 2 * TIME_NANOSECONDS), 65536u);
    EXPECT_EQ(time_ticks(&slow, 0), 0u);
}

} // namespace
