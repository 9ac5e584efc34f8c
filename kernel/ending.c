/* The end of ending.h. Runs with whatever is left: waits for no lock without a bound. */
#include "kernel/ending.h"

#include <stdint.h>

#include "kernel/arch/hart.h"
#include "kernel/dev/kernel_console.h"
#include "kernel/dev/reset.h"
#include "kernel/hart/hart.h"

static uint32_t has_begun; /* atomic */

void ending_begin(void) {
    if (__atomic_exchange_n(&has_begun, 1, __ATOMIC_SEQ_CST) != 0) {
        arch_halt();
    }
    hart_halt_others();
    console_panic_begin(&kernel_console);
}

void ending_fail(void) {
    reset_fail();
    arch_halt();
}
