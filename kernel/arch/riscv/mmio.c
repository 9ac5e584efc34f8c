/* Device registers: volatile accesses, ordered among each other by fences on the I/O set (unpriv. spec "FENCE"). */
#include "kernel/arch/mmio.h"

uint8_t arch_mmio_read8(paddr_t address) {
    uint8_t value = *(volatile uint8_t *)(uintptr_t)address.value;
    __asm__ volatile("fence i, ior" : : : "memory"); /* what follows sees the world as of this read */
    return value;
}

void arch_mmio_write8(paddr_t address, uint8_t value) {
    __asm__ volatile("fence ow, o" : : : "memory"); /* what came before is there when the device acts */
    *(volatile uint8_t *)(uintptr_t)address.value = value;
}

uint32_t arch_mmio_read32(paddr_t address) {
    uint32_t value = *(volatile uint32_t *)(uintptr_t)address.value;
    __asm__ volatile("fence i, ior" : : : "memory");
    return value;
}

void arch_mmio_write32(paddr_t address, uint32_t value) {
    __asm__ volatile("fence ow, o" : : : "memory");
    *(volatile uint32_t *)(uintptr_t)address.value = value;
}
