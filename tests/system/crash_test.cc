/* A guest that cannot take a trap is stopped and reported with its registers; the others notice nothing. */
#include "tests/system/machine.h"

TEST(Crash, IsReportedAndTheOtherRunsOn) {
    Machine machine;
    ASSERT_TRUE(machine.expect("^\\[crash\\] about to crash$"));
    EXPECT_TRUE(machine.expect_all({
        "^guest crash: crashed: its vcpu \\d cannot take a trap: \\S+ .*\\(cause \\d, value 0x0\\) at 0x\\S+, its trap "
        "handler; it stays off$",
        "^crash  pc   [0-9a-f]+  ra   ",
        "^crash  t3   [0-9a-f]+  t4   [0-9a-f]+  t5   [0-9a-f]+  t6   [0-9a-f]+$",
        "^crash  scause [0-9a-f]+  sepc [0-9a-f]+  stval [0-9a-f]+$",
        "^\\[witness\\] all \\d+ checks passed$",
        "^guest witness: shut down \\(no reason given\\)",
    }));
    EXPECT_TRUE(machine.expect("^no guest is left: powering off$"));
    EXPECT_TRUE(machine.ends_with(0));
}
