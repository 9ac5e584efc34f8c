/* The device tree of a guest, made anew for every boot: its harts, its RAM, its UART, and what Linux wants to know at
 * boot. */
#pragma once

#include <stddef.h>

#include "abi/status.h"
#include "kernel/guest/guest.h"

/* Writes it. STATUS_TOO_BIG: it does not fit. */
status_t guest_fdt_write(const struct guest *guest, void *out_fdt, size_t size);
