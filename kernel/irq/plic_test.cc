/* plic and external: the registers of one context of the PLIC, and what its interrupts lead to. */
#include "kernel/kernel_fixture.h"

extern "C" {
#include "kernel/irq/external.h"
#include "kernel/irq/plic.h"
}

namespace {

class Plic : public KernelFixture {
  public:
    void SetUp() override {
        Start(1);
        board.is_recording = true;
    }

    bool Wrote(uint64_t address, uint32_t value) const {
        for (const Board::Write &write : board.writes) {
            if (write.address == address && write.value == value) {
                return true;
            }
        }
        return false;
    }
};

TEST_F(Plic, InitSwitchesAllSourcesOfItsContextOff) {
    plic_init(paddr(Board::kPlic), 3);
    for (uint32_t word = 0; word < 32; word++) {
        EXPECT_TRUE(Wrote(Board::kPlic + 0x2000 + 3 * 0x80 + word * 4, 0));
    }
    EXPECT_TRUE(Wrote(Board::kPlic + 0x200000 + 3 * 0x1000, 0)); /* threshold */
    EXPECT_EQ(board.writes.size(), 33u);
}

TEST_F(Plic, EnablesTheHighestSource) {
    plic_init(paddr(Board::kPlic), 0);
    board.writes.clear();
    plic_enable(PLIC_SOURCE_MAX);
    EXPECT_TRUE(Wrote(Board::kPlic + 4 * 1023, 1));
    EXPECT_TRUE(Wrote(Board::kPlic + 0x2000 + 31 * 4, 1u << 31));
}

TEST_F(Plic, ServesSourcesUntilNoneIsLeftAndCompletesEach) {
    machine.has_plic = true;
    machine.plic = paddr(Board::kPlic);
    machine.uart_irq = Board::kUartIrq;
    external_init();
    board.writes.clear();
    board.claims = {Board::kUartIrq, 3};
    external_serve();
    EXPECT_TRUE(Wrote(Board::kPlicClaim, Board::kUartIrq));
    EXPECT_TRUE(Wrote(Board::kPlicClaim, 3));
    EXPECT_TRUE(board.claims.empty());
}

TEST_F(Plic, LeavesAfterABoundedNumberOfClaims) {
    plic_init(paddr(Board::kPlic), 0);
    board.claims.assign(100, Board::kUartIrq);
    external_serve();
    EXPECT_GT(board.claims.size(), 90u);
}

TEST_F(Plic, WithoutAUartInterruptNothingIsTouched) {
    external_init();
    EXPECT_TRUE(board.writes.empty());
}

} // namespace
