/*
 * Numbers as people type them. Sizes are lib/sizes.h's.
 */
#pragma once

#include "abi/status.h"

#include <stdint.h>

/* Decimal digits only. STATUS_INVALID where it is anything else, STATUS_TOO_BIG above `max`. */
status_t number_parse(const char *text, uint64_t max, uint64_t *out_number);
