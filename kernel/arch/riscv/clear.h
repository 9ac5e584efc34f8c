/* What a hart can clear at once. */
#pragma once

#include <stdint.h>

#include "kernel/hart/hart.h"

/* The block size of cbo.zero in bytes, seen in what it does; 0: the hart has no cbo.zero that we could use. */
uint32_t clear_probe(struct hart *hart);
