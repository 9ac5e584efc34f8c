/*
 * A guest that cannot take its own trap. The boot arguments choose the trap handler: "unreachable", where the guest has
 * no memory; "illegal", whose first instruction is illegal; "breakpoint", whose first instruction is an ebreak, which
 * never leaves the guest; "late", where other instructions come before that; "root", where nothing can be fetched any
 * more, because the page tables are the kernel's. "second" has it on hart 1 while hart 0
 * goes on. "double" tells the kernel first that a trap inside a trap is the end (SBI FWFT).
 */
#include "tests/guests/runtime/payload.h"

#include "tests/guests/foreign.h"

[[gnu::naked, gnu::aligned(4)]] static void illegal_handler(void) {
    __asm__ volatile(".word 0");
}

[[gnu::naked, gnu::aligned(4)]] static void breakpoint_handler(void) {
    __asm__ volatile("ebreak");
}

[[gnu::naked, gnu::aligned(4)]] static void late_handler(void) {
    __asm__ volatile("csrr t0, scause\n"
                     "csrr t1, sepc\n"
                     "li t2, 20\n"
                     "1: addi t2, t2, -1\n"
                     "bnez t2, 1b\n"
                     "ebreak");
}

static const struct {
    const char *word;
    void (*handler)(void);
} handlers[] = {
    {"illegal", illegal_handler},
    {"breakpoint", breakpoint_handler},
    {"late", late_handler},
};

static unsigned long choose_handler(void) {
    for (size_t index = 0; index < sizeof handlers / sizeof handlers[0]; index++) {
        if (machine_has_word(handlers[index].word)) {
            return (unsigned long)(uintptr_t)handlers[index].handler;
        }
    }
    return 0;
}

static void fall(void *) {
    if (machine_has_word("double")) {
        check_equal((unsigned long)SBI(SBI_FWFT, SBI_FWFT_SET, SBI_FWFT_DOUBLE_TRAP, 1).error, SBI_SUCCESS,
                    "double traps are told to the kernel");
    }
    print("about to crash");
    timer_wait_ms(50); /* so that the line is out before the kernel's report, as a person would like it */
    csr_write(stvec, choose_handler());
    if (machine_has_word("root")) {
        foreign_root_on();
    }
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
