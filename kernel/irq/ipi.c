/* msip: one 32-bit register per hart, of which bit 0 is the interrupt. */
#include "kernel/irq/ipi.h"

#include "kernel/arch/mmio.h"

void ipi_send(struct hart *hart) {
    arch_mmio_write32(hart->ipi, 1);
}

void ipi_clear(struct hart *hart) {
    arch_mmio_write32(hart->ipi, 0);
}
