/*
 * Physical memory protection: turns a list of ranges into PMP entries (priv. spec, "Physical Memory Protection").
 *
 * Pure arithmetic, no CSR is touched: the pmp backend encodes when a guest's memory changes and writes the layout when
 * a hart switches. What no range covers, S- and U-mode cannot reach. Ranges are in order of priority: where two
 * overlap, the first decides. An encoding grants neither a byte more nor a byte less than the ranges say, or is
 * refused.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "abi/status.h"
#include "lib/address.h"

/* Entries of a layout. The architecture has up to 64; what exists has 16 or fewer (8 on small harts). */
#define PMP_ENTRY_COUNT 16

/* Bits of a pmpcfg byte. */
enum pmp_cfg : uint8_t {
    PMP_READ = 1 << 0,
    PMP_WRITE = 1 << 1,
    PMP_EXECUTE = 1 << 2,
    PMP_MODE = 3 << 3, /* mask of the four below */
    PMP_OFF = 0 << 3,
    PMP_TOR = 1 << 3,
    PMP_NA4 = 2 << 3,
    PMP_NAPOT = 3 << 3,
};

/* What S- and U-mode may do with a range: any of READ, WRITE and EXECUTE; none denies it. */
struct pmp_range {
    paddr_t base;
    uint64_t size;
    uint8_t permissions;
};

/* What the harts have: the least of what was probed on each. */
struct pmp_hardware {
    uint32_t entry_count;
    uint32_t granule_bits; /* log2 of the granule in bytes: 2 where every mode works, G + 2 otherwise */
    uint32_t address_bits; /* of physical addresses: 34 on rv32, 56 on rv64 */
};

/* Register values. Entries from count on are zero, that is, off. */
struct pmp_layout {
    uint32_t count;
    unsigned long address[PMP_ENTRY_COUNT]; /* pmpaddr: address bits from 2 on */
    uint8_t cfg[PMP_ENTRY_COUNT];           /* pmpcfg, not locked */
};

/*
 * Encodes count ranges, each as one NAPOT or NA4 entry if it is one, else as a TOR pair, or a single TOR entry where
 * the one in front already ends at its base or the base is address 0 in entry 0.
 *
 * STATUS_INVALID: a range is empty, reaches over 2^address_bits, is not made of whole granules, or has permissions that
 * the hardware reserves (write without read). STATUS_UNSUPPORTED: a range that is no power of two ends at exactly
 * 2^address_bits, which TOR cannot say. STATUS_TOO_BIG: it needs more entries than the hardware or a layout has.
 * *out_needed is the number it needs, written with STATUS_OK and STATUS_TOO_BIG.
 */
status_t pmp_encode(const struct pmp_range *ranges, size_t count, const struct pmp_hardware *hardware,
                    struct pmp_layout *out_layout, uint32_t *out_needed);
