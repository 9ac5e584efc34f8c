/* Getting other harts' attention. */
#include "kernel/kernel_fixture.h"

namespace {

class Hart : public KernelFixture {
  protected:
    void TearDown() override {
        boot_hart = {};
        KernelFixture::TearDown();
    }
};

TEST_F(Hart, HaltingTheOthersReachesABootHartThatRunsNoGuests) {
    Start(2);
    boot_hart.ipi = paddr(Board::kClint + 8);
    hart_halt_others();
    EXPECT_EQ(harts[0]->events, 0u);
    EXPECT_EQ(harts[1]->events, uint32_t{HART_EVENT_HALT});
    EXPECT_EQ(boot_hart.events, uint32_t{HART_EVENT_HALT});
}

/* A refusal early in boot: there is nobody yet, and no register to ring with. */
TEST_F(Hart, HaltingTheOthersBeforeTheyAreKnown) {
    Start(1);
    hart_halt_others();
    EXPECT_EQ(boot_hart.events, 0u);
}

} // namespace
