// Walks the list of status codes: the values are an ABI, so the list as it stands is pinned here a second time.
#include <cstring>
#include <set>
#include <string>

#include <gtest/gtest.h>

extern "C" {
#include "abi/status.h"
}

namespace {

struct Row {
    const char *name;
    int value;
    status_t status;
    const char *text;
};

#define STATUS_ROW(name, value, text) {#name, value, STATUS_##name, text},
const Row kRows[] = {STATUS_LIST(STATUS_ROW)};
#undef STATUS_ROW

// Append only: a line is added at the end when a code is, and no line ever changes.
const char *const kReleased[] = {
    "OK",     "INVALID",     "DENIED",  "NOT_FOUND", "NO_MEMORY", "BUSY",
    "EXISTS", "UNSUPPORTED", "TOO_BIG", "CORRUPT",   "FAULT",     "AGAIN",
};

TEST(Status, ReleasedValuesKeepTheirNames) {
    ASSERT_EQ(std::size(kRows), std::size(kReleased));
    for (size_t index = 0; index < std::size(kRows); index++) {
        EXPECT_STREQ(kRows[index].name, kReleased[index]);
        EXPECT_EQ(kRows[index].value, static_cast<int>(index));
    }
}

TEST(Status, EachEnumeratorHasItsValueAndItsText) {
    for (const Row &row : kRows) {
        EXPECT_EQ(static_cast<int>(row.status), row.value) << row.name;
        EXPECT_STREQ(status_text(row.status), row.text) << row.name;
    }
}

TEST(Status, TextsAreDistinctAndNotEmpty) {
    std::set<std::string> texts;
    for (const Row &row : kRows) {
        EXPECT_GT(std::strlen(row.text), 0u) << row.name;
        EXPECT_TRUE(texts.insert(row.text).second) << row.name;
    }
}

TEST(Status, OkIsZero) {
    EXPECT_EQ(STATUS_OK, 0);
}

TEST(Status, ValuesOutsideTheListHaveAText) {
    EXPECT_STREQ(status_text(static_cast<status_t>(std::size(kRows))), "unknown status");
    EXPECT_STREQ(status_text(static_cast<status_t>(15)), "unknown status");
}

} // namespace
