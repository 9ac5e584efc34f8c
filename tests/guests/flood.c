/* Prints for ever on all harts, over the UART or DBCN as the boot arguments say, as fast as the console takes it. */
#include "tests/guests/runtime/payload.h"

static void flood(void *) {
    static const char line[] = "flood flood flood flood flood flood flood flood flood flood flood flood\n";
    for (;;) {
        if (machine_has_word("uart")) {
            uart_put(line, sizeof line - 1);
        } else {
            print_text(line, sizeof line - 1);
        }
    }
}

void payload_main(void) {
    for (unsigned long id = 1; id < machine.hart_count; id++) {
        hart_run(id, flood, nullptr);
    }
    flood(nullptr);
}
