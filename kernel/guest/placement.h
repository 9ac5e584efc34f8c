/*
 * Where a guest's images go in its RAM (docs/guests.md). The kernel lies where its header wants it above the start of
 * RAM; an ELF kernel's lowest segment at the alignment that the boot protocol asks for; the device tree at the top, the
 * ramdisk below it.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "abi/status.h"
#include "lib/elf.h"

enum { PLACEMENT_FDT_SIZE = 128 * 1024 };

struct placement {
    bool is_elf;
    struct elf elf;        /* when is_elf */
    uint64_t kernel_base;  /* where the Image's first byte, or the ELF's lowest address, goes */
    uint64_t ramdisk_base; /* 0 without a ramdisk */
    uint64_t fdt_base;
    uint64_t entry;
};

/*
 * Plans for a guest with RAM [base, base + size). STATUS_UNSUPPORTED: the kernel is neither an Image nor an ELF of this
 * xlen; STATUS_TOO_BIG: it does not fit; STATUS_CORRUPT: it contradicts itself. *out_sentence says what.
 */
status_t placement_plan(uint64_t base, uint64_t size, uint64_t alignment, const void *kernel, size_t kernel_size,
                        size_t ramdisk_size, struct placement *out_placement, const char **out_sentence);
