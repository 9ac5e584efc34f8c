/* port: both rings are bounded, in order, and independent. */
#include <gtest/gtest.h>

#include <string>

extern "C" {
#include "kernel/console/port.h"
}

namespace {

class Port : public testing::Test {
  protected:
    void SetUp() override {
        port_init(&port, "linux", nullptr, nullptr);
    }

    std::string Take(size_t size) {
        std::string bytes(size, '\0');
        bytes.resize(port_take_output(&port, bytes.data(), size));
        return bytes;
    }

    struct port port;
};

} // namespace

TEST_F(Port, TakesWhatFits) {
    std::string text(PORT_OUTPUT_SIZE - 3, 'x');
    EXPECT_EQ(port_write(&port, text.data(), text.size()), text.size());
    EXPECT_EQ(port_space(&port), 3u);
    uint32_t pending = 77;
    uint32_t space = 77;
    port_look(&port, &pending, &space);
    EXPECT_EQ(pending, 0u);
    EXPECT_EQ(space, 3u);
    EXPECT_EQ(port_write(&port, "abcdef", 6), 3u);
    EXPECT_EQ(port_write(&port, "def", 3), 0u);
    EXPECT_EQ(port_output_pending(&port), static_cast<size_t>(PORT_OUTPUT_SIZE));
    EXPECT_EQ(Take(PORT_OUTPUT_SIZE), text + "abc");
    EXPECT_EQ(port_space(&port), static_cast<size_t>(PORT_OUTPUT_SIZE));
}

TEST_F(Port, InputIsBoundedAndForgettable) {
    std::string keys(PORT_INPUT_SIZE + 10, 'k');
    EXPECT_EQ(port_put_input(&port, keys.data(), keys.size()), static_cast<size_t>(PORT_INPUT_SIZE));
    EXPECT_EQ(port_input_pending(&port), static_cast<size_t>(PORT_INPUT_SIZE));
    char bytes[4];
    EXPECT_EQ(port_read(&port, bytes, 4), 4u);
    EXPECT_EQ(std::string(bytes, 4), "kkkk");
    port_drop_input(&port);
    EXPECT_EQ(port_read(&port, bytes, 4), 0u);
}

TEST_F(Port, TrimKeepsTheLatest) {
    (void)port_write(&port, "0123456789", 10);
    EXPECT_EQ(port_trim_output(&port, 4), 6u);
    EXPECT_EQ(port_trim_output(&port, 4), 0u);
    EXPECT_EQ(Take(100), "6789");
}

TEST_F(Port, LongNamesAreCut) {
    port_init(&port, "a-name-that-is-too-long", nullptr, nullptr);
    EXPECT_STREQ(port.name, "a-name-that-is-");
}
