/*
 * Beside guests that attack it, an innocent one (tests/guests/innocent.c) keeps its memory and its share of the harts,
 * for as long as the attack goes on. The rule names the attackers: NAME checks its attack itself and ends, NAME:endless
 * goes on for ever. Under -icount, where a share is exact.
 */
#include "tests/system/arguments.h"
#include "tests/system/machine.h"

#include <cstdio>
#include <set>

namespace {

using Names = std::set<std::string>;

/* Those that end. */
Names Attackers() {
    Names names;
    for (const std::string &argument : test_arguments().guests) {
        if (argument.find(":endless") == std::string::npos) {
            names.insert(argument);
        }
    }
    return names;
}

/* Attackers that take long say how far they have come, so that nothing has to be waited for very long. */
void ExpectAttacksToEnd(Machine *machine, Names names) {
    while (!names.empty()) {
        ASSERT_TRUE(machine->expect("^\\[(\\S+)\\] (.* so far|all \\d+ checks passed|\\d+ of \\d+ checks failed)$"));
        const std::string name = machine->found(1), what = machine->found(2);
        ASSERT_EQ(what.find("failed"), std::string::npos) << name << ": " << what << "\n" << machine->transcript();
        if (what.find("passed") != std::string::npos) {
            names.erase(name);
        }
    }
}

TEST(Hostile, TheInnocentGuestKeepsItsMemoryAndItsShare) {
    /* An instruction is eight nanoseconds. */
    Machine machine({"--", "-icount", "shift=3,sleep=off"});
    const Names attackers = Attackers();
    const bool any_is_endless = attackers.size() < test_arguments().guests.size();
    ASSERT_FALSE(test_arguments().guests.empty());
    ASSERT_TRUE(machine.expect("^\\[innocent\\] a block takes \\d+ ticks$"));
    ASSERT_NO_FATAL_FAILURE(ExpectAttacksToEnd(&machine, attackers));
    machine.type("q");
    ASSERT_TRUE(machine.expect("^\\[innocent\\] (had \\d+ of 1000 in all)$"));
    std::printf("the innocent guest %s,\n", machine.found().c_str());
    ASSERT_TRUE(machine.expect("^\\[innocent\\] (?:ok  |FAIL) (\\d+ of 1000 .* promised \\d+)$"));
    std::printf("%s\n\n", machine.found().c_str());
    ASSERT_TRUE(machine.expect("^\\[innocent\\] .* checks (passed|failed)$"));
    ASSERT_EQ(machine.found(), "passed") << machine.transcript();
    EXPECT_TRUE(machine.expect("^guest innocent: shut down \\(no reason given\\)"));
    if (any_is_endless) {
        machine.power_off();
    }
    EXPECT_TRUE(machine.ends_with(0));
}

} // namespace
