/* tag: the text and the width, with and without colour, and names that would break out of it. */
#include <gtest/gtest.h>

#include <string>

extern "C" {
#include "kernel/console/tag.h"
}

static std::string BytesOf(const std::string &name, int colour) {
    struct tag tag;
    tag_init(&tag, name.c_str(), colour);
    return std::string(tag.bytes, tag.size);
}

TEST(Tag, PlainAndColoured) {
    EXPECT_EQ(BytesOf("linux", TAG_NO_COLOUR), "[linux] ");
    EXPECT_EQ(BytesOf("linux", 0), "\x1b[36m[linux]\x1b[0m ");
    EXPECT_EQ(BytesOf("linux", 6), BytesOf("linux", 0));
    EXPECT_NE(BytesOf("linux", 1), BytesOf("linux", 0));
}

TEST(Tag, WidthIsWithoutColour) {
    struct tag tag;
    tag_init(&tag, "web", 3);
    EXPECT_EQ(tag.width, 6);
    tag_init(&tag, "web", TAG_NO_COLOUR);
    EXPECT_EQ(tag.width, 6);
}

TEST(Tag, NamesAreCutAndCleaned) {
    EXPECT_EQ(BytesOf("0123456789abcdefgh", TAG_NO_COLOUR), "[0123456789abcde] ");
    EXPECT_EQ(BytesOf("a]\n\x1b[b", TAG_NO_COLOUR), "[a____b] ");
    EXPECT_EQ(BytesOf("", TAG_NO_COLOUR), "[] ");
}
