/* What a guest's instret counts of the kernel's work: under -icount, where it is exact. */
#include "tests/system/machine.h"

TEST(Counters, CountWhatTheyAreSaidTo) {
    Machine machine({"--", "-icount", "shift=0,sleep=off"});
    ASSERT_TRUE(machine.expect("^\\[counters\\] ok +instret "));
    EXPECT_TRUE(machine.expect("^\\[counters\\] all \\d+ checks passed$"));
    EXPECT_TRUE(machine.ends_with(0));
}
