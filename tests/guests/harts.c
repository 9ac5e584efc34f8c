/* All harts of the guest pass a token round by IPIs, waiting in WFI, then all are fenced and stop. */
#include "tests/guests/runtime/payload.h"

enum { LAPS = 10 };

static uint32_t token_count;
static uint32_t stopped;

static void wait_for_ipi(void) {
    while ((csr_read(sip) & INTERRUPT_SOFTWARE) == 0) {
        __asm__ volatile("wfi" : : : "memory");
    }
    csr_clear(sip, INTERRUPT_SOFTWARE);
}

static void send_ipi(unsigned long id) {
    check_quietly(SBI(SBI_IPI, SBI_IPI_SEND_IPI, 1, id).error == SBI_SUCCESS, "an IPI to hart %lu can be sent", id);
}

static void pass_on(void *) {
    unsigned long id = hart_self()->id;
    csr_write(sie, INTERRUPT_SOFTWARE);
    for (unsigned lap = 0; lap < LAPS; lap++) {
        wait_for_ipi();
        __atomic_add_fetch(&token_count, 1, __ATOMIC_SEQ_CST);
        send_ipi((id + 1) % machine.hart_count);
    }
    __atomic_add_fetch(&stopped, 1, __ATOMIC_SEQ_CST);
}

static void wait_until_stopped(unsigned long id) {
    while (SBI(SBI_HSM, SBI_HSM_HART_GET_STATUS, id).value != SBI_HART_STOPPED) {
        timer_wait_ms(1);
    }
}

void payload_main(void) {
    for (unsigned long id = 1; id < machine.hart_count; id++) {
        check_equal((unsigned long)hart_run(id, pass_on, nullptr), SBI_SUCCESS, "a hart starts");
    }
    csr_write(sie, INTERRUPT_SOFTWARE);
    for (unsigned lap = 0; lap < LAPS; lap++) {
        send_ipi(1 % machine.hart_count);
        wait_for_ipi();
        check_equal((unsigned long)SBI(SBI_RFENCE, SBI_RFENCE_SFENCE_VMA, 0, -1ul, 0, -1ul).error, SBI_SUCCESS,
                    "all harts do a fence");
    }
    for (unsigned long id = 1; id < machine.hart_count; id++) {
        wait_until_stopped(id);
    }
    check_equal(stopped, machine.hart_count - 1, "all harts came to their end");
    check_equal(token_count, (machine.hart_count - 1) * LAPS, "each passed the token on in each lap");
    print("%u harts passed the token", machine.hart_count);
}
