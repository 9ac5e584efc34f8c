/* As boot_test, with as many harts as there may be. They take turns, under -icount: side by side on a few cores some
 * would be too late for the kernel, which leaves out whoever does not come. */
#include "tests/system/machine.h"

TEST(BootMany, AllHartsWork) {
    Machine machine({"--", "-icount", "shift=0,sleep=off"});
    ASSERT_TRUE(machine.expect("^diosix \\S+ rv" + std::to_string(Machine::xlen()) + "  64 harts  "));
    EXPECT_TRUE(machine.expect("^\\[harts\\] 64 harts passed the token$"));
    EXPECT_TRUE(machine.ends_with(0));
}
