/*
 * For guests that check things themselves (tests/guests): each that the rule names has to come to its end with all
 * checks passed, and then the machine has to switch itself off.
 */
#include "tests/system/arguments.h"
#include "tests/system/machine.h"

TEST(Payload, AllChecksPass) {
    Machine machine;
    Machine::Words endings;
    for (const std::string &guest : test_arguments().guests) {
        endings.push_back("^\\[" + guest + "\\] all \\d+ checks passed$");
        endings.push_back("^guest " + guest + ": shut down \\(no reason given\\)");
    }
    ASSERT_FALSE(endings.empty());
    ASSERT_TRUE(machine.expect_all(endings));
    ASSERT_TRUE(machine.expect("^no guest is left: powering off$"));
    EXPECT_TRUE(machine.ends_with(0));
}
