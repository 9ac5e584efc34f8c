/* line: edits stay inside the text, and changed_from and changed_to enclose every cell that changed. */
#include <gtest/gtest.h>

#include <random>
#include <string>

extern "C" {
#include "kernel/console/line.h"
}

static std::string TextOf(const struct line &line) {
    return std::string(line.cells, line.length);
}

static void Type(struct line *line, const std::string &text, unsigned width = LINE_SIZE) {
    for (char character : text) {
        ASSERT_TRUE(line_put(line, character, width));
    }
}

TEST(Line, AppendsAndOverwrites) {
    struct line line = {};
    Type(&line, "hello");
    line_move_left(&line, 3);
    Type(&line, "y");
    EXPECT_EQ(TextOf(line), "heylo");
    EXPECT_EQ(line.cursor, 3);
    line_move_right(&line, 100);
    EXPECT_EQ(line.cursor, 5);
    line_move_left(&line, 100);
    EXPECT_EQ(line.cursor, 0);
}

TEST(Line, IsFullAtItsWidth) {
    struct line line = {};
    Type(&line, "abc", 3);
    EXPECT_FALSE(line_put(&line, 'd', 3));
    EXPECT_EQ(TextOf(line), "abc");
    line_clear(&line);
    Type(&line, std::string(LINE_SIZE, 'x'));
    EXPECT_FALSE(line_put(&line, 'y', LINE_SIZE));
    EXPECT_FALSE(line_put(&line, 'y', LINE_SIZE + 1));
}

TEST(Line, TabsGoToMultiplesOfEight) {
    struct line line = {};
    line_put_tab(&line, 20);
    EXPECT_EQ(line.cursor, 8);
    Type(&line, "a");
    line_put_tab(&line, 20);
    EXPECT_EQ(TextOf(line), "        a       ");
    line_put_tab(&line, 20);
    EXPECT_EQ(line.cursor, 20);
    line_move_left(&line, 100);
    line_put_tab(&line, 20);
    Type(&line, "A");
    EXPECT_EQ(TextOf(line).substr(0, 10), "        A ") << "a tab passes over text without erasing it";
}

TEST(Line, CutsAtTheCursor) {
    struct line line = {};
    Type(&line, "hello");
    line_move_left(&line, 2);
    line_cut(&line);
    EXPECT_EQ(TextOf(line), "hel");
}

TEST(Line, KnowsWhereItChanged) {
    std::mt19937 random(1);
    struct line line = {};
    for (int round = 0; round < 2000; round++) {
        std::string before = TextOf(line);
        line_mark_shown(&line);
        for (unsigned edits = random() % 4; edits > 0; edits--) {
            switch (random() % 5) {
            case 0:
                line_move_left(&line, random() % 50);
                break;
            case 1:
                line_move_right(&line, random() % 50);
                break;
            case 2:
                line_cut(&line);
                break;
            case 3:
                line_put_tab(&line, 100);
                break;
            default:
                (void)line_put(&line, static_cast<char>(' ' + random() % 95), 100);
                break;
            }
        }
        std::string after = TextOf(line);
        ASSERT_LE(line.cursor, line.length);
        ASSERT_LE(line.changed_from, std::max(before.size(), after.size()));
        ASSERT_EQ(before.substr(0, line.changed_from), after.substr(0, line.changed_from));
        if (line.changed_to < before.size() && line.changed_to < after.size()) {
            size_t common = std::min(before.size(), after.size());
            ASSERT_EQ(before.substr(line.changed_to, common - line.changed_to),
                      after.substr(line.changed_to, common - line.changed_to));
        }
        if (after.size() > before.size()) {
            ASSERT_EQ(line.changed_to, after.size());
        }
        if (before.size() != after.size()) {
            ASSERT_LE(line.changed_from, std::min(before.size(), after.size()));
        }
    }
}
