/* Guests that hold values in their FP registers are paused and go on again while they compute, and others have their
 * harts meanwhile. Either hart may be the one that reads the keys, so one of the two is paused by mail. */
#include "tests/system/machine.h"

namespace {

const std::string escape = "\x1d";

void PauseAndContinue(Machine &machine, const std::string &digit, const std::string &guest) {
    machine.type(escape + digit + escape + "p");
    ASSERT_TRUE(machine.expect("^guest " + guest + ": paused from the console$"));
    machine.type(escape + "p");
    ASSERT_TRUE(machine.expect("^guest " + guest + ": goes on from the console$"));
}

TEST(Pauses, FpRegistersAreAsTheyWere) {
    Machine machine;
    ASSERT_TRUE(machine.expect_all({"^\\[left\\] holding$", "^\\[right\\] holding$"}));
    for (int round = 0; round < 20; round++) {
        ASSERT_NO_FATAL_FAILURE(PauseAndContinue(machine, "1", "left"));
        ASSERT_NO_FATAL_FAILURE(PauseAndContinue(machine, "2", "right"));
    }
    EXPECT_TRUE(machine.expect_all({"^\\[left\\] all \\d+ checks passed$", "^\\[right\\] all \\d+ checks passed$"}));
}

} // namespace
