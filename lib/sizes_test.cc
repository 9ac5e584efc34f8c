#include <cstdint>
#include <string>

#include <gtest/gtest.h>

extern "C" {
#include "lib/sizes.h"
}

namespace {

uint64_t Parse(const char *text) {
    uint64_t bytes = 0;
    EXPECT_EQ(sizes_parse(text, &bytes), STATUS_OK) << text;
    return bytes;
}

status_t Refusal(const char *text) {
    uint64_t bytes = 77;
    status_t status = sizes_parse(text, &bytes);
    EXPECT_EQ(bytes, 77u) << text;
    return status;
}

std::string Print(uint64_t bytes) {
    char text[SIZES_TEXT_SIZE];
    EXPECT_LT(sizes_print(text, sizeof text, bytes), sizeof text) << bytes;
    return text;
}

constexpr uint64_t kKi = 1024, kMi = kKi * 1024, kGi = kMi * 1024, kTi = kGi * 1024;

TEST(Sizes, ParsesNumbersAndUnits) {
    EXPECT_EQ(Parse("0"), 0u);
    EXPECT_EQ(Parse("123"), 123u);
    EXPECT_EQ(Parse("0x1000"), 4096u);
    EXPECT_EQ(Parse("0XaBc"), 0xabcu);
    EXPECT_EQ(Parse("0x90aAfF"), 0x90aaffu);
    EXPECT_EQ(Parse("64K"), 64 * kKi);
    EXPECT_EQ(Parse("512M"), 512 * kMi);
    EXPECT_EQ(Parse("2G"), 2 * kGi);
    EXPECT_EQ(Parse("3t"), 3 * kTi);
    EXPECT_EQ(Parse("64k"), 64 * kKi);
    EXPECT_EQ(Parse("64KiB"), 64 * kKi);
    EXPECT_EQ(Parse("64 MiB"), 64 * kMi);
    EXPECT_EQ(Parse("7 g"), 7 * kGi);
    EXPECT_EQ(Parse("0x10M"), 16 * kMi);
}

TEST(Sizes, ParsesUpToTheLastByte) {
    EXPECT_EQ(Parse("18446744073709551615"), UINT64_MAX);
    EXPECT_EQ(Parse("0xffffffffffffffff"), UINT64_MAX);
    EXPECT_EQ(Parse("16777215T"), UINT64_MAX - (kTi - 1));
    EXPECT_EQ(Refusal("18446744073709551616"), STATUS_TOO_BIG);
    EXPECT_EQ(Refusal("99999999999999999999"), STATUS_TOO_BIG);
    EXPECT_EQ(Refusal("0x10000000000000000"), STATUS_TOO_BIG);
    EXPECT_EQ(Refusal("16777216T"), STATUS_TOO_BIG);
    EXPECT_EQ(Refusal("18014398509481984K"), STATUS_TOO_BIG);
}

TEST(Sizes, RefusesWhatIsNoSize) {
    for (const char *text : {"",    " ",   "M",   "x",  "0x", "0xg",  "-1",  "+1",    " 1",   "1 ",  "1  M", "1MM",
                             "1Mi", "1MB", "1iB", "1B", "1P", "1.5G", "1M ", "1MiBs", "1Mib", "12a", "1\n"}) {
        EXPECT_EQ(Refusal(text), STATUS_INVALID) << "'" << text << "'";
    }
}

TEST(Sizes, PrintsExactValuesWhole) {
    EXPECT_EQ(Print(0), "0 B");
    EXPECT_EQ(Print(1023), "1023 B");
    EXPECT_EQ(Print(kKi), "1 KiB");
    EXPECT_EQ(Print(64 * kMi), "64 MiB");
    EXPECT_EQ(Print(1023 * kMi), "1023 MiB");
    EXPECT_EQ(Print(2 * kGi), "2 GiB");
    EXPECT_EQ(Print(kTi << 20), "1 EiB");
}

TEST(Sizes, PrintsTheRestInTenths) {
    EXPECT_EQ(Print(1536 * kKi), "1.5 MiB");
    EXPECT_EQ(Print(32505856 + 1), "31.0 MiB");
    EXPECT_EQ(Print(kKi + 51), "1.0 KiB");
    EXPECT_EQ(Print(kKi + 52), "1.1 KiB");
    EXPECT_EQ(Print(2 * kKi - 1), "2.0 KiB");
    EXPECT_EQ(Print(UINT64_MAX), "16.0 EiB");
}

TEST(Sizes, RoundingUpReachesTheNextUnit) {
    EXPECT_EQ(Print(kMi - 1), "1.0 MiB");
    EXPECT_EQ(Print(kMi - 52), "1023.9 KiB");
    EXPECT_EQ(Print(kGi - 1), "1.0 GiB");
    EXPECT_EQ(Print((kTi << 20) - 1), "1.0 EiB");
}

TEST(Sizes, ParsesWhatItPrintsExactly) {
    for (uint64_t bytes : {5 * kKi, 64 * kMi, 3 * kGi, 9 * kTi}) {
        EXPECT_EQ(Parse(Print(bytes).c_str()), bytes);
    }
}

TEST(Sizes, CutsLikeFormatBuffer) {
    char text[4];
    EXPECT_EQ(sizes_print(text, sizeof text, 64 * kMi), 6u);
    EXPECT_STREQ(text, "64 ");
}

} // namespace
