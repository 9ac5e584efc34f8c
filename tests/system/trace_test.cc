/*
 * The trace, from a running machine to what a person sees: switched on by boot argument or key, shown with a key, read
 * out of the console log by tools/trace as text and as JSON.
 */
#include "tests/system/machine.h"

#include <array>
#include <cstdio>
#include <fstream>
#include <set>

namespace {

const std::string escape = "\x1d";

/* What the viewer prints for a log. */
std::string view(const std::string &log, const std::string &options) {
    const std::string path = testing::TempDir() + "/console.log";
    std::ofstream(path) << log;
    FILE *viewer = popen((Machine::file("trace") + " " + options + " " + path).c_str(), "r");
    std::string text;
    std::array<char, 4096> piece;
    for (size_t size; (size = fread(piece.data(), 1, piece.size(), viewer)) > 0;) {
        text.append(piece.data(), size);
    }
    EXPECT_EQ(pclose(viewer), 0);
    return text;
}

/* The lines that have all of the parts. */
size_t count(const std::string &text, const std::vector<std::string> &parts) {
    size_t found = 0;
    for (size_t begin = 0; begin < text.size();) {
        const size_t end = std::min(text.find('\n', begin), text.size());
        const std::string line = text.substr(begin, end - begin);
        found += std::all_of(parts.begin(), parts.end(),
                             [&](const std::string &part) { return line.find(part) != std::string::npos; });
        begin = end + 1;
    }
    return found;
}

TEST(Trace, ShowsWhoRanWhere) {
    Machine machine({"--boot", "trace=on"});
    ASSERT_TRUE(machine.expect_all({"^\\[first\\] steady 3 of 20$", "^\\[second\\] steady 3 of 20$"}));
    machine.type(escape + "d");
    ASSERT_TRUE(machine.expect("^#trace 1 \\d+$"));
    ASSERT_TRUE(machine.expect("^#end$"));
    ASSERT_TRUE(machine.expect("^\\[first\\] steady ")) << "the guests run on";

    const std::string text = view(machine.transcript(), "");
    EXPECT_GT(count(text, {"enter: at 0x"}), 2u);
    EXPECT_GT(count(text, {"first.0", "sbi: DBCN, function 0"}), 0u) << text;
    EXPECT_GT(count(text, {"second.0", "exit: "}), 0u);
    EXPECT_GT(count(text, {"idle: "}), 0u);
    EXPECT_GT(count(text, {"hart 0 "}), 0u);
    EXPECT_GT(count(text, {"hart 1 "}), 0u);
    EXPECT_EQ(count(text, {"damaged"}), 0u);
    EXPECT_EQ(count(text, {"ends before"}), 0u);

    const std::string json = view(machine.transcript(), "--json");
    EXPECT_GT(count(json, {"\"ph\":\"X\"", "\"name\":\"first.0\""}), 0u) << json;
    EXPECT_GT(count(json, {"\"ph\":\"X\"", "\"name\":\"second.0\""}), 0u);
    EXPECT_EQ(count(json, {"\"args\":{\"name\":\"hart "}), 2u);
    machine.power_off();
    EXPECT_TRUE(machine.ends_with(0));
}

TEST(Trace, IsSwitchedByKey) {
    Machine machine;
    ASSERT_TRUE(machine.expect("^\\[first\\] steady 1 of 20$"));
    machine.type(escape + "d");
    ASSERT_TRUE(machine.expect("^#hart 0 0 0$")) << "off, so there is nothing";
    ASSERT_TRUE(machine.expect("^#end$"));
    machine.type(escape + "t");
    ASSERT_TRUE(machine.expect("^trace: on$"));
    ASSERT_TRUE(machine.expect("^\\[first\\] steady \\d+ of 20$"));
    machine.type(escape + "t");
    ASSERT_TRUE(machine.expect("^trace: off$"));
    machine.type(escape + "d");
    ASSERT_TRUE(machine.expect("^#t [01] [0-9a-f]+ enter 0.0 ")); /* whichever hart it is on */
    ASSERT_TRUE(machine.expect("^#end$"));
}

} // namespace
