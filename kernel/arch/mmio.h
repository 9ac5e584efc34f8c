/*
 * Contract: access to device registers by physical address. Each architecture implements it; the build machine's
 * (arch/host/mmio.c) calls the hooks that a test has installed.
 *
 * Every access is one load or store of exactly that width, in program order with the other MMIO accesses of this hart.
 * An address that the hart cannot form (above 4 GiB on rv32) must have been refused where the device tree was read.
 */
#pragma once

#include <stdint.h>

#include "lib/address.h"

uint8_t arch_mmio_read8(paddr_t address);
void arch_mmio_write8(paddr_t address, uint8_t value);

/* The address is a multiple of four. */
uint32_t arch_mmio_read32(paddr_t address);
void arch_mmio_write32(paddr_t address, uint32_t value);
