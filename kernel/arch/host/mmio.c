/* The MMIO contract on the build machine: every access goes to the model that a test has installed. */
#include "kernel/arch/host/mmio.h"

#include <stdio.h>
#include <stdlib.h>

#include "kernel/arch/mmio.h"

static const struct host_mmio *installed;

void host_mmio_install(const struct host_mmio *model) {
    installed = model;
}

static const struct host_mmio *model_at(paddr_t address) {
    if (installed == nullptr) {
        fprintf(stderr, "MMIO access at 0x%llx without a model\n", (unsigned long long)address.value);
        abort();
    }
    return installed;
}

uint8_t arch_mmio_read8(paddr_t address) {
    const struct host_mmio *model = model_at(address);
    return (uint8_t)model->read(model->context, address.value, 1);
}

void arch_mmio_write8(paddr_t address, uint8_t value) {
    const struct host_mmio *model = model_at(address);
    model->write(model->context, address.value, 1, value);
}

uint32_t arch_mmio_read32(paddr_t address) {
    const struct host_mmio *model = model_at(address);
    return model->read(model->context, address.value, 4);
}

void arch_mmio_write32(paddr_t address, uint32_t value) {
    const struct host_mmio *model = model_at(address);
    model->write(model->context, address.value, 4, value);
}
