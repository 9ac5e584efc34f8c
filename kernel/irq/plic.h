/*
 * The platform-level interrupt controller (RISC-V PLIC specification v1.0): one context of it, the boot hart's in
 * M-mode, for the devices that are the kernel's own.
 */
#pragma once

#include <stdint.h>

#include "lib/address.h"

/* What a source number may be at most (PLIC spec: 1023 sources). */
enum { PLIC_SOURCE_MAX = 1023 };

/* Switches all sources of the context off. */
void plic_init(paddr_t base, uint32_t context);

/* Lets a source interrupt the context. 1 to PLIC_SOURCE_MAX. */
void plic_enable(uint32_t source);

/* Takes the next interrupt; 0: none. The source stays quiet until plic_complete. */
uint32_t plic_claim(void);
void plic_complete(uint32_t source);
