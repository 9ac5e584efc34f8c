/* tagger: what a guest prints becomes plain lines, whatever it prints. */
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

extern "C" {
#include "kernel/console/tagger.h"
}

namespace {

class Tagger : public testing::Test {
  protected:
    void SetUp() override {
        tagger_init(&tagger, LINE_SIZE);
    }

    std::string Text() const {
        return std::string(tagger.line.cells, tagger.line.length);
    }

    void Print(const std::string &bytes) {
        for (size_t index = 0; index < bytes.size();) {
            enum tagger_result result = tagger_put(&tagger, static_cast<uint8_t>(bytes[index]));
            index += result != TAGGER_LINE_FULL;
            if (result != TAGGER_TAKEN) {
                lines.push_back(Text());
                tagger_next_line(&tagger);
            }
        }
    }

    /* What the bytes leave in the line, starting afresh. */
    std::string Shown(const std::string &bytes) {
        tagger_init(&tagger, LINE_SIZE);
        lines.clear();
        Print(bytes);
        return Text();
    }

    struct tagger tagger;
    std::vector<std::string> lines;
};

} // namespace

TEST_F(Tagger, LinesEndAtLf) {
    Print("one\r\ntwo\n\nthree");
    EXPECT_EQ(lines, (std::vector<std::string>{"one", "two", ""}));
    EXPECT_EQ(Text(), "three");
}

TEST_F(Tagger, CrAndBackspaceStayInTheLine) {
    EXPECT_EQ(Shown("10%\r20%"), "20%");
    EXPECT_EQ(Shown("\b\b\b[kernel]\b"), "[kernel]");
    EXPECT_EQ(tagger.line.cursor, 7);
    EXPECT_EQ(Shown("ls\b \b\b \b"), "  ");
    EXPECT_EQ(tagger.line.cursor, 0);
}

TEST_F(Tagger, LongLinesAreContinued) {
    tagger_init(&tagger, 4);
    Print("abcdefgh\nijkl\n");
    EXPECT_EQ(lines, (std::vector<std::string>{"abcd", "efgh", "ijkl"}));
    lines.clear();
    Print("\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f\xe2\x82\xac\n");
    EXPECT_EQ(lines, (std::vector<std::string>{"????", "?"}));
}

TEST_F(Tagger, SequencesAreSwallowed) {
    const std::vector<std::string> sequences = {
        "\x1b[2J",
        "\x1b[1;1H",
        "\x1b[38;5;1m",
        "\x1b[?25l",
        "\x1b[>0q",
        "\x1b[1 q",
        "\x1b[A",
        "\x1b"
        "c",
        "\x1b"
        "7",
        "\x1b"
        "E",
        "\x1b"
        "M",
        "\x1b#8",
        "\x1b(B",
        "\x1b$(C",
        "\x1b]0;title\a",
        "\x1b]0;title\x1b\\",
        "\x1b]0;title\x9c",
        "\x1bPq#0;2;0;0;0\x1b\\",
        "\x1bXstring\x1b\\",
        "\x1b^message\x1b\\",
        "\x1b_command\x1b\\",
        "\x9b"
        "2J",
        "\x9d"
        "0;title\a",
        "\x90q\x9c",
        "\x98s\x9c",
        "\x9em\x9c",
        "\x9f"
        "c\x9c",
        "\x85",
        "\x8d",
        "\x1b[31\x18",
        "\x1b]0;x\x1a",
        "\x1b\x1b[31m",
        "\x1b[3\x1b[31m",
        "\x0e",
        "\x0f",
        "\x07",
        "\x0b",
        "\x0c",
        "\x7f",
        std::string(1, '\0'),
    };
    for (const std::string &sequence : sequences) {
        EXPECT_EQ(Shown("a" + sequence + "b"), "ab") << testing::PrintToString(sequence);
        EXPECT_TRUE(lines.empty());
        EXPECT_EQ(tagger.state, TAGGER_TEXT);
    }
}

TEST_F(Tagger, ControlsInsideASequenceActAsInATerminal) {
    EXPECT_EQ(Shown("abc\x1b[\r1mX"), "Xbc");
    EXPECT_EQ(Shown("abc\x1b[1\b;2mX"), "abX");
}

TEST_F(Tagger, AnEndlessStringSwallowsOnlyItsLine) {
    Print("a\x1b]0;no end\nnext\n\x1b[12\nlast\n");
    EXPECT_EQ(lines, (std::vector<std::string>{"a", "next", "", "last"}));
}

TEST_F(Tagger, LineEditingActsWithinTheLine) {
    EXPECT_EQ(Shown("# make\b\b\b\b\x1b[J"), "# ");
    EXPECT_EQ(Shown("# make\r\x1b[K"), "");
    EXPECT_EQ(Shown("abcdef\x1b[4DX"), "abXdef");
    EXPECT_EQ(Shown("abcdef\x1b[99999999999DX"), "Xbcdef");
    EXPECT_EQ(Shown("abcdef\r\x1b[CX"), "aXcdef");
    EXPECT_EQ(Shown("ab\r\x1b[9999CX"), "abX") << "never past the text";
    EXPECT_EQ(Shown("abcdef\r\x1b[1K"), "abcdef") << "other parameters do nothing";
    EXPECT_EQ(Shown("abcdef\r\x1b[2J\x1b[?J\x1b[;K"), "abcdef");
}

TEST_F(Tagger, OtherBytesBecomeQuestionMarks) {
    EXPECT_EQ(Shown("gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80!"), "gr?? ? ?!");
    EXPECT_EQ(Shown("\xc5\x9b[31mx"), "?[31mx") << "a continuation byte is not CSI";
    EXPECT_EQ(Shown("\xff\xc0\xa4"), "???");
    EXPECT_EQ(Shown("\xc3x\x9b"
                    "31mz"),
              "?xz")
        << "but a stray one is";
}

TEST_F(Tagger, WhateverComesTheLineIsPrintable) {
    std::mt19937 random(2);
    tagger_init(&tagger, 61);
    for (int count = 0; count < 200000; count++) {
        static const char likely[] = "\x1b\x1b[];?0123456789mHJKCD\b\b\r\n\t\x9b\x9d\x90\x9c\xc3\xe2";
        uint8_t byte = random() % 2 ? static_cast<uint8_t>(random())
                                    : static_cast<uint8_t>(likely[random() % (sizeof(likely) - 1)]);
        if (tagger_put(&tagger, byte) != TAGGER_TAKEN) {
            tagger_next_line(&tagger);
        }
        ASSERT_LE(tagger.line.cursor, tagger.line.length);
        ASSERT_LE(tagger.line.length, 61);
        if (tagger.line.cursor > 0) {
            char written = tagger.line.cells[tagger.line.cursor - 1];
            ASSERT_TRUE(written >= 0x20 && written < 0x7f);
        }
    }
}
