/*
 * Random numbers for guests: a pool that is stirred from what the machine offers and never gives the same bytes twice.
 *
 * Sources: /chosen/rng-seed of the machine's device tree, the harts' own generator (Zkr). Without either there are no
 * seeds for guests, and the boot log says so.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { ENTROPY_SIZE = 32 };

/* Stirs the pool with the machine's sources. Returns false when there is none. */
bool entropy_init(const uint8_t *seed, size_t seed_size);

/* Fresh bytes; false without a source. Any hart. */
bool entropy_draw(uint8_t out_bytes[ENTROPY_SIZE]);

/* How often its lock was taken (guest/statistics.c). */
uint32_t entropy_lock_count(void);
