/* time, cycle and instret from supervisor and user mode, scounteren, and WFI without interrupts. */
#include "tests/guests/runtime/payload.h"

enum { SCOUNTEREN_TM = 2, READS = 1000 };

static void read_time(void *) {
    (void)csr_read(time);
}

static void read_time_as_user(void *) {
    (void)csr_read(time);
    user_exit();
}

static void read_others(void *) {
    (void)csr_read(cycle);
    (void)csr_read(instret);
}

static void wait_as_user(void *) {
    __asm__ volatile("wfi");
    user_exit();
}

static void check_monotone(void) {
    uint64_t last = timer_now();
    uint64_t first = last;
    for (unsigned read = 0; read < READS; read++) {
        uint64_t now = timer_now();
        check_quietly(now >= last, "time does not go back");
        last = now;
    }
    timer_wait_ms(2);
    check(timer_now() - first >= timer_ticks_of_ms(2), "time goes on");
}

static void check_rights(void) {
    check(!trap_catch(read_time, nullptr).came, "the supervisor may read time");
    check(!trap_catch(read_others, nullptr).came, "and cycle and instret");
    csr_write(scounteren, SCOUNTEREN_TM);
    check_equal(user_catch(read_time_as_user, nullptr).cause, CAUSE_ECALL_U,
                "the user may read time if scounteren says so");
    csr_write(scounteren, 0);
    check_equal(user_catch(read_time_as_user, nullptr).cause, CAUSE_ILLEGAL_INSTRUCTION, "and not otherwise");
}

/* WFI ends with an interrupt that is enabled in sie and pending, taken or not (priv. spec, "Wait for Interrupt"). */
static void check_wfi(void) {
    csr_write(sie, INTERRUPT_SOFTWARE);
    csr_set(sip, INTERRUPT_SOFTWARE);
    __asm__ volatile("wfi" : : : "memory");
    csr_clear(sip, INTERRUPT_SOFTWARE);
    check(true, "WFI returns at once if an interrupt is pending");
    timer_wait_ms(5);
    check(true, "and with the timer");
    /* It would wait, so it may be illegal there. */
    unsigned long cause = user_catch(wait_as_user, nullptr).cause;
    check(cause == CAUSE_ILLEGAL_INSTRUCTION || cause == CAUSE_ECALL_U, "WFI in user mode is illegal or returns");
}

void payload_main(void) {
    check_monotone();
    check_rights();
    check_wfi();
}
