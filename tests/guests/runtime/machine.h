/* The machine as the guest's device tree describes it, read before payload_main runs. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct machine {
    const void *fdt;
    unsigned long memory_base;
    unsigned long memory_size;
    unsigned long uart;
    uint32_t hart_count;
    uint32_t ticks_per_second;
    const char *bootargs;
    const uint8_t *seed; /* chosen/rng-seed */
    size_t seed_size;
};

extern struct machine machine;

/* Free memory: from the end of the image to the device tree, in whole pages. */
unsigned long machine_free_start(void);
unsigned long machine_free_end(void);

/* Whether the boot arguments are or hold this word. */
bool machine_has_word(const char *word);

/* The decimal number N of the word NAME=N among them, or `otherwise`. */
uint64_t machine_number(const char *name, uint64_t otherwise);

/* Whether all harts are said to have an extension ("sstc", "d", ...). */
bool machine_has_extension(const char *name);

void machine_read(const void *fdt);
