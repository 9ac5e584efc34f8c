/* Prints a numbered line every now and then, and ends: an innocent neighbour whose output has to come through. */
#include "tests/guests/runtime/payload.h"

enum { LINES = 20, PAUSE_MS = 50 };

void payload_main(void) {
    for (unsigned line = 1; line <= LINES; line++) {
        print("steady %u of %u", line, LINES);
        timer_wait_ms(PAUSE_MS);
    }
}
