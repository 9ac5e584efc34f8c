/*
 * A guest with a watchdog that hangs on one of its harts is stopped and started again as its policy says. One that
 * sleeps for longer than the period is not, nor one that works; nor does a guest without a watchdog have to do
 * anything. Under -icount, so that a period is one of the guest's own work, however busy the build machine is.
 */
#include "tests/system/machine.h"

TEST(Watchdog, FindsTheGuestThatHangs) {
    Machine machine({"--", "-icount", "shift=5,sleep=off"});
    const std::string hung = "^guest hangs: hung: its vcpu 1 had the hart for 500 ms without a sign of life, last at "
                             "0x[0-9a-f]+; it ";
    EXPECT_TRUE(machine.expect_all({
        hung + "starts again in 100 ms, restart 1 of 1 in a row$",
        "^guest hangs: started again from its image, boot 2$",
        hung + "stays off after 1 restart in a row$",
        "^\\[idle\\] all \\d+ checks passed$",
        "^\\[witness\\] all \\d+ checks passed$",
    }));
    /* It worked, both times, before it hung. */
    const std::string &text = machine.transcript();
    EXPECT_LT(text.find("[hangs] worked"), text.find("guest hangs: hung"));
    EXPECT_EQ(text.find("guest idle: hung"), std::string::npos);
    machine.power_off();
    EXPECT_TRUE(machine.expect("^power off: yes$"));
    EXPECT_TRUE(machine.ends_with(0));
}
