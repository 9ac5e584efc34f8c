extern "C" {
#include "tools/packer/refusal.h"
}

#include <gtest/gtest.h>

#include <string>

namespace {

TEST(Refusal, WritesTheSentenceAndReturnsTheStatus) {
    struct refusal refusal;
    EXPECT_EQ(refuse(&refusal, STATUS_BUSY, "%s: %d", "file", 3), STATUS_BUSY);
    EXPECT_STREQ(refusal.text, "file: 3");
}

TEST(Refusal, CutsWhatDoesNotFit) {
    struct refusal refusal;
    std::string text(5000, 'x');
    EXPECT_EQ(refuse(&refusal, STATUS_INVALID, "%s", text.c_str()), STATUS_INVALID);
    EXPECT_EQ(std::string(refusal.text), std::string(sizeof(refusal.text) - 1, 'x'));
}

} // namespace
