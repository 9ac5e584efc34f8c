/* kernel_console: how much of a hart showing output takes, and from whom. */
#include "kernel/kernel_fixture.h"

namespace {

class KernelConsole : public KernelFixture {
  public:
    static constexpr uint64_t kLong = 3 * kMillisecond; /* what a pump is made to take */

    void SetUp() override {
        Start(1);
        machine.has_uart = true;
        machine.uart.base = paddr(Board::kUart);
        machine.uart.io_width = 1;
        machine.uart.has_irq = true;
        kernel_console_init();
        vcpu = RunGuest({})->vcpus[0];
    }

    /* A pump that began at the last decision and took that long. */
    void Pump() {
        ran = vcpu->runner.ticks_run;
        uint64_t began = harts[0]->queue.now;
        host_clock_set(began + kLong);
        kernel_console_pump(harts[0], began);
    }

    struct vcpu *vcpu = nullptr;
    uint64_t ran = 0;
};

TEST_F(KernelConsole, WhoPrintedPaysForThePump) {
    kernel_console_kick(harts[0]);
    Pump();
    EXPECT_EQ(vcpu->runner.ticks_run, ran + kLong);
    EXPECT_EQ(harts[0]->queue.now, host_clock());
}

TEST_F(KernelConsole, APumpThatNobodyAskedForIsChargedToNobody) {
    harts[0]->console_deadline = 1;
    Pump();
    EXPECT_EQ(vcpu->runner.ticks_run, ran);
    EXPECT_EQ(harts[0]->queue.now, host_clock());
}

TEST_F(KernelConsole, WhatIsLeftOverWaitsMuchLongerThanItTook) {
    kernel_console_attach();
    std::vector<uint8_t> flood(2000, 'x');
    ASSERT_EQ(port_write(&vcpu->guest->port, flood.data(), flood.size()), flood.size());
    Pump();
    EXPECT_LT(board.Sent().size(), flood.size());
    EXPECT_GE(harts[0]->console_deadline, host_clock() + 50 * kLong);
    EXPECT_LT(harts[0]->console_deadline, host_clock() + 60 * kLong);
    kernel_console_kick(harts[0]);
    EXPECT_LE(harts[0]->console_deadline, host_clock()) << "unless somebody prints";
}

} // namespace
