/* From the PLIC to the console. */
#include "kernel/irq/external.h"

#include "kernel/boot/machine.h"
#include "kernel/dev/kernel_console.h"
#include "kernel/irq/plic.h"

/* One claim per source and pass is enough: the hart comes back here before it enters a guest for as long as one is
 * pending. */
enum { CLAIMS_MAX = 4 };

void external_init(void) {
    if (machine.has_plic && machine.uart_irq != 0) {
        plic_init(machine.plic, machine.plic_context);
        plic_enable(machine.uart_irq);
    }
}

void external_serve(void) {
    if (machine.uart_irq == 0) {
        return; /* nothing was switched on, so this is nobody's */
    }
    for (unsigned claims = 0; claims < CLAIMS_MAX; claims++) {
        uint32_t source = plic_claim();
        if (source == 0) {
            return;
        }
        if (source == machine.uart_irq) {
            kernel_console_receive();
        }
        plic_complete(source);
    }
}
