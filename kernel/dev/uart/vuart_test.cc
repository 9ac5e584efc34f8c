/* vuart: the registers as drivers use them, Linux's detection first of all, and what hostile accesses cannot do. */
#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <string>

extern "C" {
#include "kernel/dev/uart/ns16550_registers.h"
#include "kernel/dev/uart/vuart.h"
}

namespace {

class Vuart : public testing::Test {
  protected:
    void SetUp() override {
        port_init(&port, "linux", nullptr, nullptr);
        vuart_init(&vuart, &port);
    }

    uint8_t In(unsigned index) {
        return vuart_read(&vuart, index);
    }

    void Out(unsigned index, unsigned value) {
        vuart_write(&vuart, index, static_cast<uint8_t>(value));
    }

    void Type(const std::string &keys) {
        ASSERT_EQ(port_put_input(&port, keys.data(), keys.size()), keys.size());
    }

    std::string Printed() {
        std::string bytes(PORT_OUTPUT_SIZE, '\0');
        bytes.resize(port_take_output(&port, bytes.data(), bytes.size()));
        return bytes;
    }

    /* Whether the high FIFO bits of IIR come up as `expected` once FCR has been written. */
    unsigned FifoBits(unsigned fcr) {
        Out(NS16550_FCR, fcr);
        return In(NS16550_IIR) >> 5;
    }

    struct port port;
    struct vuart vuart;
};

} // namespace

TEST_F(Vuart, StateAfterReset) {
    EXPECT_EQ(In(NS16550_IER), 0);
    EXPECT_EQ(In(NS16550_IIR), 0x01);
    EXPECT_EQ(In(NS16550_LCR), 0);
    EXPECT_EQ(In(NS16550_MCR), 0);
    EXPECT_EQ(In(NS16550_LSR), 0x60);
    EXPECT_EQ(In(NS16550_MSR), 0xb0) << "somebody is there and ready";
    EXPECT_EQ(In(NS16550_SCR), 0);
}

/* The probes that a driver makes to tell the members of the family apart, in the order in which Linux's 8250 makes
 * them. */
TEST_F(Vuart, IsIdentifiedAsA16550A) {
    /* IER holds four bits. */
    Out(NS16550_IER, 0);
    EXPECT_EQ(In(NS16550_IER) & 0x0f, 0);
    Out(NS16550_IER, 0x0f);
    EXPECT_EQ(In(NS16550_IER), 0x0f);
    Out(NS16550_IER, 0);
    /* Loopback: RTS and OUT2 come back as CTS and DCD. */
    Out(NS16550_MCR, NS16550_MCR_LOOP | 0x0a);
    EXPECT_EQ(In(NS16550_MSR) & 0xf0, 0x90);
    Out(NS16550_MCR, 0);
    /* FIFOs that work. */
    Out(NS16550_LCR, 0xbf);
    Out(2, 0);
    Out(NS16550_LCR, 0);
    Out(NS16550_FCR, 1);
    EXPECT_EQ(In(NS16550_IIR) >> 6, 3);
    /* No enhanced features register behind either value of LCR. */
    Out(NS16550_LCR, 0x80);
    EXPECT_NE(In(2), 0);
    Out(NS16550_LCR, 0xbf);
    EXPECT_NE(In(2), 0);
    /* No extended bank that shows MCR's loop bit. */
    Out(NS16550_LCR, 0);
    uint8_t mcr = In(NS16550_MCR);
    Out(NS16550_LCR, 0xe0);
    EXPECT_EQ((In(2) ^ mcr) & NS16550_MCR_LOOP, 0);
    Out(NS16550_LCR, 0);
    Out(NS16550_MCR, mcr ^ NS16550_MCR_LOOP);
    Out(NS16550_LCR, 0xe0);
    EXPECT_NE((In(2) ^ In(NS16550_MCR)) & NS16550_MCR_LOOP, 0);
    Out(NS16550_LCR, 0);
    Out(NS16550_MCR, mcr);
    /* No 64-byte FIFO, with DLAB or without. */
    EXPECT_EQ(FifoBits(0x21), 6u);
    Out(NS16550_FCR, 1);
    Out(NS16550_LCR, 0x80);
    EXPECT_EQ(FifoBits(0x21), 6u);
    Out(NS16550_LCR, 0);
    /* No UART enable bit in IER. */
    Out(NS16550_IER, 0x40);
    EXPECT_EQ(In(NS16550_IER) & 0x40, 0);
}

TEST_F(Vuart, SendsAndReceives) {
    for (char byte : std::string("hello\n")) {
        ASSERT_NE(In(NS16550_LSR) & NS16550_LSR_THR_EMPTY, 0);
        Out(NS16550_THR, static_cast<uint8_t>(byte));
    }
    EXPECT_EQ(Printed(), "hello\n");
    EXPECT_EQ(In(NS16550_LSR) & NS16550_LSR_DATA_READY, 0);
    Type("ls\r");
    std::string keys;
    while (In(NS16550_LSR) & NS16550_LSR_DATA_READY) {
        keys += static_cast<char>(In(NS16550_RBR));
    }
    EXPECT_EQ(keys, "ls\r");
    EXPECT_EQ(In(NS16550_RBR), 0);
}

TEST_F(Vuart, TheDivisorHidesData) {
    Type("x");
    Out(NS16550_LCR, 0x83);
    Out(NS16550_DLL, 0x0d);
    Out(NS16550_DLM, 0x01);
    EXPECT_EQ(In(NS16550_DLL), 0x0d);
    EXPECT_EQ(In(NS16550_DLM), 0x01);
    Out(NS16550_LCR, 0x03);
    EXPECT_EQ(In(NS16550_LCR), 0x03);
    EXPECT_EQ(In(NS16550_IER), 0);
    EXPECT_EQ(In(NS16550_RBR), 'x');
    EXPECT_EQ(Printed(), "");
}

TEST_F(Vuart, InterruptCausesByPriority) {
    EXPECT_FALSE(vuart_irq_pending(&vuart));
    Out(NS16550_FCR, 1);
    Out(NS16550_IER, NS16550_IER_RECEIVED | NS16550_IER_THR_EMPTY);
    EXPECT_EQ(In(NS16550_IIR), 0xc2);
    EXPECT_EQ(In(NS16550_IIR), 0xc2) << "polling drivers look more than once";
    EXPECT_TRUE(vuart_irq_pending(&vuart));
    Type("x");
    EXPECT_EQ(In(NS16550_IIR), 0xc4);
    (void)In(NS16550_RBR);
    Out(NS16550_IER, NS16550_IER_RECEIVED);
    EXPECT_EQ(In(NS16550_IIR), 0xc1);
    EXPECT_FALSE(vuart_irq_pending(&vuart));
    Type("x");
    EXPECT_TRUE(vuart_irq_pending(&vuart));
    Out(NS16550_IER, 0);
    EXPECT_FALSE(vuart_irq_pending(&vuart));
    EXPECT_EQ(In(NS16550_IIR), 0xc1);
}

TEST_F(Vuart, AFullPortMakesTheGuestWait) {
    Out(NS16550_IER, NS16550_IER_THR_EMPTY);
    size_t count = 0;
    while (In(NS16550_LSR) & NS16550_LSR_THR_EMPTY) {
        for (int index = 0; index < VUART_FIFO_SIZE; index++) {
            Out(NS16550_THR, 'x');
            count++;
        }
    }
    EXPECT_EQ(count, static_cast<size_t>(PORT_OUTPUT_SIZE));
    EXPECT_EQ(In(NS16550_LSR), 0);
    EXPECT_EQ(In(NS16550_IIR), 0x01);
    EXPECT_FALSE(vuart_irq_pending(&vuart));
    Out(NS16550_THR, 'y');
    EXPECT_EQ(Printed(), std::string(count, 'x')) << "what is written in spite of that is lost";
    EXPECT_TRUE(vuart_irq_pending(&vuart));
}

TEST_F(Vuart, LoopbackReachesNobody) {
    Type("k");
    Out(NS16550_MCR, NS16550_MCR_LOOP);
    EXPECT_EQ(In(NS16550_LSR) & NS16550_LSR_DATA_READY, 0);
    Out(NS16550_THR, 'a');
    EXPECT_NE(In(NS16550_LSR) & NS16550_LSR_DATA_READY, 0);
    EXPECT_EQ(In(NS16550_RBR), 'a');
    EXPECT_EQ(In(NS16550_RBR), 0);
    EXPECT_EQ(Printed(), "");
    Out(NS16550_MCR, NS16550_MCR_LOOP | 0x0f);
    EXPECT_EQ(In(NS16550_MSR), 0xf0);
    Out(NS16550_MCR, 0);
    EXPECT_EQ(In(NS16550_RBR), 'k');
}

TEST_F(Vuart, FifoControlDropsInput) {
    Type("abc");
    Out(NS16550_FCR, NS16550_FCR_ENABLE);
    EXPECT_EQ(port_input_pending(&port), 0u);
    Type("abc");
    Out(NS16550_FCR, NS16550_FCR_ENABLE);
    EXPECT_EQ(port_input_pending(&port), 3u);
    Out(NS16550_FCR, NS16550_FCR_ENABLE | NS16550_FCR_CLEAR_RECEIVER);
    EXPECT_EQ(port_input_pending(&port), 0u);
    Type("abc");
    Out(NS16550_FCR, 0);
    EXPECT_EQ(port_input_pending(&port), 0u);
    EXPECT_EQ(In(NS16550_IIR), 0x01);
}

TEST_F(Vuart, OffsetsBeyondTheRegistersDoNothing) {
    struct vuart before = vuart;
    for (uint64_t offset : {UINT64_C(8), UINT64_C(9), UINT64_C(0x100), UINT64_C(0x100000000), UINT64_MAX}) {
        vuart_write(&vuart, offset, 0xff);
        EXPECT_EQ(vuart_read(&vuart, offset), 0);
    }
    before.lock = vuart.lock;
    EXPECT_EQ(memcmp(&before, &vuart, sizeof(vuart)), 0);
    EXPECT_EQ(Printed(), "");
}

TEST_F(Vuart, AnyAccessesLeaveItUsable) {
    std::mt19937 random(3);
    for (int count = 0; count < 100000; count++) {
        if (random() % 2) {
            Out(random() % 10, random());
        } else {
            (void)In(random() % 10);
        }
        if (random() % 100 == 0) {
            (void)Printed();
            (void)port_put_input(&port, "keys", 4);
        }
    }
    (void)Printed();
    vuart_init(&vuart, &port);
    Out(NS16550_THR, 'x');
    EXPECT_EQ(Printed(), "x");
}

TEST_F(Vuart, SaysWhatTheConsoleHasToShow) {
    EXPECT_TRUE(vuart_write(&vuart, NS16550_THR, 'x'));
    EXPECT_FALSE(vuart_write(&vuart, NS16550_SCR, 'x'));
    EXPECT_FALSE(vuart_write(&vuart, NS16550_IER, NS16550_IER_THR_EMPTY));
    EXPECT_FALSE(vuart_write(&vuart, NS16550_LCR, NS16550_LCR_DLAB));
    EXPECT_FALSE(vuart_write(&vuart, NS16550_THR, 1)) << "the divisor";
    EXPECT_FALSE(vuart_write(&vuart, NS16550_LCR, 0));
    EXPECT_FALSE(vuart_write(&vuart, NS16550_MCR, NS16550_MCR_LOOP));
    EXPECT_FALSE(vuart_write(&vuart, NS16550_THR, 'y')) << "it comes back";
    EXPECT_EQ(Printed(), "x");
}
