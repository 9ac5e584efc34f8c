/* A guest that resets in a loop, on the hart of another: its lives come at ever longer intervals, and the other's
 * output comes out whole. */
#include "tests/system/machine.h"

TEST(Resets, CostTheOthersLittle) {
    Machine machine;
    for (int wait = 10; wait <= 160; wait *= 2) {
        ASSERT_TRUE(machine.expect("^guest resets: cold reboot \\(no reason given\\) by vcpu 0; it starts again in " +
                                   std::to_string(wait) + " ms$"));
    }
    EXPECT_TRUE(machine.expect("^\\[steady\\] steady 20 of 20$"));
    EXPECT_TRUE(machine.expect("^guest steady: shut down"));
    EXPECT_TRUE(machine.expect("^guest resets: started again from its image, boot \\d+$"));
    for (int line = 1; line <= 20; line++) {
        EXPECT_NE(machine.transcript().find("[steady] steady " + std::to_string(line) + " of 20\n"), std::string::npos);
    }
    EXPECT_EQ(machine.transcript().find("lines of the kernel not shown"), std::string::npos);
    machine.power_off();
    EXPECT_TRUE(machine.ends_with(0));
}
