/* What happens after a guest's end is what its manifest says: never, on a crash, always; up to its limit, after waits
 * that double. */
#include "tests/system/machine.h"

namespace {

size_t count(const std::string &text, const std::string &part) {
    size_t found = 0;
    for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) {
        found++;
    }
    return found;
}

TEST(Restart, FollowsTheManifest) {
    Machine machine;
    const std::string crash = "crashed: its vcpu 0 cannot take a trap: .*; it ";
    const std::string shutdown = "shut down \\(no reason given\\) by vcpu 0; it ";
    const std::string failure = "shut down \\(system failure\\) by vcpu 0; it ";
    EXPECT_TRUE(machine.expect_all({
        "^guest never: " + crash + "stays off$",
        "^guest on-crash: " + crash + "starts again in 20 ms, restart 1 of 3 in a row$",
        "^guest on-crash: started again from its image, boot 2$",
        "^guest on-crash: " + crash + "starts again in 40 ms, restart 2 of 3 in a row$",
        "^guest on-crash: started again from its image, boot 3$",
        "^guest on-crash: " + crash + "starts again in 80 ms, restart 3 of 3 in a row$",
        "^guest on-crash: started again from its image, boot 4$",
        "^guest on-crash: " + crash + "stays off after 3 restarts in a row$",
        "^guest failure: " + failure + "starts again in 30 ms, restart 1 of 1 in a row$",
        "^guest failure: " + failure + "stays off after 1 restart in a row$",
        "^guest content: " + shutdown + "stays off$",
        "^guest always: " + shutdown + "starts again in 20 ms, restart 1 of 2 in a row$",
        "^guest always: started again from its image, boot 3$",
        "^guest always: " + shutdown + "stays off after 2 restarts in a row$",
        "^\\[witness\\] all \\d+ checks passed$",
    }));
    EXPECT_TRUE(machine.expect("^no guest is left: powering off$"));
    EXPECT_TRUE(machine.ends_with(0));
    EXPECT_EQ(count(machine.transcript(), "guest never: started"), 1u);
    EXPECT_EQ(count(machine.transcript(), "guest on-crash: started"), 4u);
    EXPECT_EQ(count(machine.transcript(), "guest failure: started"), 2u);
    EXPECT_EQ(count(machine.transcript(), "guest content: started"), 1u);
    EXPECT_EQ(count(machine.transcript(), "guest always: started"), 3u);
}

} // namespace
