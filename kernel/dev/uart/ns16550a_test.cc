/* ns16550a: every access goes to the right register in the right width, and the driver never waits. */
#include <gtest/gtest.h>

#include <string>
#include <vector>

extern "C" {
#include "kernel/arch/host/mmio.h"
#include "kernel/dev/uart/ns16550_registers.h"
#include "kernel/dev/uart/ns16550a.h"
}

namespace {

constexpr uint64_t BASE = 0x10000000;

/* A 16550A of which the test decides when its transmitter is empty. */
struct Device {
    unsigned shift = 0;
    unsigned width = 1;
    bool has_fifo = true;
    bool is_empty = true;
    uint8_t ier = 0xff, lcr = 0x80, fcr = 0, mcr = 0, dll = 0, dlm = 0;
    std::string sent, typed;
    unsigned in_fifo = 0;
    unsigned status_read_count = 0;
    unsigned divisor_write_count = 0;
    unsigned access_count = 0;
    struct host_mmio model = {Read, Write, this};

    unsigned IndexOf(uint64_t address, unsigned size) {
        access_count++;
        EXPECT_EQ(size, width);
        EXPECT_GE(address, BASE);
        EXPECT_EQ((address - BASE) % (1u << shift), 0u);
        EXPECT_LT((address - BASE) >> shift, 8u);
        return static_cast<unsigned>((address - BASE) >> shift);
    }

    static uint32_t Read(void *context, uint64_t address, unsigned size) {
        auto *self = static_cast<Device *>(context);
        bool dlab = self->lcr & NS16550_LCR_DLAB;
        switch (self->IndexOf(address, size)) {
        case NS16550_RBR: {
            if (dlab) {
                return self->dll;
            }
            uint8_t byte = self->typed.empty() ? 0 : static_cast<uint8_t>(self->typed[0]);
            self->typed.erase(0, 1);
            return byte;
        }
        case NS16550_IER:
            return dlab ? self->dlm : self->ier;
        case NS16550_IIR:
            return self->has_fifo && self->fcr & 1 ? 0xc1 : 0x01;
        case NS16550_LSR:
            self->status_read_count++;
            return (self->typed.empty() ? 0u : 1u) | (self->is_empty ? 0x60u : 0u);
        default:
            return 0;
        }
    }

    static void Write(void *context, uint64_t address, unsigned size, uint32_t value) {
        auto *self = static_cast<Device *>(context);
        uint8_t byte = static_cast<uint8_t>(value);
        bool dlab = self->lcr & NS16550_LCR_DLAB;
        EXPECT_LE(value, 0xffu);
        switch (self->IndexOf(address, size)) {
        case NS16550_THR:
            self->divisor_write_count += dlab;
            if (dlab) {
                self->dll = byte;
            } else {
                EXPECT_LT(self->in_fifo, self->has_fifo ? 16u : 1u) << "overrun";
                self->in_fifo++;
                self->is_empty = false;
                self->sent += static_cast<char>(byte);
            }
            break;
        case NS16550_IER:
            (dlab ? self->dlm : self->ier) = byte;
            break;
        case NS16550_FCR:
            self->fcr = byte;
            break;
        case NS16550_LCR:
            self->lcr = byte;
            break;
        case NS16550_MCR:
            self->mcr = byte;
            break;
        }
    }

    void SendAll() {
        in_fifo = 0;
        is_empty = true;
    }
};

class Ns16550a : public testing::Test {
  protected:
    status_t Init() {
        host_mmio_install(&device.model);
        device.shift = config.reg_shift;
        device.width = config.io_width;
        return ns16550a_init(&driver, &config);
    }

    bool Put(char byte) {
        return driver.uart.ops->try_put(&driver.uart, static_cast<uint8_t>(byte));
    }

    void TearDown() override {
        host_mmio_install(nullptr);
    }

    Device device;
    struct ns16550a_config config = {paddr(BASE), 0, 1, 0, 0, true};
    struct ns16550a driver;
};

} // namespace

TEST_F(Ns16550a, StartsQuietWithFifosAnd8N1) {
    ASSERT_EQ(Init(), STATUS_OK);
    EXPECT_EQ(device.ier, 0);
    EXPECT_EQ(device.lcr, 0x03);
    EXPECT_EQ(device.fcr & 1, 1);
    EXPECT_EQ(device.mcr, 0x0b);
    EXPECT_EQ(device.divisor_write_count, 0u) << "the speed is not known";
    EXPECT_TRUE(driver.uart.has_irq);
    EXPECT_EQ(device.sent, "");
}

TEST_F(Ns16550a, SetsTheSpeedThatTheTreeNames) {
    config.clock_frequency = 3686400;
    config.current_speed = 9600;
    ASSERT_EQ(Init(), STATUS_OK);
    EXPECT_EQ(device.dll | device.dlm << 8, 24);
    EXPECT_EQ(device.divisor_write_count, 1u);
    ASSERT_EQ(Init(), STATUS_OK);
    EXPECT_EQ(device.divisor_write_count, 1u) << "it is right already";
    config.current_speed = 115200;
    ASSERT_EQ(Init(), STATUS_OK);
    EXPECT_EQ(device.dll | device.dlm << 8, 2);
}

TEST_F(Ns16550a, ImpossibleSpeedsAreLeftAlone) {
    for (auto [clock, speed] : {std::pair{0u, 9600u}, {3686400u, 0u}, {100u, 4000000000u}, {4294967295u, 1u}}) {
        config.clock_frequency = clock;
        config.current_speed = speed;
        ASSERT_EQ(Init(), STATUS_OK);
        EXPECT_EQ(device.divisor_write_count, 0u) << clock << " " << speed;
    }
}

TEST_F(Ns16550a, SixteenBytesPerStatus) {
    ASSERT_EQ(Init(), STATUS_OK);
    unsigned count = 0;
    while (Put('x')) {
        count++;
    }
    EXPECT_EQ(count, 16u);
    EXPECT_EQ(device.status_read_count, 2u);
    EXPECT_FALSE(Put('y'));
    device.SendAll();
    EXPECT_TRUE(Put('y'));
    EXPECT_EQ(device.sent, std::string(16, 'x') + "y");
}

TEST_F(Ns16550a, OneByteWithoutFifo) {
    device.has_fifo = false;
    ASSERT_EQ(Init(), STATUS_OK);
    EXPECT_TRUE(Put('x'));
    EXPECT_FALSE(Put('y'));
    device.SendAll();
    EXPECT_TRUE(Put('y'));
}

TEST_F(Ns16550a, Receives) {
    uint8_t byte = 0;
    ASSERT_EQ(Init(), STATUS_OK);
    EXPECT_FALSE(driver.uart.ops->try_get(&driver.uart, &byte));
    device.typed = "ab";
    EXPECT_TRUE(driver.uart.ops->try_get(&driver.uart, &byte));
    EXPECT_EQ(byte, 'a');
    EXPECT_TRUE(driver.uart.ops->try_get(&driver.uart, &byte));
    EXPECT_FALSE(driver.uart.ops->try_get(&driver.uart, &byte));
}

TEST_F(Ns16550a, InterruptsAreIndependent) {
    ASSERT_EQ(Init(), STATUS_OK);
    const struct uart_ops *ops = driver.uart.ops;
    ops->rx_irq_enable(&driver.uart, true);
    EXPECT_EQ(device.ier, 1);
    ops->tx_irq_enable(&driver.uart, true);
    EXPECT_EQ(device.ier, 3);
    unsigned count = device.access_count;
    ops->tx_irq_enable(&driver.uart, true);
    EXPECT_EQ(device.access_count, count) << "nothing to change";
    ops->rx_irq_enable(&driver.uart, false);
    EXPECT_EQ(device.ier, 2);
    ops->tx_irq_enable(&driver.uart, false);
    EXPECT_EQ(device.ier, 0);
}

TEST_F(Ns16550a, WideRegisters) {
    config.reg_shift = 2;
    config.io_width = 4;
    ASSERT_EQ(Init(), STATUS_OK);
    EXPECT_TRUE(Put('x'));
    EXPECT_EQ(device.sent, "x");
    config.io_width = 1;
    device.SendAll();
    ASSERT_EQ(Init(), STATUS_OK);
    EXPECT_TRUE(Put('y'));
}

TEST_F(Ns16550a, RefusesWhatCannotBe) {
    const struct ns16550a_config bad[] = {
        {paddr(BASE), 0, 0, 0, 0, false},
        {paddr(BASE), 0, 2, 0, 0, false},
        {paddr(BASE), 2, 8, 0, 0, false},
        {paddr(BASE), 1, 4, 0, 0, false},
        {paddr(BASE + 2), 2, 4, 0, 0, false},
        {paddr(BASE), 9, 1, 0, 0, false},
        {paddr(BASE), UINT32_MAX, 1, 0, 0, false},
        {paddr(UINT64_MAX - 6), 0, 1, 0, 0, false},
        {paddr(UINT64_MAX - 30), 2, 1, 0, 0, false},
    };
    host_mmio_install(&device.model);
    for (const struct ns16550a_config &config : bad) {
        EXPECT_EQ(ns16550a_init(&driver, &config), STATUS_INVALID);
    }
    EXPECT_EQ(device.access_count, 0u);
}
