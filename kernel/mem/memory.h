/*
 * All RAM of the machine: the kernel's own tables, made at boot and never freed, and the guests' RAM.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "abi/status.h"
#include "kernel/mem/region.h"
#include "lib/address.h"

/* What guests' RAM is aligned to: the largest page but one, as the Linux boot protocol asks (Linux,
 * Documentation/arch/riscv/boot). */
#define MEMORY_GUEST_ALIGNMENT (sizeof(unsigned long) == 8 ? UINT64_C(2) << 20 : UINT64_C(4) << 20)

void memory_init(void);

/* Boot: RAM and what of it is taken. STATUS_INVALID, STATUS_TOO_BIG: see region_add_ram and region_reserve. */
status_t memory_add_ram(paddr_t base, uint64_t size);
status_t memory_reserve(paddr_t base, uint64_t size);

/* Whether all of [base, base + size) is RAM, whoever has it. */
bool memory_is_ram(paddr_t base, uint64_t size);

/* Zeroed memory for the kernel, for good, aligned for anything; null when there is none left. Boot hart only. */
void *memory_boot_alloc(size_t size);

/* Zeroed memory for the kernel that can be given back: `size` bytes, a power of two of at least a page, at a multiple
 * of size; null when there is none left. Boot hart only. */
void *memory_block_alloc(size_t size);
void memory_block_free(void *block);

/* RAM for a guest, in one piece, at a multiple of MEMORY_GUEST_ALIGNMENT, or of larger pages where it is that large.
 * STATUS_NO_MEMORY. */
status_t memory_guest_alloc(uint64_t size, uint32_t guest_index, paddr_t *out_base);

/* The same, of as much of *size as there is in one piece, less a multiple of MEMORY_GUEST_ALIGNMENT. *size becomes what
 * it is. */
status_t memory_guest_alloc_largest(uint64_t *size, uint32_t guest_index, paddr_t *out_base);

/* Takes back a piece that the guest was given. */
void memory_guest_free(paddr_t base, uint32_t guest_index);

struct region_statistics memory_statistics(void);
