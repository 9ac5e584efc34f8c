/* The end of ending.h. Runs with whatever is left: waits for no lock without a bound. */
#include "kernel/ending.h"

#include "kernel/arch/hart.h"
#include "kernel/dev/kernel_console.h"
#include "kernel/dev/reset.h"
#include "kernel/hart/hart.h"

void ending_begin(void) {
    if (!console_panic_claim(&kernel_console)) {
        arch_halt();
    }
    hart_halt_others();
    console_panic_begin(&kernel_console);
}

void ending_fail(void) {
    reset_fail();
    arch_halt();
}
