/* Lines of attackers, of the innocent guest, and of the kernel's statistics. */
#include "tests/system/hostile.h"

#include "tests/system/arguments.h"

#include <cstdio>
#include <set>
#include <sstream>

namespace {

using Names = std::set<std::string>;

constexpr double kPromised = 0.5;

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

bool AnyIsEndless() {
    return Attackers().size() < test_arguments().guests.size();
}

/* The innocent guest's lines are its own, and the random calls print nothing but tildes. */
void ExpectOnlyOutputThatWasAskedFor(const Machine &machine) {
    static const std::regex of_others("^\\[innocent\\] (?!a block takes |had |ok   |FAIL |all |\\d+ of ).*");
    static const std::regex of_chaos("^\\[chaos\\] ~*(?!~|$|ok   |FAIL |all |\\d+ ).*");
    std::istringstream lines(machine.transcript());
    for (std::string line; std::getline(lines, line);) {
        EXPECT_FALSE(std::regex_match(line, of_others) || std::regex_match(line, of_chaos)) << line;
    }
}

} // namespace

/* Attackers that take long say how far they have come, so that nothing has to be waited for very long. Before a line of
 * theirs may stand what they print as a part of the attack. */
void ExpectAttacksToEnd(Machine *machine) {
    Names names = Attackers();
    ASSERT_FALSE(test_arguments().guests.empty());
    if (names.empty()) {
        ASSERT_TRUE(machine->expect("^\\[innocent\\] a block takes \\d+ ticks$"));
    }
    while (!names.empty()) {
        ASSERT_TRUE(machine->expect("^\\[(\\S+)\\] ~*(.* so far|all \\d+ checks passed|\\d+ of \\d+ checks failed)$"));
        const std::string name = machine->found(1), what = machine->found(2);
        ASSERT_EQ(what.find("failed"), std::string::npos) << name << ": " << what << "\n" << machine->transcript();
        if (what.find("passed") != std::string::npos) {
            names.erase(name);
        }
    }
}

void ExpectTheBooksToBeInOrder(Machine *machine, double kept, double interrupts_per_ms) {
    machine->type("\x1ds");
    ASSERT_TRUE(
        machine->expect("^  innocent +running, boot 1; ran (\\d+) ms, waited \\d+ ms, kept waiting (\\d+) ms$"));
    const double ran = std::stod(machine->found(1)), kept_waiting = std::stod(machine->found(2));
    ASSERT_TRUE(machine->expect("^    exits: timer (\\d+), ipi (\\d+), device interrupt (\\d+),"));
    const double interrupts =
        std::stod(machine->found(1)) + std::stod(machine->found(2)) + std::stod(machine->found(3));
    std::printf("the innocent guest ran for %.0f ms, was kept waiting for %.0f ms, and interrupted %.2f times a ms\n",
                ran, kept_waiting, interrupts / ran);
    EXPECT_GE(ran / (ran + kept_waiting), kPromised * kept);
    EXPECT_LE(interrupts / ran, interrupts_per_ms);
}

void ExpectTheInnocentToBeWell(Machine *machine) {
    machine->type("q");
    ASSERT_TRUE(machine->expect("^\\[innocent\\] (had \\d+ of 1000 in all)$"));
    std::printf("it %s, ", machine->found().c_str());
    ASSERT_TRUE(machine->expect("^\\[innocent\\] (?:ok  |FAIL) (\\d+ of 1000 .* promised \\d+)$"));
    std::printf("%s\n\n", machine->found().c_str());
    ASSERT_TRUE(machine->expect("^\\[innocent\\] .* checks (passed|failed)$"));
    ASSERT_EQ(machine->found(), "passed") << machine->transcript();
    EXPECT_TRUE(machine->expect("^guest innocent: shut down \\(no reason given\\)"));
    ExpectOnlyOutputThatWasAskedFor(*machine);
    if (AnyIsEndless()) {
        machine->power_off();
    }
    EXPECT_TRUE(machine->ends_with(0));
}
