/* Debian's Linux to a shell that answers, with as many CPUs as its guest has virtual harts. */
#include "tests/system/arguments.h"
#include "tests/system/machine.h"

#include <map>

namespace {

class Linux : public testing::Test {
  protected:
    void expect_answer(const std::string &guest) {
        machine_.type("echo $(nproc) CPUs, answer $((6 * 7))\n");
        EXPECT_TRUE(machine_.expect("^\\[" + guest + "\\] " + vcpus_[guest] + " CPUs, answer 42$"));
    }

    void SetUp() override {
        for (const std::string &guest : test_arguments().guests) {
            ASSERT_TRUE(machine_.expect("^guest " + guest + " +(\\d+) vcpu"));
            vcpus_[guest] = machine_.found();
        }
        expect_shells();
    }

    void expect_shells() {
        Machine::Words prompts;
        for (const std::string &guest : test_arguments().guests) {
            prompts.push_back("^\\[" + guest + "\\] .*# $");
        }
        ASSERT_TRUE(machine_.expect_all(prompts));
    }

    Machine machine_;
    std::map<std::string, std::string> vcpus_;
};

TEST_F(Linux, AnswersAndPowersOff) {
    char key = '1';
    for (const std::string &guest : test_arguments().guests) {
        machine_.type(std::string("\x1d") + key++);
        ASSERT_TRUE(machine_.expect("^keyboard: " + guest + "$"));
        expect_answer(guest);
        machine_.type("uname -a\n");
        EXPECT_TRUE(machine_.expect("^\\[" + guest + "\\] Linux linux 6\\.12\\..* riscv64 GNU/Linux$"));
        machine_.type("poweroff\n");
        ASSERT_TRUE(machine_.expect("^guest " + guest + ": shut down"));
    }
    EXPECT_TRUE(machine_.ends_with(0));
}

TEST_F(Linux, RebootsToAShell) {
    if (test_arguments().guests.size() > 1) {
        GTEST_SKIP() << "one is enough";
    }
    const std::string guest = test_arguments().guests.front();
    machine_.type("reboot\n");
    ASSERT_TRUE(machine_.expect("^guest " + guest + ": started again from its image, boot 2$"));
    expect_shells();
    expect_answer(guest);
    machine_.power_off();
    EXPECT_TRUE(machine_.ends_with(0));
}

} // namespace
