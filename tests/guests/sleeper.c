/* Has nothing to do: waits for an interrupt that never comes. */
#include "tests/guests/runtime/payload.h"

void payload_main(void) {
    print("sleeping");
    csr_write(sie, INTERRUPT_SOFTWARE);
    for (;;) {
        __asm__ volatile("wfi" : : : "memory");
    }
}
