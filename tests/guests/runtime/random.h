/*
 * Numbers that look random and are the same in every run: a sequence is known by three numbers, so that any part of a
 * long run can be done again by itself.
 */
#pragma once

#include <stdint.h>

struct random {
    uint32_t state;
};

/* The sequence for a step of a stream (a hart, for instance) under a seed. */
struct random random_begin(uint32_t seed, uint32_t stream, uint32_t step);

uint32_t random_next(struct random *random);

/* 0 to limit - 1. */
uint32_t random_below(struct random *random, uint32_t limit);

/* A whole register. */
unsigned long random_long(struct random *random);
