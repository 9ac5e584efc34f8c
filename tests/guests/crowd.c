/* As many harts as there are, all of which spin for two seconds: what the scheduler has to choose from. */
#include "tests/guests/runtime/payload.h"

enum { END_MS = 2000 };

static void spin(void *) {
    while (timer_now() < timer_ticks_of_ms(END_MS)) {
    }
}

void payload_main(void) {
    for (uint32_t id = 1; id < machine.hart_count; id++) {
        check_equal((unsigned long)hart_run(id, spin, nullptr), SBI_SUCCESS, "a hart starts");
    }
    spin(nullptr);
}
