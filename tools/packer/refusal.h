/*
 * Why the packer refuses: a sentence for the person at the terminal, next to the status. Every function of the packer
 * that can fail takes one; it is written only on failure.
 */
#pragma once

#include "abi/status.h"

struct refusal {
    char text[1024];
};

/* Writes the sentence, cut off where it does not fit, and returns `status`. */
[[gnu::format(printf, 3, 4)]]
status_t refuse(struct refusal *out_refusal, status_t status, const char *format, ...);
