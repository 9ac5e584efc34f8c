/*
 * Time and the kernel's timer: mtime and the mtimecmp registers of a CLINT or ACLINT (RISC-V ACLINT spec, "MTIMER").
 * Ticks of the machine's timebase, from reset.
 */
#pragma once

#include <stdint.h>

#include "kernel/arch/hart.h"
#include "kernel/hart/hart.h"
#include "lib/address.h"

/* Where mtime is, for harts without a time CSR, and how many ticks a second has. Once, at boot. */
void timer_init(paddr_t mtime, uint64_t ticks_per_second);

uint64_t timer_ticks_per_second(void);

/* A duration in ticks, rounded up. */
uint64_t timer_ticks_of_ms(uint32_t milliseconds);
uint64_t timer_ticks_of_us(uint32_t microseconds);

/* The other way round, rounded down. */
uint64_t timer_ms_of_ticks(uint64_t ticks);

/* Now. */
uint64_t timer_now(void);

/* The same, where one knows which hart one is on. */
static inline uint64_t timer_now_on(const struct hart *hart) {
    return __builtin_expect(hart_has(hart, HART_TIME), true) ? arch_time() : timer_now();
}

/* Before anything else on a hart: its timer, which may hold anything, is set to never. */
void timer_init_hart(struct hart *hart);

/* IRQ_TIMER becomes pending on this hart at the deadline; UINT64_MAX: never. It is not pending meanwhile. */
void timer_set(struct hart *hart, uint64_t deadline);
