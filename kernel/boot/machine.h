/*
 * The machine as its device tree describes it, read once at boot. Every value has been checked: addresses can be formed
 * by the hart, counts are within our tables, strings end. What the kernel cannot do without is refused with a sentence
 * (boot_refuse).
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "kernel/boot/survey.h"
#include "kernel/dev/reset.h"
#include "kernel/dev/uart/ns16550a.h"
#include "lib/address.h"
#include "lib/isa.h"

enum { MACHINE_BOOTARGS_SIZE = 256, MACHINE_SEED_SIZE = 64 };

struct machine {
    uint64_t ticks_per_second;
    paddr_t mtime;

    struct isa guest_isa; /* what all harts have and guests may see; after the harts have joined */

    bool has_uart;
    struct ns16550a_config uart;
    bool has_plic;
    paddr_t plic;
    uint32_t plic_context; /* of the boot hart in M-mode */
    uint32_t uart_irq;
    uint32_t uart_irq_controller; /* phandle of what it goes to; 0: nowhere */

    bool has_images; /* the FIT that was loaded with the kernel */
    paddr_t images;
    uint64_t images_size;

    char bootargs[MACHINE_BOOTARGS_SIZE];
    uint8_t seed[MACHINE_SEED_SIZE];
    size_t seed_size;
};

extern struct machine machine;

/* The console's UART, as soon as the tree is known to be one: refusals need it. */
void machine_read_uart(const struct survey *survey);

/* What needs no memory and refuses nothing. */
void machine_read_chosen(const struct survey *survey);
void machine_read_reset(const struct survey *survey);
void machine_read_timebase(const struct survey *survey);

/* Everything else, in this order. Each refuses what it cannot work with. */
void machine_read_memory(const struct survey *survey);
void machine_read_harts(const struct survey *survey);
void machine_read_timers(const struct survey *survey);
void machine_read_interrupts(const struct survey *survey);

/* Whether the boot arguments have `name` or `name=value` as a word; *out_value is what follows the '=', "" without one.
 */
bool machine_bootarg(const char *name, char *out_value, size_t size);
