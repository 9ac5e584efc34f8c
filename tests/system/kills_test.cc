/* A hundred times a guest is killed and started anew from the console; the other one's memory and life are as before,
 * and nothing of the machine is used up. */
#include "tests/system/machine.h"

namespace {

const std::string escape = "\x1d";

TEST(Kills, AHundredLeaveNothingBehind) {
    Machine machine;
    const std::string memory = "^(memory: .* regions; 2 guests on the console)$";
    ASSERT_TRUE(machine.expect("^\\[victim\\] ready for keys$"));
    machine.type(escape + "s");
    ASSERT_TRUE(machine.expect(memory));
    const std::string before = machine.found();
    for (int boot = 2; boot <= 101; boot++) {
        machine.type(escape + "xy");
        ASSERT_TRUE(machine.expect("^guest victim: restarted from the console; it starts again now$"));
        ASSERT_TRUE(machine.expect("^guest victim: started again from its image, boot " + std::to_string(boot) + "$"));
        ASSERT_TRUE(machine.expect("^\\[victim\\] ready for keys$"));
    }
    machine.type(escape + "s");
    ASSERT_TRUE(machine.expect("^  victim +running, boot 101; "));
    ASSERT_TRUE(machine.expect("^  witness +running, boot 1; "));
    ASSERT_TRUE(machine.expect(memory));
    EXPECT_EQ(machine.found(), before);
    machine.type("a");
    EXPECT_TRUE(machine.expect("^\\[victim\\] key 0x61$"));
    machine.type(escape + "ky");
    EXPECT_TRUE(machine.expect("^guest victim: stopped from the console; it stays off$"));
    machine.type(escape + "2q");
    EXPECT_TRUE(machine.expect("^\\[witness\\] all \\d+ checks passed$"));
    EXPECT_TRUE(machine.ends_with(0));
}

TEST(Kills, PausedAndContinued) {
    Machine machine;
    ASSERT_TRUE(machine.expect("^\\[victim\\] ready for keys$"));
    machine.type(escape + "p");
    ASSERT_TRUE(machine.expect("^guest victim: paused from the console$"));
    machine.type("a" + escape + "l");
    ASSERT_TRUE(machine.expect("^  1  victim +paused, has the keyboard$"));
    machine.type(escape + "p");
    ASSERT_TRUE(machine.expect("^guest victim: goes on from the console$"));
    EXPECT_TRUE(machine.expect("^\\[victim\\] key 0x61$"));
}

} // namespace
