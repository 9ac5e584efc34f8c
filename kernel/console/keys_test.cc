/* keys: what follows Ctrl-], and that everything else is the guest's. */
#include <gtest/gtest.h>

#include <set>

extern "C" {
#include "kernel/console/keys.h"
}

static struct keys_event Press(struct keys *keys, const char *text) {
    struct keys_event event = {KEYS_NOTHING, 0};
    for (; *text != '\0'; text++) {
        event = keys_press(keys, static_cast<uint8_t>(*text));
    }
    return event;
}

TEST(Keys, EveryOtherByteIsTheGuests) {
    struct keys keys = {};
    for (unsigned byte = 0; byte < 256; byte++) {
        if (byte != KEYS_PREFIX) {
            EXPECT_EQ(keys_press(&keys, static_cast<uint8_t>(byte)).action, KEYS_SEND);
        }
    }
}

TEST(Keys, Commands) {
    struct keys keys = {};
    EXPECT_EQ(Press(&keys, "\x1d").action, KEYS_NOTHING);
    EXPECT_EQ(Press(&keys, "n").action, KEYS_NEXT);
    EXPECT_EQ(Press(&keys, "n").action, KEYS_SEND) << "one key is one command";
    EXPECT_EQ(Press(&keys, "\x1dr").action, KEYS_RAW);
    EXPECT_EQ(Press(&keys, "\x1dl").action, KEYS_LIST);
    EXPECT_EQ(Press(&keys, "\x1dh").action, KEYS_HELP);
    EXPECT_EQ(Press(&keys, "\x1d?").action, KEYS_HELP);
    EXPECT_EQ(Press(&keys, "\x1d\x1d").action, KEYS_SEND);
    EXPECT_EQ(Press(&keys, "\x1d%").action, KEYS_UNKNOWN);
    EXPECT_EQ(Press(&keys, "x").action, KEYS_SEND);
    EXPECT_EQ(Press(&keys, "\x1dp").action, KEYS_PAUSE);
    EXPECT_EQ(Press(&keys, "\x1ds").action, KEYS_STATISTICS);
    EXPECT_EQ(Press(&keys, "\x1dt").action, KEYS_TRACE);
    EXPECT_EQ(Press(&keys, "\x1d"
                           "d")
                  .action,
              KEYS_DUMP);
}

TEST(Keys, StopAndRestartAskFirst) {
    struct keys keys = {};
    EXPECT_EQ(Press(&keys, "\x1dk").action, KEYS_ASK_STOP);
    EXPECT_EQ(Press(&keys, "n").action, KEYS_STAY);
    EXPECT_EQ(Press(&keys, "\x1dky").action, KEYS_STOP);
    EXPECT_EQ(Press(&keys, "\x1dx").action, KEYS_ASK_RESTART);
    EXPECT_EQ(Press(&keys, "Y").action, KEYS_RESTART);
    EXPECT_EQ(Press(&keys, "\x1dxq").action, KEYS_STAY);
    EXPECT_EQ(keys.state, KEYS_PLAIN);
}

TEST(Keys, QuitAsksFirst) {
    struct keys keys = {};
    EXPECT_EQ(Press(&keys, "\x1dq").action, KEYS_ASK_QUIT);
    EXPECT_EQ(Press(&keys, "q").action, KEYS_STAY);
    EXPECT_EQ(Press(&keys, "y").action, KEYS_SEND);
    EXPECT_EQ(Press(&keys, "\x1dqy").action, KEYS_QUIT);
    EXPECT_EQ(Press(&keys, "\x1dq\x1d").action, KEYS_STAY);
    EXPECT_EQ(keys.state, KEYS_PLAIN);
}

TEST(Keys, EveryIndexHasItsOwnKey) {
    std::set<char> seen;
    unsigned count = 0;
    for (; keys_of_index(count) != '\0'; count++) {
        struct keys keys = {};
        (void)keys_press(&keys, KEYS_PREFIX);
        struct keys_event event = keys_press(&keys, static_cast<uint8_t>(keys_of_index(count)));
        EXPECT_EQ(event.action, KEYS_SELECT);
        EXPECT_EQ(event.index, count);
        EXPECT_TRUE(seen.insert(keys_of_index(count)).second);
    }
    EXPECT_EQ(count, 24u);
    EXPECT_EQ(keys_of_index(0), '1');
    EXPECT_EQ(keys_of_index(9), 'a');
    EXPECT_EQ(keys_of_index(UINT32_MAX), '\0');
}
