/* msip: one 32-bit register per hart, of which bit 0 is the interrupt. */
#include "kernel/irq/ipi.h"

#include "kernel/arch/mmio.h"

void ipi_send(struct hart *hart) {
    arch_mmio_write32(hart->ipi, 1);
}

void ipi_clear(struct hart *hart) {
    arch_mmio_write32(hart->ipi, 0);
    /* Read back: or the events could be read before the register is written, which then takes back a ring for newer
     * ones. */
    (void)arch_mmio_read32(hart->ipi);
}
