/*
 * Looks whether anything is left of an earlier life, leaves as much as it can, and does what the next key says: c, w:
 * cold or warm reboot; q: the end. The seed is printed, so that the test can see that no two lives have the same.
 */
#include "tests/guests/runtime/payload.h"

static uint32_t lives_in_data = 1;

static size_t count_and_mark(void) {
    size_t left = 0;
    unsigned long *end = (unsigned long *)machine_free_end();
    for (unsigned long *word = (unsigned long *)machine_free_start(); word < end; word++) {
        left += *word != 0;
        *word = 0xdeadbeef;
    }
    return left;
}

static void print_seed(void) {
    char text[2 * 16 + 1] = "";
    static const char digits[] = "0123456789abcdef";
    for (size_t index = 0; index < 16 && index < machine.seed_size; index++) {
        text[2 * index] = digits[machine.seed[index] >> 4];
        text[2 * index + 1] = digits[machine.seed[index] & 15];
    }
    print("seed %s", text);
}

void payload_main(void) {
    check_equal(lives_in_data++, 1, "the image is as it was packed");
    check_equal(count_and_mark(), 0, "nothing is left of an earlier life");
    check(machine.seed_size >= 32, "there is a seed");
    print_seed();
    print("waiting for c, w or q");
    switch (uart_wait()) {
    case 'c':
        sbi_reset(SBI_COLD_REBOOT, 0);
    case 'w':
        sbi_reset(SBI_WARM_REBOOT, 0);
    default:
        return;
    }
}
