/* The PLIC's register map (PLIC spec, "Memory Map"). */
#include "kernel/irq/plic.h"

#include "kernel/arch/mmio.h"

enum {
    PRIORITY = 0,
    ENABLE = 0x2000,
    ENABLE_STRIDE = 0x80,
    CONTEXT = 0x200000,
    CONTEXT_STRIDE = 0x1000,
    THRESHOLD = 0,
    CLAIM = 4,
};

static paddr_t enables;
static paddr_t priorities;
static paddr_t context_registers;

static paddr_t at(paddr_t base, uint64_t offset) {
    return paddr(base.value + offset);
}

void plic_init(paddr_t base, uint32_t context) {
    priorities = at(base, PRIORITY);
    enables = at(base, ENABLE + (uint64_t)context * ENABLE_STRIDE);
    context_registers = at(base, CONTEXT + (uint64_t)context * CONTEXT_STRIDE);
    for (uint32_t word = 0; word <= PLIC_SOURCE_MAX / 32; word++) {
        arch_mmio_write32(at(enables, word * 4), 0);
    }
    arch_mmio_write32(at(context_registers, THRESHOLD), 0);
}

void plic_enable(uint32_t source) {
    paddr_t word = at(enables, source / 32 * 4);
    arch_mmio_write32(at(priorities, source * 4), 1);
    arch_mmio_write32(word, arch_mmio_read32(word) | 1u << source % 32);
}

uint32_t plic_claim(void) {
    return arch_mmio_read32(at(context_registers, CLAIM));
}

void plic_complete(uint32_t source) {
    arch_mmio_write32(at(context_registers, CLAIM), source);
}
