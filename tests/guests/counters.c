/*
 * time, cycle and instret from supervisor and user mode, scounteren, and WFI without interrupts. With "hidden" or
 * "counted" in the boot arguments, also whether instret counts what the kernel does in a call; then instret has to be
 * exact (QEMU's -icount).
 */
#include "tests/guests/runtime/payload.h"

enum { SCOUNTEREN_TM = 2, READS = 1000, CALLS = 100 };

/* A call's own instructions, and the least that answering it takes. */
enum { CALL_MOST = 40, ANSWER_LEAST = 20 };

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

static unsigned long count_calls(unsigned calls) {
    unsigned long before = csr_read(instret);
    for (unsigned call = 0; call < calls; call++) {
        SBI(SBI_BASE, SBI_BASE_GET_SPEC_VERSION);
    }
    return csr_read(instret) - before;
}

static void check_what_is_counted(void) {
    unsigned long per_call = count_calls(CALLS) / CALLS;
    if (machine_has_word("hidden")) {
        check(per_call <= CALL_MOST, "instret leaves the kernel out: %lu instructions for a call", per_call);
    }
    if (machine_has_word("counted")) {
        check(per_call > ANSWER_LEAST, "instret has the kernel in it: %lu instructions for a call", per_call);
    }
}

void payload_main(void) {
    check_what_is_counted();
    check_monotone();
    check_rights();
    check_wfi();
}
