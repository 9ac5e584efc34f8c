/* Two guests on one hart, each with secrets in every register and all of its RAM: none sees any of the other's, and
 * none of its own from a life before, whether that ended with a reboot, a crash or an order from the console. */
#include "tests/system/machine.h"

namespace {

const std::string escape = "\x1d";

class Secrets : public testing::Test {
  protected:
    void expect_clean(const std::string &guest) {
        ASSERT_TRUE(machine_.expect("^\\[" + guest + "\\] (clean|dirty), waiting for r, c or q$"));
        ASSERT_EQ(machine_.found(), "clean") << machine_.transcript();
    }

    Machine machine_;
};

TEST_F(Secrets, AreKept) {
    ASSERT_NO_FATAL_FAILURE(expect_clean("first"));
    int boot = 1;
    for (const std::string &end : {std::string("r"), std::string("c"), escape + "xy", std::string("r")}) {
        machine_.type(end);
        ASSERT_TRUE(
            machine_.expect("^guest first: started again from its image, boot " + std::to_string(++boot) + "$"));
        ASSERT_NO_FATAL_FAILURE(expect_clean("first"));
    }
    machine_.type("q");
    EXPECT_TRUE(machine_.expect("^\\[first\\] all \\d+ checks passed$"));
    machine_.type(escape + "2q");
    EXPECT_TRUE(machine_.expect("^\\[second\\] all \\d+ checks passed$"));
    EXPECT_TRUE(machine_.expect("^no guest is left: powering off$"));
    EXPECT_TRUE(machine_.ends_with(0));
}

} // namespace
