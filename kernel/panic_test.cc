/* panic: what is on the console when the kernel is at its end. One test: it does not come back. */
#include "kernel/kernel_fixture.h"

extern "C" {
#include "kernel/boot/refuse.h"
#include "kernel/panic.h"
#include "kernel/trace/trace.h"
}

namespace {

class Panic : public KernelFixture {};

TEST_F(Panic, SaysWhatAndShowsTheTraceAndEndsTheMachine) {
    Start(2);
    machine.has_uart = true;
    machine.uart.base = paddr(Board::kUart);
    machine.uart.io_width = 1;
    kernel_console_attach();
    trace_init();
    trace_switch(true);
    for (unsigned long index = 0; index < 100; index++) {
        trace(harts[1], TRACE_WAKE, nullptr, index, 0);
    }
    EXPECT_EQ(Run([] { panic("the %s is out of order", "lift"); }), HOST_HALTED);
    std::string sent = board.Sent();
    EXPECT_NE(sent.find("diosix: panic on hart 0: the lift is out of order\r\n"), std::string::npos) << sent;
    EXPECT_NE(sent.find("#trace 1 10000000\r\n"), std::string::npos) << sent;
    EXPECT_NE(sent.find("#hart 1 64 36\r\n"), std::string::npos) << "the last of each hart: " << sent;
    EXPECT_NE(sent.find(" wake - 63 0\r\n#end\r\n"), std::string::npos) << sent;
    EXPECT_EQ(board.finisher, 0x13333u);
    EXPECT_EQ(Registers(1)->software, 1u) << "the other hart is told to stop";

    Become(1);
    EXPECT_EQ(Run([] { boot_refuse("the stairs are closed"); }), HOST_HALTED);
    EXPECT_EQ(Run([] { panic("so is the door"); }), HOST_HALTED);
    EXPECT_EQ(board.Sent(), "") << "there is one end, and others keep out of it";
}

} // namespace
