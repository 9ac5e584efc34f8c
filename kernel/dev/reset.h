/*
 * Switching the machine off. The device is found in the device tree: SiFive's test finisher (QEMU virt), or a register
 * behind syscon-poweroff.
 */
#pragma once

#include <stdint.h>

#include "lib/address.h"

struct reset_device {
    paddr_t address; /* 0: there is none */
    uint32_t pass;   /* written to switch off */
    uint32_t fail;   /* written to end with a failure; as `pass` where the device knows no difference */
};

void reset_init(const struct reset_device *device);

/* Switches off after the console has shown what it holds. Without a device, the harts stop. */
[[noreturn]] void power_off(void);

/* Ends the machine with a failure, as far as it can tell; returns if there is no device. */
void reset_fail(void);
