/*
 * What the hardware makes of PMP entries: a model of the matching rule (priv. spec, "Priority and Matching Logic") for
 * accesses from S- and U-mode, which unlocked entries are about.
 *
 * Tests compare pmp_encode and the hart's own registers with it. It reads register values and nothing else, and shares
 * no code with the encoder.
 */
#pragma once

#include <stdint.h>

#include "kernel/isolate/pmp.h"
#include "lib/address.h"

/* Whether an access of size bytes (at least 1) is allowed; access is one of PMP_READ, PMP_WRITE and PMP_EXECUTE. */
bool pmp_match(const struct pmp_layout *layout, paddr_t address, uint64_t size, uint8_t access);
