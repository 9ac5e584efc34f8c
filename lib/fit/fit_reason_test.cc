extern "C" {
#include "lib/fit/fit_reason.h"
}

#include <gtest/gtest.h>

#include <string>

namespace {

TEST(FitReason, WritesTheSentenceAndReturnsTheStatus) {
    struct fit_reason reason;
    EXPECT_EQ(fit_refuse(&reason, STATUS_CORRUPT, "image %s: %u", "kernel-1", 7u), STATUS_CORRUPT);
    EXPECT_STREQ(reason.text, "image kernel-1: 7");
}

TEST(FitReason, CutsWhatDoesNotFit) {
    struct fit_reason reason;
    std::string text(1000, 'x');
    EXPECT_EQ(fit_refuse(&reason, STATUS_INVALID, "%s", text.c_str()), STATUS_INVALID);
    EXPECT_EQ(std::string(reason.text), std::string(sizeof(reason.text) - 1, 'x'));
}

} // namespace
