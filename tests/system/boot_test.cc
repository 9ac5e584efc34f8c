/* Boot with so many harts: the kernel counts them, and a guest with as many virtual harts has them all at work. */
#include "tests/system/machine.h"

TEST(Boot, AllHartsWork) {
    Machine machine;
    ASSERT_TRUE(machine.expect("^diosix \\S+ rv" + std::to_string(Machine::xlen()) + "  (\\d+) harts?  "));
    const std::string count = machine.found();
    EXPECT_TRUE(machine.expect("^guest harts +" + count + " vcpu"));
    EXPECT_TRUE(machine.expect("^\\[harts\\] " + count + " harts passed the token$"));
    EXPECT_TRUE(machine.expect("^guest harts: shut down \\(no reason given\\)"));
    EXPECT_TRUE(machine.ends_with(0));
}
