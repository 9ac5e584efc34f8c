/* Time and the hart's timer. */
#pragma once

#include <stdint.h>

#define TIMER_NEVER UINT64_MAX

uint64_t timer_now(void);
uint64_t timer_ticks_of_ms(unsigned ms);

/* The timer interrupt, by SBI: pending from `deadline` on. */
void timer_set(uint64_t deadline);

/* Wait in WFI, with interrupts not taken. Leave the timer off and sie as it was. */
void timer_wait_until(uint64_t deadline);
void timer_wait_ms(unsigned ms);
