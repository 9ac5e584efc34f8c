/* Beside a guest that never gives its hart back, the others that the rule names do what they have to, and the keyboard
 * still works. */
#include "tests/system/arguments.h"
#include "tests/system/machine.h"

TEST(Endless, TheOthersRunOn) {
    Machine machine;
    ASSERT_TRUE(machine.expect("^\\[endless\\] "));
    for (const std::string &guest : test_arguments().guests) {
        EXPECT_TRUE(machine.expect_all({
            "^\\[" + guest + "\\] all \\d+ checks passed$",
            "^guest " + guest + ": shut down \\(no reason given\\)",
        }));
    }
    machine.power_off();
    EXPECT_TRUE(machine.expect("^power off: yes$"));
    EXPECT_TRUE(machine.ends_with(0));
}
