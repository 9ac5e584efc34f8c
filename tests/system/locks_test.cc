/*
 * Calls on eight harts take no lock, one after the other or together: the payload makes 64,000 of them
 * (tests/bench/together.c), and all locks of the kernel were not taken a tenth as often since it was booted.
 */
#include "tests/system/machine.h"

namespace {

/* The sum of the numbers in "locks taken: console 12, ...". */
unsigned long SumOf(const std::string &line) {
    unsigned long sum = 0;
    std::regex number("\\d+");
    for (std::sregex_iterator it(line.begin(), line.end(), number); it != std::sregex_iterator(); ++it) {
        sum += std::stoul(it->str());
    }
    return sum;
}

TEST(Locks, CallsTakeNone) {
    Machine machine;
    ASSERT_TRUE(machine.expect("^\\[calls\\] (\\d+) calls were made$"));
    unsigned long calls = std::stoul(machine.found());
    EXPECT_EQ(calls, 64000u);
    machine.type("\x1ds");
    ASSERT_TRUE(machine.expect("^locks taken: (.*random numbers \\d+)$"));
    std::printf("%s\n", machine.found().c_str());
    EXPECT_GT(SumOf(machine.found()), 0u) << "they are counted";
    EXPECT_LT(SumOf(machine.found()), calls / 10);
    machine.power_off();
    EXPECT_TRUE(machine.ends_with(0));
}

} // namespace
