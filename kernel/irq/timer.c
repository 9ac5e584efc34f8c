/* mtime and mtimecmp. The registers are written in halves: rv32 has no 64-bit store, and CLINTs take 32-bit accesses
 * everywhere. */
#include "kernel/irq/timer.h"

#include "kernel/arch/hart.h"
#include "kernel/arch/mmio.h"

static paddr_t mtime_register;
static uint64_t frequency;

void timer_init(paddr_t mtime, uint64_t ticks_per_second) {
    mtime_register = mtime;
    frequency = ticks_per_second;
}

uint64_t timer_ticks_per_second(void) {
    return frequency;
}

uint64_t timer_ticks_of_ms(uint32_t milliseconds) {
    return (frequency * milliseconds + 999) / 1000;
}

uint64_t timer_ticks_of_us(uint32_t microseconds) {
    return (frequency * microseconds + 999999) / 1000000;
}

/* Ticks of years, of many vcpus, at any frequency. */
uint64_t timer_ms_of_ticks(uint64_t ticks) {
    return ticks / frequency * 1000 + ticks % frequency * 1000 / frequency;
}

/* The upper half may move between the reads: read until it stood still. */
static uint64_t mtime_read(void) {
    paddr_t high_register = paddr(mtime_register.value + 4);
    uint32_t high = arch_mmio_read32(high_register);
    for (;;) {
        uint32_t low = arch_mmio_read32(mtime_register);
        uint32_t again = arch_mmio_read32(high_register);
        if (again == high) {
            return (uint64_t)high << 32 | low;
        }
        high = again;
    }
}

uint64_t timer_now(void) {
    return hart_has(arch_hart_self(), HART_TIME) ? arch_time() : mtime_read();
}

void timer_init_hart(struct hart *hart) {
    hart->timer_deadline = 0; /* unlike what is set now, in both halves */
    timer_set(hart, UINT64_MAX);
}

void timer_set(struct hart *hart, uint64_t deadline) {
    if (deadline == hart->timer_deadline) {
        return;
    }
    bool same_high = hart->timer_deadline >> 32 == deadline >> 32;
    hart->timer_deadline = deadline;
    if (!same_high) {
        /* The upper half to the far future first, so that no mixture of old and new goes off. */
        arch_mmio_write32(paddr(hart->timer.value + 4), UINT32_MAX);
    }
    arch_mmio_write32(hart->timer, (uint32_t)deadline);
    if (!same_high) {
        arch_mmio_write32(paddr(hart->timer.value + 4), (uint32_t)(deadline >> 32));
    }
}
