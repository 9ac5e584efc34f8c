/*
 * Device registers on the build machine: a test installs a model of its device and gets every access of the driver.
 * An access without a model is a bug of the test, and ends it.
 */
#pragma once

#include <stdint.h>

struct host_mmio {
    uint32_t (*read)(void *context, uint64_t address, unsigned size);
    void (*write)(void *context, uint64_t address, unsigned size, uint32_t value);
    void *context;
};

/* The model stays the caller's and must outlive its use; null removes it. */
void host_mmio_install(const struct host_mmio *model);
