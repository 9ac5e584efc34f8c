/*
 * Interrupts stay disabled in the supervisor (sstatus.SIE = 0): a pending one ends wfi all the same (priv. spec, "Wait
 * for Interrupt"), and the deadline tells whether it was ours.
 */
#include "supervisor/arch/riscv/timer.h"

#include "supervisor/arch/riscv/csr.h"
#include "supervisor/arch/riscv/sbi.h"

void timer_init(void) {
    timer_silence();
    CSR_SET(sie, SIE_STIE);
    CSR_WRITE(scounteren, SCOUNTEREN_TM);
}

#if __riscv_xlen == 32
uint64_t timer_now(void) {
    unsigned long high;
    unsigned long low;
    /* The low half may wrap between the two reads. */
    do {
        high = CSR_READ(timeh);
        low = CSR_READ(time);
    } while (high != CSR_READ(timeh));
    return (uint64_t)high << 32 | low;
}
#else
uint64_t timer_now(void) {
    return CSR_READ(time);
}
#endif

void timer_sleep(uint64_t ticks) {
    uint64_t deadline = timer_now() + ticks;
    sbi_set_timer(deadline);
    while (timer_now() < deadline) {
        __asm__ volatile("wfi");
    }
    timer_silence();
}

void timer_silence(void) {
    sbi_set_timer(UINT64_MAX);
}
