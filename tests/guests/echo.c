/* Says which keys it gets, over the UART or, if the boot arguments say so, DBCN; "q" ends it. */
#include "tests/guests/runtime/payload.h"

enum { POLL_MS = 5 };

static uint8_t dbcn_wait(void) {
    static uint8_t key;
    while (SBI(SBI_DBCN, SBI_DBCN_READ, 1, (unsigned long)(uintptr_t)&key).value == 0) {
        timer_wait_ms(POLL_MS);
    }
    return key;
}

void payload_main(void) {
    bool is_dbcn = machine_has_word("dbcn");
    uint8_t key = 0;
    print("ready for keys");
    while (key != 'q') {
        key = is_dbcn ? dbcn_wait() : uart_wait();
        print("key 0x%02x", key);
    }
}
