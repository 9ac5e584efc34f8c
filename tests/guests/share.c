/*
 * Says how much of a hart it had: spins, and counts its rounds in a window of ten seconds, which is the same for all
 * guests of the machine and begins when all have started. The test program compares them.
 */
#include "tests/guests/runtime/payload.h"

enum { WINDOW_BEGIN_MS = 2000, WINDOW_END_MS = 12000, END_MS = 12500 };

static uint64_t count_until(unsigned ms) {
    uint64_t end = timer_ticks_of_ms(ms);
    uint64_t rounds = 0;
    while (timer_now() < end) {
        rounds++;
    }
    return rounds;
}

void payload_main(void) {
    check(timer_now() < timer_ticks_of_ms(WINDOW_BEGIN_MS) || machine_has_word("late"),
          "it ran before the window began");
    count_until(WINDOW_BEGIN_MS);
    uint64_t rounds = count_until(WINDOW_END_MS);
    count_until(END_MS); /* the others' window is not over while they are not on a hart */
    print("had %u rounds", (unsigned)(rounds / 16));
}
