/*
 * Guests that spin get what they were promised of the hart, under -icount: a guest's share is its rounds of all guests'
 * rounds. The rule names each with what it is to have, in thousandths, and how many may be missing or too much:
 * NAME:SHARE:TOLERANCE.
 */
#include "tests/system/arguments.h"
#include "tests/system/machine.h"

#include <cmath>
#include <map>
#include <sstream>

namespace {

struct Expected {
    std::string name;
    double share;
    double tolerance;
};

std::vector<Expected> ReadExpected() {
    std::vector<Expected> all;
    for (const std::string &argument : test_arguments().guests) {
        std::istringstream stream(argument);
        Expected expected;
        char colon;
        std::getline(stream, expected.name, ':');
        stream >> expected.share >> colon >> expected.tolerance;
        EXPECT_FALSE(stream.fail()) << argument;
        all.push_back(expected);
    }
    return all;
}

double RoundsOf(const std::string &transcript, const std::string &name) {
    std::smatch match;
    std::regex line("\\[" + name + "\\] had (\\d+) rounds");
    return std::regex_search(transcript, match, line) ? std::stod(match[1]) : NAN;
}

TEST(Share, EachHasWhatItWasPromised) {
    /* An instruction is 32 nanoseconds: ten seconds are soon over. */
    Machine machine({"--", "-icount", "shift=5,sleep=off"});
    std::vector<Expected> all = ReadExpected();
    ASSERT_FALSE(all.empty());
    Machine::Words lines;
    for (const Expected &expected : all) {
        lines.push_back("^\\[" + expected.name + "\\] had \\d+ rounds$");
        lines.push_back("^\\[" + expected.name + "\\] all \\d+ checks passed$");
    }
    ASSERT_TRUE(machine.expect_all(lines));
    double sum = 0;
    for (const Expected &expected : all) {
        sum += RoundsOf(machine.transcript(), expected.name);
    }
    for (const Expected &expected : all) {
        double share = 1000 * RoundsOf(machine.transcript(), expected.name) / sum;
        std::printf("%s: %.2f of 1000, promised %.2f\n", expected.name.c_str(), share, expected.share);
        EXPECT_NEAR(share, expected.share, expected.tolerance) << expected.name;
    }
    EXPECT_TRUE(machine.ends_with(0));
}

} // namespace
