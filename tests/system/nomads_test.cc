/* Virtual harts that go from hart to hart, which the trace shows, and find everything as it was; and so does a witness.
 */
#include "tests/system/machine.h"

#include <iterator>

namespace {

long count_moves(const std::string &transcript) {
    const std::regex move("\n#t [01] [0-9a-f]+ steal ");
    return std::distance(std::sregex_iterator(transcript.begin(), transcript.end(), move), std::sregex_iterator());
}

TEST(Nomads, HaveEverythingWithThem) {
    Machine machine({"--boot", "trace=on"});
    ASSERT_TRUE(machine.expect("^\\[nomads\\] half way$"));
    machine.type("\x1d"
                 "d");
    ASSERT_TRUE(machine.expect_all({"^#trace 1 \\d+$", "^#end$", "^\\[nomads\\] all \\d+ checks passed$"}));
    EXPECT_GT(count_moves(machine.transcript()), 2);
    machine.type("\x1d"
                 "2q");
    EXPECT_TRUE(machine.expect("^\\[witness\\] all \\d+ checks passed$"));
    EXPECT_TRUE(machine.ends_with(0));
}

} // namespace
