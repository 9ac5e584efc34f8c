/*
 * The time CSR and the one interrupt that the supervisor uses.
 */
#pragma once

#include <stdint.h>

/* Lets the timer's interrupt wake the hart; the supervisor itself never takes it. */
void timer_init(void);

uint64_t timer_now(void);

/* Sleeps for that many ticks of the time CSR. */
void timer_sleep(uint64_t ticks);

/* No interrupt until the next timer_sleep(). */
void timer_silence(void);
