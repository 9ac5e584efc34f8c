/*
 * Linux guests that compute on the same harts get what they were promised of them, under -icount, by the kernel's own
 * counters over ten seconds. The rule names each with what it is to have of a hart, all its virtual harts together, and
 * how much may be missing or too much, in thousandths: NAME:SHARE:TOLERANCE. The rounds that their processes counted
 * are shown beside it: Linux' ticks and polls take the same from a small share as from a large one.
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

class LinuxShares : public testing::Test {
  public:
    /* An instruction is eight nanoseconds. */
    LinuxShares() : machine({"--", "-icount", "shift=3,sleep=off"}), all(ReadExpected()) {
    }

    void AwaitAll(const std::string &text) {
        Machine::Words lines;
        for (const Expected &expected : all) {
            lines.push_back("^\\[" + expected.name + "\\] " + text);
        }
        ASSERT_TRUE(machine.expect_all(lines));
    }

    /* What the kernel says at this moment: milliseconds since the machine's reset, and those that each guest ran. */
    std::map<std::string, double> AskKernel() {
        std::map<std::string, double> answer;
        machine.type("\x1ds");
        EXPECT_TRUE(machine.expect("^guests since boot \\(all vcpus together\\), at (\\d+) ms"));
        answer["time"] = std::stod(machine.found());
        size_t begin = machine.transcript().rfind("guests since boot ");
        EXPECT_TRUE(machine.expect("^memory: "));
        for (const Expected &expected : all) {
            std::smatch match;
            std::regex line(expected.name + " +running, boot 1; ran (\\d+) ms");
            std::string rest = machine.transcript().substr(begin);
            EXPECT_TRUE(std::regex_search(rest, match, line)) << expected.name;
            answer[expected.name] = match.empty() ? NAN : std::stod(match[1]);
        }
        return answer;
    }

    double RoundsOf(const std::string &name) const {
        std::smatch match;
        std::regex line("\\[" + name + "\\] had (\\d+) rounds");
        return std::regex_search(machine.transcript(), match, line) ? std::stod(match[1]) : NAN;
    }

    Machine machine;
    std::vector<Expected> all;
};

TEST_F(LinuxShares, EachHasWhatItWasPromised) {
    ASSERT_FALSE(all.empty());
    AwaitAll("booted after \\d+ ms");
    AwaitAll("the window begins");
    std::map<std::string, double> before = AskKernel();
    AwaitAll("the window is over");
    std::map<std::string, double> after = AskKernel();
    double span = after["time"] - before["time"];
    EXPECT_GE(span, 9000);
    for (const Expected &expected : all) {
        double share = 1000 * (after[expected.name] - before[expected.name]) / span;
        std::printf("%s: %.1f of 1000, promised %.1f\n", expected.name.c_str(), share, expected.share);
        EXPECT_NEAR(share, expected.share, expected.tolerance) << expected.name;
    }
    AwaitAll("had \\d+ rounds");
    for (const Expected &expected : all) {
        std::printf("%s: %.0f rounds\n", expected.name.c_str(), RoundsOf(expected.name));
        EXPECT_GT(RoundsOf(expected.name), 0) << expected.name;
    }
    EXPECT_TRUE(machine.ends_with(0));
}

} // namespace
