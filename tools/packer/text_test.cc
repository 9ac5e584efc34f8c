extern "C" {
#include "tools/packer/text.h"
}

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

namespace {

std::string take(char *text) {
    std::string copy = text;
    free(text);
    return copy;
}

TEST(Text, Formats) {
    EXPECT_EQ(take(text_format("%s-%u", "kernel", 3u)), "kernel-3");
    EXPECT_EQ(take(text_format("%s", "")), "");
    EXPECT_EQ(take(text_format("%s", std::string(5000, 'x').c_str())), std::string(5000, 'x'));
}

TEST(Text, JoinsPaths) {
    EXPECT_EQ(take(text_join_path("", "a")), "a");
    EXPECT_EQ(take(text_join_path("/b", "a")), "/b/a");
    EXPECT_EQ(take(text_join_path("b/", "a")), "b/a");
    EXPECT_EQ(take(text_join_path("/b", "/a")), "/a");
}

TEST(Text, FindsFolders) {
    EXPECT_EQ(take(text_directory_of("a")), "");
    EXPECT_EQ(take(text_directory_of("/a")), "/");
    EXPECT_EQ(take(text_directory_of("b/c/a")), "b/c/");
}

} // namespace
