/*
 * An innocent guest: fills its memory with a pattern, and looks again and again whether all of it is still there,
 * sleeping and working by turns; if the boot arguments say "long", until a key is typed.
 */
#include "tests/guests/runtime/payload.h"

enum { ROUNDS = 20, PAUSE_MS = 20, WORDS_MAX = 1024 * 1024 };

/* Different for each address, so that a copy from elsewhere shows, too. */
static uint32_t pattern(const volatile uint32_t *word, unsigned round) {
    return (uint32_t)(uintptr_t)word * 2654435761u + round;
}

static volatile uint32_t *words(void) {
    return (volatile uint32_t *)machine_free_start();
}

static size_t word_count(void) {
    size_t count = (machine_free_end() - machine_free_start()) / sizeof(uint32_t);
    return count < WORDS_MAX ? count : WORDS_MAX;
}

static void fill(unsigned round) {
    for (size_t index = 0; index < word_count(); index++) {
        words()[index] = pattern(words() + index, round);
    }
}

static size_t count_changed(unsigned round) {
    size_t changed = 0;
    for (size_t index = 0; index < word_count(); index++) {
        changed += words()[index] != pattern(words() + index, round);
    }
    return changed;
}

void payload_main(void) {
    bool is_long = machine_has_word("long");
    for (unsigned round = 1; is_long ? uart_get() < 0 : round <= ROUNDS; round++) {
        fill(round);
        timer_wait_ms(PAUSE_MS);
        size_t changed = count_changed(round);
        check_quietly(changed == 0, "memory is as it was left: %zu words are not", changed);
    }
}
