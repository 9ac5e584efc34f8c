/* Reset devices that take one 32-bit write. */
#include "kernel/dev/reset.h"

#include "kernel/arch/hart.h"
#include "kernel/arch/mmio.h"
#include "kernel/console/kernel_log.h"
#include "kernel/dev/kernel_console.h"
#include "kernel/hart/hart.h"
#include "kernel/irq/timer.h"

static struct reset_device reset;

void reset_init(const struct reset_device *device) {
    reset = *device;
}

static void write_reset(uint32_t value) {
    if (reset.address.value != 0) {
        arch_mmio_write32(reset.address, value);
    }
}

void power_off(void) {
    if (reset.address.value == 0) {
        log_line("this machine has no power switch that we know: it can be switched off now");
    }
    hart_halt_others();
    console_flush(&kernel_console, timer_now());
    if (reset.address.value != 0 && !console_panic_claim(&kernel_console)) {
        arch_halt(); /* another hart has come to an end that is a failure (ending.h), and has something to say */
    }
    write_reset(reset.pass);
    arch_halt();
}

void reset_fail(void) {
    write_reset(reset.fail);
}
