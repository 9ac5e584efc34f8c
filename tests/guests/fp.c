/*
 * Holds values in all FP registers while others have the hart, working and waiting by turns. The boot arguments' first
 * character makes the values of two guests different; "long" behind it: for some seconds, and only working.
 */
#include "tests/guests/runtime/payload.h"

enum { ROUNDS = 20, ROUNDS_LONG = 200, SPIN_MS = 15, FCSR_MASK = 0xff, ROUNDING_MODES = 5 };

enum : unsigned long { FS_CLEAN = 2ul << 13 };

void fp_registers_write(const uint64_t *values, unsigned long fcsr);
unsigned long fp_registers_read(uint64_t *out_values);

static uint64_t value_of(unsigned index, unsigned round) {
    return UINT64_C(0x4000000000000000) + ((uint64_t)(uint8_t)machine.bootargs[0] << 40) + (round << 8) + index;
}

static void spin(void) {
    uint64_t end = timer_now() + timer_ticks_of_ms(SPIN_MS);
    while (timer_now() < end) {
    }
}

static void hold(unsigned round, bool waits) {
    uint64_t values[32];
    unsigned long fcsr = (round % ROUNDING_MODES) << 5 | (round & 0x1f);
    unsigned wrong = 0;
    for (unsigned index = 0; index < 32; index++) {
        values[index] = value_of(index, round);
    }
    fp_registers_write(values, fcsr);
    csr_clear(sstatus, SSTATUS_FS);
    csr_set(sstatus, FS_CLEAN);
    if (waits) {
        timer_wait_ms(SPIN_MS);
    } else {
        spin();
    }
    check_equal(csr_read(sstatus) & SSTATUS_FS, FS_CLEAN, "what FS says is the guest's own affair");
    unsigned long seen = fp_registers_read(values);
    for (unsigned index = 0; index < 32; index++) {
        wrong += values[index] != value_of(index, round);
    }
    check_equal(wrong, 0,
                waits ? "FP registers are as they were after waiting" : "FP registers are as they were after working");
    check_equal(seen & FCSR_MASK, fcsr, "and so is fcsr");
}

static void read_with_fp_off(void *values) {
    fp_registers_read(values);
}

void payload_main(void) {
    uint64_t values[32];
    csr_clear(sstatus, SSTATUS_FS);
    check_equal(trap_catch(read_with_fp_off, values).cause, CAUSE_ILLEGAL_INSTRUCTION, "FP is illegal while it is off");
    csr_set(sstatus, SSTATUS_FS_INITIAL);
    fp_registers_read(values);
    unsigned not_zero = 0;
    for (unsigned index = 0; index < 32; index++) {
        not_zero += values[index] != 0;
    }
    check_equal(not_zero, 0, "FP registers hold nothing of anybody else's");
    bool is_long = machine_has_word("long");
    print("holding");
    for (unsigned round = 0; round < (is_long ? ROUNDS_LONG : ROUNDS); round++) {
        hold(round, !is_long && round % 2 != 0);
    }
}
