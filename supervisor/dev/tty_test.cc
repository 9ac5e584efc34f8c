// The line discipline over a scripted keyboard and a recorded screen.
#include <gtest/gtest.h>

#include <string>

extern "C" {
#include "supervisor/dev/tty.h"
}

namespace {

class TtyTest : public testing::Test {
  protected:
    TtyTest() {
        tty_init(&terminal, &device);
    }

    // What the program reads after these keys; at most `size` bytes.
    std::string Read(const std::string &typed, size_t size = 2000) {
        keys += typed;
        std::string buffer(size, 0);
        buffer.resize(tty_read(&terminal, buffer.data(), size));
        return buffer;
    }

    static void Write(void *self, const char *bytes, size_t size) {
        static_cast<TtyTest *>(self)->screen.append(bytes, size);
    }

    static bool ReadByte(void *context, char *out_byte) {
        auto *self = static_cast<TtyTest *>(context);
        if (self->keys.empty()) {
            return false;
        }
        *out_byte = self->keys[0];
        self->keys.erase(0, 1);
        return true;
    }

    static void Wait(void *context) {
        auto *self = static_cast<TtyTest *>(context);
        self->waits++;
        self->keys += self->later;
        self->later.clear();
    }

    std::string keys, later, screen;
    int waits = 0;
    tty_device device{this, Write, ReadByte, Wait};
    tty terminal;
};

TEST_F(TtyTest, ReadsALineAndEchoesIt) {
    EXPECT_EQ(Read("hello\r"), "hello\n");
    EXPECT_EQ(screen, "hello\r\n");
    EXPECT_EQ(Read("again\n"), "again\n");
}

TEST_F(TtyTest, WaitsInsteadOfSpinning) {
    later = "x\r";
    EXPECT_EQ(Read(""), "x\n");
    EXPECT_EQ(waits, 1);
}

TEST_F(TtyTest, LeavesWhatIsTypedAheadToTheDevice) {
    EXPECT_EQ(Read("one\rtwo\r"), "one\n");
    EXPECT_EQ(keys, "two\r");
    EXPECT_EQ(Read(""), "two\n");
}

TEST_F(TtyTest, HandsALongLineOverInPieces) {
    EXPECT_EQ(Read("abcdef\r", 4), "abcd");
    EXPECT_EQ(Read("", 4), "ef\n");
    EXPECT_EQ(Read("gh\r", 4), "gh\n");
}

TEST_F(TtyTest, AReadOfNothingDoesNotWait) {
    EXPECT_EQ(tty_read(&terminal, nullptr, 0), 0u);
    EXPECT_EQ(waits, 0);
}

TEST_F(TtyTest, Erases) {
    EXPECT_EQ(Read("abx\x7f\x08"
                   "c\r"),
              "ac\n");
    EXPECT_EQ(screen, "abx\b \b\b \bc\r\n");
    EXPECT_EQ(Read("\x7f\x7f!\r"), "!\n") << "nothing left to erase";
}

TEST_F(TtyTest, ErasesAUtf8CharacterWhole) {
    EXPECT_EQ(Read("a\xc3\xa9\x7f\r"), "a\n");
    EXPECT_EQ(Read("\xe2\x82\xac\x7f"
                   "b\r"),
              "b\n");
    EXPECT_EQ(Read("\x80\x80\x7f"
                   "b\r"),
              "b\n")
        << "malformed, but bounded";
}

TEST_F(TtyTest, ErasesTheLine) {
    EXPECT_EQ(Read("abc\x15"
                   "d\r"),
              "d\n");
    EXPECT_EQ(screen, "abc\b \b\b \b\b \bd\r\n");
}

TEST_F(TtyTest, ShowsControlCharactersAndErasesBothColumns) {
    EXPECT_EQ(Read("\x1b[A\r"), "\x1b[A\n");
    EXPECT_EQ(screen, "^[[A\r\n");
    screen.clear();
    EXPECT_EQ(Read("\x01\x7f\r"), "\n");
    EXPECT_EQ(screen, "^A\b \b\b \b\r\n");
}

TEST_F(TtyTest, EndOfFile) {
    EXPECT_EQ(Read("\x04"), "");
    EXPECT_EQ(Read("abc\x04"), "abc");
    EXPECT_EQ(Read("\x04"), "");
    EXPECT_EQ(Read("more\r"), "more\n");
}

TEST_F(TtyTest, InterruptThrowsTheLineAway) {
    EXPECT_EQ(Read("abc\x03"
                   "d\r"),
              "d\n");
    EXPECT_EQ(screen, "abc^C\r\nd\r\n");
}

TEST_F(TtyTest, AFullLineStillTakesItsEnd) {
    std::string line = Read(std::string(5000, 'x') + "\r");
    EXPECT_EQ(line.size(), size_t{TTY_LINE_SIZE});
    EXPECT_EQ(line.back(), '\n');
    EXPECT_NE(screen.find('\a'), std::string::npos);
}

TEST_F(TtyTest, WritesCarriageReturns) {
    tty_write(&terminal, "a\n\nb", 4);
    EXPECT_EQ(screen, "a\r\n\r\nb");
    tty_start_line(&terminal);
    tty_start_line(&terminal);
    EXPECT_EQ(screen, "a\r\n\r\nb\r\n");
}

} // namespace
