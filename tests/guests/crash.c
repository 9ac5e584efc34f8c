/*
 * A guest that cannot take its own trap. The boot arguments choose: "unreachable" sets a trap handler where the guest
 * has no memory; "illegal" one whose first instruction is illegal; "second" does the former on hart 1 while hart 0 goes
 * on.
 */
#include "tests/guests/runtime/payload.h"

[[gnu::naked, gnu::aligned(4)]] static void illegal_handler(void) {
    __asm__ volatile(".word 0");
}

static void fall(void *) {
    print("about to crash");
    timer_wait_ms(50); /* so that the line is out before the kernel's report, as a person would like it */
    csr_write(stvec, machine_has_word("illegal") ? (unsigned long)(uintptr_t)illegal_handler : 0);
    __asm__ volatile(".word 0");
    check(false, "the illegal instruction did not trap");
    check_finish();
}

void payload_main(void) {
    if (!machine_has_word("second")) {
        fall(nullptr);
    }
    check_equal((unsigned long)hart_run(1, fall, nullptr), SBI_SUCCESS, "hart 1 starts");
    for (;;) {
        timer_wait_ms(10);
    }
}
