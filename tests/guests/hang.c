/*
 * Works for longer than its watchdog's period, by the timer; then hangs on its last hart: a loop with interrupts off
 * and the timer as it was last set. With "idle" in the boot arguments it waits in one long WFI instead, which is no
 * hang.
 */
#include "tests/guests/runtime/payload.h"

enum { TICK_MS = 20, ROUNDS = 50, IDLE_MS = 1500 };

/* Works without a pause, as an operating system with a tick does: the timer is set anew, and nobody waits. */
static void work(void) {
    csr_write(sie, INTERRUPT_TIMER);
    for (unsigned round = 0; round < ROUNDS; round++) {
        uint64_t deadline = timer_now() + timer_ticks_of_ms(TICK_MS);
        timer_set(deadline);
        while (timer_now() < deadline) {
        }
    }
}

static void hang(void *) {
    work();
    print("worked");
    for (;;) {
        __asm__ volatile("");
    }
}

void payload_main(void) {
    if (machine_has_word("idle")) {
        timer_wait_ms(IDLE_MS);
        return;
    }
    if (machine.hart_count > 1) {
        check_equal((unsigned long)hart_run(1, hang, nullptr), SBI_SUCCESS, "hart 1 starts");
        for (;;) {
            timer_wait_ms(TICK_MS);
        }
    }
    hang(nullptr);
}
