/*
 * The timer: through SBI, and through stimecmp if, and only if, the device tree says that it is there.
 *
 * Boot arguments: "leaves", the second hart stops with its timer set, again and again, and nothing else is looked at;
 * "undisturbed": nothing but whether a timer that is not set goes off.
 */
#include "tests/guests/runtime/payload.h"

enum { PERIODS = 10, PERIOD_MS = 5, LEAVE_ROUNDS = 400, LEAVE_TICKS = 50, UNDISTURBED_MS = 800 };

static volatile unsigned long taken;
static volatile uint64_t taken_at;

static void on_interrupt(unsigned long interrupt) {
    taken += interrupt == 5;
    taken_at = timer_now();
    timer_set(TIMER_NEVER);
}

static bool is_pending(void) {
    return (csr_read(sip) & INTERRUPT_TIMER) != 0;
}

static void check_pending(void) {
    timer_set(timer_now() + timer_ticks_of_ms(60000));
    check(!is_pending(), "a deadline in the future pends nothing");
    timer_set(0);
    check(is_pending(), "one in the past does");
    timer_set(TIMER_NEVER);
    check(!is_pending(), "setting it anew takes that back");
    csr_write(sie, 0);
    timer_set(timer_now() + timer_ticks_of_ms(PERIOD_MS));
    while (!is_pending()) {
    }
    check(true, "it pends although it is not enabled");
    timer_set(TIMER_NEVER);
}

static void check_taken(bool in_wfi) {
    taken = 0;
    csr_write(sie, INTERRUPT_TIMER);
    csr_set(sstatus, SSTATUS_SIE);
    for (unsigned long period = 0; period < PERIODS; period++) {
        uint64_t deadline = timer_now() + timer_ticks_of_ms(PERIOD_MS);
        timer_set(deadline);
        while (taken == period) {
            if (in_wfi) {
                __asm__ volatile("wfi" : : : "memory");
            }
        }
        check_quietly(taken_at >= deadline, "the interrupt comes no earlier than asked for");
    }
    csr_clear(sstatus, SSTATUS_SIE);
    check_equal(taken, PERIODS, in_wfi ? "each deadline interrupts once, out of WFI" : "each deadline interrupts once");
}

static void read_stimecmp(void *) {
    (void)csr_read(CSR_STIMECMP);
}

static void write_stimecmp(uint64_t value) {
#if __riscv_xlen == 32
    csr_write(CSR_STIMECMP, -1ul);
    csr_write(CSR_STIMECMPH, value >> 32);
#endif
    csr_write(CSR_STIMECMP, value);
}

static void check_stimecmp(void) {
    struct trap trap = trap_catch(read_stimecmp, nullptr);
    if (!machine_has_extension("sstc")) {
        check(trap.came && trap.cause == CAUSE_ILLEGAL_INSTRUCTION, "stimecmp is not there");
        return;
    }
    check(!trap.came, "stimecmp is there");
    write_stimecmp(timer_now() + timer_ticks_of_ms(60000));
    check(!is_pending(), "stimecmp in the future pends nothing");
    write_stimecmp(0);
    check(is_pending(), "stimecmp in the past does");
    write_stimecmp(TIMER_NEVER);
    check(!is_pending(), "stimecmp at the end of time does not");
}

static void leave_timer(void *deadline) {
    timer_set(*(uint64_t *)deadline);
}

/* A hart that stops with its timer set is no business of other guests (undisturbed). */
static void leave_timers(void) {
    static uint64_t deadline;
    unsigned stops = 0;
    for (unsigned round = 0; round < LEAVE_ROUNDS; round++) {
        deadline = round % 2 == 0 ? 0 : timer_now() + LEAVE_TICKS;
        stops += hart_run(1, leave_timer, &deadline) == SBI_SUCCESS;
        timer_wait_ms(1);
    }
    check(stops > LEAVE_ROUNDS / 2, "a hart stops with its timer set: %u times", stops);
}

/* Beside others that leave theirs in the hart. */
static void check_undisturbed(void) {
    unsigned times = 0;
    timer_set(TIMER_NEVER);
    for (uint64_t end = timer_now() + timer_ticks_of_ms(UNDISTURBED_MS); timer_now() < end;) {
        times += is_pending();
    }
    check_equal(times, 0, "a timer that is not set does not go off");
}

void payload_main(void) {
    if (machine_has_word("leaves")) {
        return leave_timers();
    }
    if (machine_has_word("undisturbed")) {
        return check_undisturbed();
    }
    print("timer: sstc %s", machine_has_extension("sstc") ? "yes" : "no");
    hart_self()->on_interrupt = on_interrupt;
    timer_set(TIMER_NEVER);
    check_pending();
    check_taken(false);
    check_taken(true);
    check_stimecmp();
}
