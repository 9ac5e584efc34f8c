/*
 * What the device tree says of the machine that this guest is, as far as the supervisor cares. Nothing in the tree is
 * trusted: what is malformed is refused with a sentence, before anything was built on it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/status.h"
#include "lib/fdt_read.h"
#include "supervisor/mem/memory_map.h"

struct machine_uart {
    bool is_present;
    struct fdt_region registers;
    /* Registers are 1 << shift bytes apart. */
    unsigned shift;
};

struct machine {
    /* All RAM, and what of it nobody has claimed: without the initrd, the memory reservations and /reserved-memory. */
    struct memory_map ram;
    struct memory_map free;
    /* Size 0: there is none. */
    struct fdt_region initrd;
    /* Null: there are none. */
    const char *bootargs;
    const uint8_t *seed;
    size_t seed_size;
    uint32_t timebase_frequency;
    unsigned hart_count;
    /* The single-letter extensions that all harts have, bit 0 is A: Linux's AT_HWCAP. */
    unsigned long extensions;
    struct machine_uart uart;
};

/* Bytes of a tree that machine_read() has accepted. */
size_t machine_tree_size(const void *fdt);

/*
 * Reads the tree, which has at most `limit` bytes. Strings and the seed point into it. Every refusal has its sentence
 * in *out_reason: CORRUPT or UNSUPPORTED (see lib/fdt_read.h), NOT_FOUND (no memory, no harts, no timebase), INVALID,
 * TOO_BIG (memory_map.h).
 */
status_t machine_read(const void *fdt, size_t limit, struct machine *out_machine, const char **out_reason);
