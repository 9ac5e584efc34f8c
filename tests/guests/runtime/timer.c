/* Time by the time CSR, the timer by SBI. */
#include "tests/guests/runtime/timer.h"

#include "tests/guests/runtime/csr.h"
#include "tests/guests/runtime/machine.h"
#include "tests/guests/runtime/sbi.h"

#if __riscv_xlen == 64
uint64_t timer_now(void) {
    return csr_read(time);
}
#else
uint64_t timer_now(void) {
    unsigned long high, low;
    do {
        high = csr_read(timeh);
        low = csr_read(time);
    } while (high != csr_read(timeh));
    return (uint64_t)high << 32 | low;
}
#endif

uint64_t timer_ticks_of_ms(unsigned ms) {
    return (uint64_t)machine.ticks_per_second / 1000 * ms;
}

void timer_set(uint64_t deadline) {
    /* On rv32 in two registers; what is shifted out on rv64 is not looked at. */
    SBI(SBI_TIME, SBI_TIME_SET_TIMER, (unsigned long)deadline, (unsigned long)(deadline >> 32));
}

void timer_wait_until(uint64_t deadline) {
    unsigned long sie = csr_read(sie);
    csr_write(sie, INTERRUPT_TIMER);
    timer_set(deadline);
    while (timer_now() < deadline) {
        __asm__ volatile("wfi" : : : "memory");
    }
    timer_set(TIMER_NEVER);
    csr_write(sie, sie);
}

void timer_wait_ms(unsigned ms) {
    timer_wait_until(timer_now() + timer_ticks_of_ms(ms));
}
