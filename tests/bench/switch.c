/*
 * Two of these share a hart, and each uses all that it gets (spin.h). bench.sh works out from their two lines
 * "share switch SPAN OWN TIMES" what a switch between them costs.
 */
#include "tests/bench/measure.h"
#include "tests/bench/spin.h"
#include "tests/guests/runtime/payload.h"

/* In ticks since the machine's reset: from when both have long been started, and as long as some eighty slices. */
enum { SPAN_START = 1u << 20, SPAN = 1u << 22 };

void payload_main(void) {
    if (!check_quietly(csr_read(time) < SPAN_START, "it was started before the span begins")) {
        return;
    }
    spin_until(SPAN_START);
    struct spin_share share = spin_until(SPAN_START + SPAN);
    print("share switch %lu %lu %lu", (unsigned long)SPAN * TICK_INSTRUCTIONS, share.rounds * SPIN_ROUND_INSTRUCTIONS,
          share.gaps);
}
