/*
 * What the hardware makes of second-stage tables: a model of the walk (priv. spec, "Guest-Physical Address
 * Translation") for tests. It shares no code with the builder.
 */
#pragma once

#include <stdint.h>

#include "lib/address.h"

/* Where hgatp of this mode and root translates an address to, and the size of the page that it is in. False: a
 * guest-page fault, for any access. The tables are read at their addresses. */
bool gstage_walk(unsigned mode, paddr_t root, gpaddr_t address, paddr_t *out_address, uint64_t *out_page_size);
