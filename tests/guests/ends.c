/* Ends as the boot arguments say, as soon as it runs: "crash", "shutdown", "failure" (a shutdown that says so) or
 * "reboot". */
#include "tests/guests/runtime/payload.h"

[[noreturn]] static void crash(void) {
    csr_write(stvec, 0);
    __builtin_trap();
}

void payload_main(void) {
    if (machine_has_word("crash")) {
        crash();
    }
    if (machine_has_word("failure")) {
        sbi_reset(SBI_SHUTDOWN, 1);
    }
    sbi_reset(machine_has_word("reboot") ? SBI_COLD_REBOOT : SBI_SHUTDOWN, 0);
}
