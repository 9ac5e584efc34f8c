#include <gtest/gtest.h>

#include <string>
#include <vector>

extern "C" {
#include "supervisor/boot/bootargs.h"
}

namespace {

class BootargsTest : public testing::Test {
  protected:
    std::vector<std::string> Arguments() {
        return {parsed.arguments, parsed.arguments + parsed.argument_count};
    }

    bootargs parsed;
};

using Words = std::vector<std::string>;

TEST_F(BootargsTest, Defaults) {
    for (const char *text : {static_cast<const char *>(nullptr), "", "   ", "console=ttyS0 quiet", "--"}) {
        ASSERT_EQ(bootargs_parse(&parsed, text), STATUS_OK);
        EXPECT_EQ(Arguments(), (Words{"/init"}));
    }
}

TEST_F(BootargsTest, FindsTheProgramAndItsArguments) {
    ASSERT_EQ(bootargs_parse(&parsed, " quiet init=/a  init=/bin/b\tinitx=3 -- one  two -- init=no "), STATUS_OK);
    EXPECT_STREQ(parsed.init, "/bin/b");
    EXPECT_EQ(Arguments(), (Words{"/bin/b", "one", "two", "--", "init=no"}));
}

TEST_F(BootargsTest, RefusesTooMuch) {
    EXPECT_EQ(bootargs_parse(&parsed, std::string(BOOTARGS_SIZE - 1, 'x').c_str()), STATUS_OK);
    EXPECT_EQ(bootargs_parse(&parsed, std::string(BOOTARGS_SIZE, 'x').c_str()), STATUS_TOO_BIG);
    std::string words = "--";
    for (int i = 1; i < BOOTARGS_WORD_LIMIT; i++) {
        words += " w";
    }
    EXPECT_EQ(bootargs_parse(&parsed, words.c_str()), STATUS_OK);
    EXPECT_EQ(bootargs_parse(&parsed, (words + " w").c_str()), STATUS_TOO_BIG);
}

} // namespace
