/* Whether M-mode can form an address: on rv32 without translation, only the first 4 GiB. */
#pragma once

#include <stdint.h>

/* [address, address + size) lies below the end of the address space of a register. */
static inline bool reach_has(uint64_t address, uint64_t size) {
    return size != 0 && address <= UINTPTR_MAX && size - 1 <= UINTPTR_MAX - address;
}
