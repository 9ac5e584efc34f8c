extern "C" {
#include "tools/packer/words.h"
}

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace {

class WordsSplit : public testing::Test {
  protected:
    status_t split(const std::string &text) {
        struct words words = {};
        status_t status = words_split("guests.txt", text.data(), text.size(), &words, &refusal_);
        if (status == STATUS_OK) {
            words_.clear();
            lines_.clear();
            for (size_t index = 0; index < words.count; index++) {
                words_.push_back(words.items[index].text);
                lines_.push_back(words.items[index].line);
            }
            words_free(&words);
        }
        return status;
    }

    std::vector<std::string> words_;
    std::vector<unsigned> lines_;
    struct refusal refusal_ = {};
};

using Words = std::vector<std::string>;

TEST_F(WordsSplit, SplitsAtWhiteSpace) {
    ASSERT_EQ(split("--guest linux\n\n\t--vcpus  4\r\n--keyboard"), STATUS_OK);
    EXPECT_EQ(words_, (Words{"--guest", "linux", "--vcpus", "4", "--keyboard"}));
    EXPECT_EQ(lines_, (std::vector<unsigned>{1, 1, 3, 3, 4}));
    ASSERT_EQ(split(""), STATUS_OK);
    EXPECT_EQ(words_, Words{});
}

TEST_F(WordsSplit, LeavesCommentsOut) {
    ASSERT_EQ(split("# one\na # two 'three\nb#c \"# d\"#e\n#"), STATUS_OK);
    EXPECT_EQ(words_, (Words{"a", "b#c", "# d#e"}));
    EXPECT_EQ(lines_, (std::vector<unsigned>{2, 3, 3}));
}

TEST_F(WordsSplit, KnowsQuotes) {
    ASSERT_EQ(split(R"("a b" 'c "d" \e' "f \"g\" \\ 'h'" i"j k"'l' "" '')"), STATUS_OK);
    EXPECT_EQ(words_, (Words{"a b", "c \"d\" \\e", "f \"g\" \\ 'h'", "ij kl", "", ""}));
    ASSERT_EQ(split("'a\nb' c"), STATUS_OK);
    EXPECT_EQ(words_, (Words{"a\nb", "c"}));
    EXPECT_EQ(lines_, (std::vector<unsigned>{1, 2}));
}

TEST_F(WordsSplit, RefusesOpenQuotes) {
    EXPECT_EQ(split("a\n b \"c\nd"), STATUS_INVALID);
    EXPECT_STREQ(refusal_.text, "guests.txt:2: the quote \" is never closed");
    EXPECT_EQ(split("'"), STATUS_INVALID);
    EXPECT_EQ(split("\"\\"), STATUS_INVALID);
    EXPECT_EQ(split("\"\\\""), STATUS_INVALID);
}

TEST_F(WordsSplit, RefusesBinaries) {
    EXPECT_EQ(split(std::string("a\0b", 3)), STATUS_INVALID);
    EXPECT_STREQ(refusal_.text, "guests.txt: is not a text file");
}

TEST_F(WordsSplit, RefusesTooManyWords) {
    std::string text;
    for (int count = 0; count < WORDS_MAX; count++) {
        text += "w ";
    }
    EXPECT_EQ(split(text), STATUS_OK);
    EXPECT_EQ(split(text + "w"), STATUS_TOO_BIG);
}

} // namespace
