/*
 * On harts with Smepmp the kernel says that it uses it, which it only does once a store to its own code has trapped,
 * and guests that check things themselves (tests/guests) find everything as without.
 */
#include "tests/system/arguments.h"
#include "tests/system/machine.h"

TEST(Smepmp, IsUsedAndGuestsDoNotNotice) {
    Machine machine;
    ASSERT_TRUE(machine.expect("^diosix .* isolation: .*  smepmp$"));
    Machine::Words endings;
    for (const std::string &guest : test_arguments().guests) {
        endings.push_back("^\\[" + guest + "\\] all \\d+ checks passed$");
    }
    ASSERT_FALSE(endings.empty());
    EXPECT_TRUE(machine.expect_all(endings));
    EXPECT_TRUE(machine.ends_with(0));
}
