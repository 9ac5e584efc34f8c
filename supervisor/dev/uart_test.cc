#include <gtest/gtest.h>

#include <string>

extern "C" {
#include "supervisor/dev/uart.h"
}

namespace {

class UartTest : public testing::Test {
  protected:
    static uint8_t Load(void *context, unsigned index) {
        auto *self = static_cast<UartTest *>(context);
        if (index == 0) {
            uint8_t byte = static_cast<uint8_t>(self->input.at(0));
            self->input.erase(0, 1);
            return byte;
        }
        EXPECT_EQ(index, 5u);
        bool empty = !self->stuck && self->busy-- <= 0;
        return static_cast<uint8_t>((self->input.empty() ? 0 : 1) | (empty ? 0x60 : 0));
    }

    static void Store(void *context, unsigned index, uint8_t value) {
        auto *self = static_cast<UartTest *>(context);
        self->stores.emplace_back(index, value);
    }

    std::string input;
    int busy = 0;
    bool stuck = false;
    std::vector<std::pair<unsigned, unsigned>> stores;
    uart device{this, Load, Store};
};

TEST_F(UartTest, InitTurnsInterruptsOff) {
    uart_init(&device);
    EXPECT_EQ(stores, (std::vector<std::pair<unsigned, unsigned>>{{1, 0}, {2, 1}}));
}

TEST_F(UartTest, WaitsForRoom) {
    busy = 3;
    EXPECT_TRUE(uart_write(&device, 'x'));
    EXPECT_EQ(stores, (std::vector<std::pair<unsigned, unsigned>>{{0, 'x'}}));
}

TEST_F(UartTest, GivesUpOnADeviceThatIsNotThere) {
    stuck = true;
    EXPECT_FALSE(uart_write(&device, 'x'));
    EXPECT_TRUE(stores.empty());
}

TEST_F(UartTest, ReadsOnlyWhatHasCome) {
    char byte;
    EXPECT_FALSE(uart_read(&device, &byte));
    input = "\xff";
    EXPECT_TRUE(uart_read(&device, &byte));
    EXPECT_EQ(byte, '\xff');
}

} // namespace
