/*
 * An innocent neighbour whose output has to come through: a numbered line every now and then; if the boot arguments say
 * "bytes", also more at once than the console keeps for a guest, byte by byte, none of which may get lost.
 */
#include "tests/guests/runtime/payload.h"

enum { LINES = 20, PAUSE_MS = 50, BURST_LINES = 100, BURST_WIDTH = 80 };

static void write_byte(char byte) {
    check_quietly(SBI(SBI_DBCN, SBI_DBCN_WRITE_BYTE, (unsigned char)byte).error == SBI_SUCCESS,
                  "DBCN waits until there is room for a byte");
}

static void burst(void) {
    for (unsigned line = 0; line < BURST_LINES; line++) {
        for (unsigned column = 0; column < BURST_WIDTH; column++) {
            write_byte('.');
        }
        write_byte('\n');
    }
}

void payload_main(void) {
    for (unsigned line = 1; line <= LINES; line++) {
        print("steady %u of %u", line, LINES);
        timer_wait_ms(PAUSE_MS);
    }
    if (machine_has_word("bytes")) {
        burst();
    }
}
