/*
 * Two harts that wait in WFI and wake each other by IPI: what a round trip costs the whole machine, both harts'
 * instructions together. Of those a guest's own are about twenty: the wait below and the call's arguments, on each
 * side.
 */
#include "tests/bench/measure.h"
#include "tests/guests/runtime/payload.h"

/* Waits for an IPI and takes it back; interrupts are off, so WFI only ends. */
#define AWAIT             \
    "2: wfi\n"            \
    "   csrr t0, sip\n"   \
    "   andi t0, t0, 2\n" \
    "   beqz t0, 2b\n"    \
    "   csrci sip, 2\n"
#define SEND               \
    "   li a0, 1\n"        \
    "   mv a1, %[other]\n" \
    "   li a6, 0\n"        \
    "   li a7, 0x735049\n" \
    "   ecall\n"

static bool is_ready;

static unsigned long other_than(unsigned long id) {
    return id == 0 ? 1 : 0;
}

/* Answers the loop until both are in step, and then the one that is measured. */
static void answer(void *) {
    csr_write(sie, INTERRUPT_SOFTWARE);
    __atomic_store_n(&is_ready, true, __ATOMIC_RELEASE);
    for (unsigned count = 0; count < 2; count++) {
        MEASURE_LOOP(AWAIT SEND, [other] "r"(other_than(hart_self()->id)));
    }
}

void payload_main(void) {
    unsigned long other = other_than(hart_self()->id);
    if (!check_quietly(hart_run(other, answer, nullptr) == SBI_SUCCESS, "hart %lu starts", other)) {
        return;
    }
    /* Firmware may lose an IPI to a hart that is about to start. */
    while (!__atomic_load_n(&is_ready, __ATOMIC_ACQUIRE)) {
    }
    csr_write(sie, INTERRUPT_SOFTWARE);
    MEASURE_LOOP(SEND AWAIT, [other] "r"(other)); /* until both are in step */
    uint32_t ticks = MEASURE_LOOP(SEND AWAIT, [other] "r"(other));
    measure_keep("ipi_pingpong", ticks, 0, 0);
    measure_print();
}
