/*
 * A guest whose own trap handler traps for ever, by exceptions that never come to the kernel, is found and stopped: at
 * its handler's first instruction or behind it, on its only hart or on one of two. The others run on. The rule names
 * how it is found: "endless" by looking, "double" by Ssdbltrp.
 */
#include "tests/system/arguments.h"
#include "tests/system/machine.h"

TEST(EndlessHandler, IsFoundAndTheOthersRunOn) {
    const bool is_double = test_arguments().guests.at(0) == "double";
    const std::string what = is_double ? "took a trap inside" : "traps for ever in";
    auto crash = [&](const std::string &guest, int vcpu) {
        return "^guest " + guest + ": crashed: its vcpu " + std::to_string(vcpu) + " " + what +
               " its trap handler: breakpoint \\(cause 3, value 0x\\S+\\) at 0x\\S+; it stays off$";
    };
    Machine machine;
    EXPECT_TRUE(machine.expect_all({
        crash("first", 0),
        crash("late", 0),
        crash("second", 1),
        "^\\[witness\\] all \\d+ checks passed$",
        "^guest witness: shut down",
    }));
    EXPECT_TRUE(machine.expect("^no guest is left: powering off$"));
    EXPECT_TRUE(machine.ends_with(0));
}
