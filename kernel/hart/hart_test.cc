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
    boot_hart.online = 1;
    hart_halt_others();
    EXPECT_EQ(harts[0]->events, 0u);
    EXPECT_EQ(harts[1]->events, uint32_t{HART_EVENT_HALT});
    EXPECT_EQ(boot_hart.events, uint32_t{HART_EVENT_HALT});
}

/* A refusal early in boot: there is nobody yet, or nobody has joined, and where one could be rung may be wrong. */
TEST_F(Hart, HaltingTheOthersBeforeTheyAreKnown) {
    Start(2);
    harts[1]->online = 0;
    hart_halt_others();
    EXPECT_EQ(Registers(1)->software, 0u);
    EXPECT_EQ(harts[1]->events, uint32_t{HART_EVENT_HALT}) << "it finds that when it joins";
}

} // namespace
