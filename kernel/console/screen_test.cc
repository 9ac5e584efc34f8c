/* screen: what the terminal shows is what the line holds, after any edits, and nothing else is touched. */
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "kernel/console/terminal_model.h"

extern "C" {
#include "kernel/console/screen.h"
}

namespace {

class Screen : public testing::TestWithParam<unsigned> {
  protected:
    void SetUp() override {
        screen_init(&screen, 0);
        tag_init(&linux_tag, "linux", TAG_NO_COLOUR);
        tag_init(&web_tag, "web", 0);
    }

    std::string Drain() {
        std::string bytes;
        while (!screen_is_idle(&screen)) {
            bytes += static_cast<char>(screen_next(&screen));
            screen_advance(&screen);
        }
        return bytes;
    }

    static void Type(struct line *line, const std::string &text) {
        for (char character : text) {
            ASSERT_TRUE(line_put(line, character, LINE_SIZE));
        }
    }

    struct screen screen;
    struct tag linux_tag, web_tag;
    struct line line = {};
    struct line other = {};
};

} // namespace

TEST_F(Screen, ShowsOnlyWhatChanged) {
    Type(&line, "# l");
    screen_show(&screen, &linux_tag, &line);
    EXPECT_EQ(Drain(), "[linux] # l");
    Type(&line, "s");
    screen_show(&screen, &linux_tag, &line);
    EXPECT_EQ(Drain(), "s");
    screen_show(&screen, &linux_tag, &line);
    EXPECT_EQ(Drain(), "");
    line_move_left(&line, 1);
    line_cut(&line);
    screen_show(&screen, &linux_tag, &line);
    EXPECT_EQ(Drain(), "\b \b");
    line_move_left(&line, 2);
    Type(&line, "XY");
    screen_show(&screen, &linux_tag, &line);
    EXPECT_EQ(Drain(), "\b\bXY");
}

TEST_F(Screen, AFarCarriageReturnRepeatsTheTag) {
    Type(&line, std::string(40, '.'));
    screen_show(&screen, &linux_tag, &line);
    (void)Drain();
    line_move_left(&line, 40);
    Type(&line, "50%");
    screen_show(&screen, &linux_tag, &line);
    EXPECT_EQ(Drain(), "\r[linux] 50%");
}

TEST_F(Screen, AnotherRowEndsTheFirst) {
    Type(&line, "# ");
    Type(&other, "hello");
    screen_show(&screen, &linux_tag, &line);
    screen_show(&screen, &web_tag, &other);
    screen_end_row(&screen);
    screen_end_row(&screen);
    EXPECT_EQ(Drain(), "[linux] # \r\n\x1b[36m[web]\x1b[0m hello\r\n");
}

TEST_F(Screen, KernelLinesAreBrokenBeforeTheTerminalDoes) {
    screen_init(&screen, 60);
    TerminalModel terminal(60);
    screen_put_line(&screen, std::string(200, 'k').c_str(), 200);
    terminal.Put(Drain());
    EXPECT_EQ(terminal.Rows(),
              (std::vector<std::string>{std::string(59, 'k'), "  " + std::string(57, 'k'), "  " + std::string(57, 'k'),
                                        "  " + std::string(27, 'k'), ""}));
    EXPECT_TRUE(terminal.Violations().empty());
}

TEST_F(Screen, WidthLeavesTheLastColumn) {
    EXPECT_EQ(screen_line_width(&screen, &linux_tag), static_cast<unsigned>(LINE_SIZE));
    screen_init(&screen, 80);
    EXPECT_EQ(screen_line_width(&screen, &linux_tag), 80u - 8 - 1);
    screen_init(&screen, 3);
    EXPECT_EQ(screen_line_width(&screen, &linux_tag), SCREEN_COLUMNS_MIN - 8u - 1);
    screen_init(&screen, UINT32_MAX);
    EXPECT_EQ(screen_line_width(&screen, &linux_tag), static_cast<unsigned>(LINE_SIZE));
}

TEST_F(Screen, TheDearestLineFits) {
    Type(&line, std::string(LINE_SIZE, 'a'));
    screen_show(&screen, &web_tag, &line);
    (void)Drain();
    line_move_left(&line, LINE_SIZE);
    Type(&line, std::string(LINE_SIZE, 'b'));
    line_move_left(&line, LINE_SIZE / 2);
    screen_show(&screen, &web_tag, &line);
    screen_end_row(&screen);
    EXPECT_LT(screen.end, static_cast<size_t>(SCREEN_SIZE));
    EXPECT_EQ(Drain().substr(0, 16), "\r\x1b[36m[web]\x1b[0m ") << "and backspaces are not the dearest way";
}

TEST_P(Screen, ShowsTheLineAfterAnyEdits) {
    std::mt19937 random(GetParam());
    TerminalModel terminal(0);
    struct tag *tag = GetParam() % 2 ? &linux_tag : &web_tag;
    for (int round = 0; round < 3000; round++) {
        for (unsigned edits = random() % 6; edits > 0; edits--) {
            switch (random() % 8) {
            case 0:
                line_move_left(&line, random() % 90);
                break;
            case 1:
                line_move_right(&line, random() % 90);
                break;
            case 2:
                line_cut(&line);
                break;
            case 3:
                line_put_tab(&line, 100);
                break;
            default:
                (void)line_put(&line, static_cast<char>('!' + random() % 94), 100);
                break;
            }
        }
        if (random() % 50 == 0) {
            screen_put_line(&screen, "kernel", 6);
        }
        screen_show(&screen, tag, &line);
        terminal.Put(Drain());
        std::string expected(line.cells, line.length);
        expected = std::string(tag == &linux_tag ? "[linux] " : "[web] ") + expected;
        ASSERT_EQ(terminal.Rows().back(), expected.substr(0, expected.find_last_not_of(' ') + 1));
        ASSERT_EQ(terminal.Column(), tag->width + line.cursor);
    }
    EXPECT_TRUE(terminal.Violations().empty());
    EXPECT_GE(terminal.LeftmostByBackspace(), tag->width);
}

INSTANTIATE_TEST_SUITE_P(Seeds, Screen, testing::Range(1u, 7u));
