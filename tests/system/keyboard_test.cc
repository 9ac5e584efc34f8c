/* Keys go to the guest that has the keyboard; Ctrl-] and a key give it to another and do the rest of docs/consoles.md.
 */
#include "tests/system/machine.h"

namespace {

const std::string escape = "\x1d";

class Keyboard : public testing::Test {
  protected:
    void SetUp() override {
        ASSERT_TRUE(machine_.expect_all({"^\\[left\\] ready for keys$", "^\\[right\\] ready for keys$"}));
    }

    void expect_key(char key, const std::string &guest, const std::string &code) {
        machine_.type(std::string(1, key));
        EXPECT_TRUE(machine_.expect("^\\[" + guest + "\\] key " + code + "$"));
    }

    Machine machine_;
};

TEST_F(Keyboard, BelongsToTheGuestOfTheManifestFirst) {
    expect_key('a', "right", "0x61");
    expect_key('q', "right", "0x71");
    EXPECT_TRUE(machine_.expect("^guest right: shut down"));
}

TEST_F(Keyboard, GoesToTheChosenGuest) {
    machine_.type(escape + "1");
    EXPECT_TRUE(machine_.expect("^keyboard: left$"));
    expect_key('b', "left", "0x62");
    machine_.type(escape + "2");
    EXPECT_TRUE(machine_.expect("^keyboard: right$"));
    expect_key('c', "right", "0x63");
    machine_.type(escape + "n");
    EXPECT_TRUE(machine_.expect("^keyboard: left$"));
    expect_key('q', "left", "0x71");
    EXPECT_TRUE(machine_.expect("^guest left: shut down \\(no reason given\\)"));
    machine_.type(escape + "2");
    expect_key('q', "right", "0x71");
    EXPECT_TRUE(machine_.expect("^no guest is left: powering off$"));
    EXPECT_TRUE(machine_.ends_with(0));
}

TEST_F(Keyboard, SendsItsOwnEscape) {
    machine_.type(escape + escape);
    EXPECT_TRUE(machine_.expect("^\\[right\\] key 0x1d$"));
}

TEST_F(Keyboard, ListsAndHelps) {
    machine_.type(escape + "l");
    EXPECT_TRUE(machine_.expect("^  1  left +running$"));
    EXPECT_TRUE(machine_.expect("^  2  right +running, has the keyboard$"));
    machine_.type(escape + "h");
    EXPECT_TRUE(machine_.expect("power off the machine"));
    machine_.type(escape + "9");
    EXPECT_TRUE(machine_.expect("there is no guest 9"));
}

TEST_F(Keyboard, RawViewHasNoTags) {
    machine_.type(escape + "r");
    EXPECT_TRUE(machine_.expect("^raw view of right"));
    machine_.type("z");
    EXPECT_TRUE(machine_.expect("^key 0x7a$"));
    machine_.type(escape + "r");
    EXPECT_TRUE(machine_.expect("tagged view of all guests$"));
    expect_key('y', "right", "0x79");
}

TEST_F(Keyboard, PowersOffIfOneMeansIt) {
    machine_.type(escape + "qn");
    EXPECT_TRUE(machine_.expect("^power off: no$"));
    expect_key('a', "right", "0x61");
    machine_.power_off();
    EXPECT_TRUE(machine_.expect("^power off: yes$"));
    EXPECT_TRUE(machine_.ends_with(0));
}

} // namespace
