/* The kernel at another address than its link address: it finds itself there, and gives what lies below to a guest. */
#include "tests/system/machine.h"

/* Not where QEMU puts the images: 128 MiB from the start of RAM up in 7.2, in its middle in 10. */
TEST(Relocated, RunsElsewhere) {
    Machine machine(
        {"--", "-device", "loader,file=" + Machine::file("kernel_binary") + ",addr=0x8c000000,force-raw=on"});
    EXPECT_TRUE(machine.expect("^guest hello +1 vcpu +16 MiB at 0x80000000  pmp$"));
    EXPECT_TRUE(machine.expect("^\\[hello\\] all \\d+ checks passed$"));
    EXPECT_TRUE(machine.ends_with(0));
}
