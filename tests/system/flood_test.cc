/*
 * Beside a guest that floods the console, what another prints comes out whole and in order, and the flood goes on;
 * the keyboard still works.
 */
#include "tests/system/machine.h"

namespace {

size_t count(const std::string &text, const std::string &part) {
    size_t found = 0;
    for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) {
        found++;
    }
    return found;
}

TEST(Flood, TheOthersOutputIsShown) {
    Machine machine;
    for (int line = 1; line <= 20; line++) {
        ASSERT_TRUE(machine.expect("^\\[steady\\] steady " + std::to_string(line) + " of 20$"));
    }
    EXPECT_TRUE(machine.expect_all(
        {"^\\[steady\\] all \\d+ checks passed$", "^guest steady: shut down \\(no reason given\\)"}));
    EXPECT_TRUE(machine.expect("^\\[flood\\] ")) << "the flood does not go on";
    machine.power_off();
    EXPECT_TRUE(machine.expect("^power off: yes$"));
    EXPECT_TRUE(machine.ends_with(0));
    /* Or more: a line that is complete but for its end may be shown, give way to another, and be shown again. */
    EXPECT_GE(count(machine.transcript(), "[steady] " + std::string(80, '.') + "\n"), 100u);
}

} // namespace
