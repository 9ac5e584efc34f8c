/*
 * Random bytes for programs, from the seed that the boot loader put into the device tree (/chosen/rng-seed). Every
 * output is a SHA-256 of a secret key that is replaced, one way, after each request: what was given out cannot be
 * computed back from what the guest holds later.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RANDOM_KEY_SIZE = 32, RANDOM_SEED_MINIMUM = 16 };

struct random {
    uint8_t key[RANDOM_KEY_SIZE];
    /* Whether it began from RANDOM_SEED_MINIMUM bytes or more. */
    bool is_seeded;
};

/* A second value that differs from boot to boot, such as the time, may stand in `salt`. */
void random_init(struct random *random, const uint8_t *seed, size_t seed_size, uint64_t salt);

void random_fill(struct random *random, uint8_t *bytes, size_t size);
