/* Never yields: a loop with interrupts off. */
#include "tests/guests/runtime/payload.h"

void payload_main(void) {
    print("spinning");
    for (;;) {
        __asm__ volatile("");
    }
}
