extern "C" {
#include "tools/packer/number.h"
}

#include <gtest/gtest.h>

namespace {

TEST(Number, TakesDigits) {
    uint64_t number;
    EXPECT_EQ(number_parse("0", 0, &number), STATUS_OK);
    EXPECT_EQ(number, 0u);
    EXPECT_EQ(number_parse("010", 100, &number), STATUS_OK);
    EXPECT_EQ(number, 10u);
    EXPECT_EQ(number_parse("18446744073709551615", UINT64_MAX, &number), STATUS_OK);
    EXPECT_EQ(number, UINT64_MAX);
}

TEST(Number, RefusesEverythingElse) {
    uint64_t number = 7;
    for (const char *text : {"", " 1", "1 ", "+1", "-1", "0x1", "1.0", "1K"}) {
        EXPECT_EQ(number_parse(text, UINT64_MAX, &number), STATUS_INVALID) << text;
    }
    EXPECT_EQ(number_parse("18446744073709551616", UINT64_MAX, &number), STATUS_TOO_BIG);
    EXPECT_EQ(number_parse("99999999999999999999999", UINT64_MAX, &number), STATUS_TOO_BIG);
    EXPECT_EQ(number_parse("65", 64, &number), STATUS_TOO_BIG);
    EXPECT_EQ(number, 7u);
}

} // namespace
