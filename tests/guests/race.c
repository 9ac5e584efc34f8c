/*
 * Two harts against the kernel's emulation of the UART: one uses it, through page tables and with instructions that the
 * other changes all the time. Whatever the kernel reads twice differs in between.
 *
 * Each round is one instruction with known values in all registers. What comes of it must be what one of the
 * instructions that there were may do by one of the tables that there were; never a third thing, be it in a register,
 * in RAM or in the trap.
 *
 * Instructions that replace each other differ in one half only: a hart may fetch halves one after the other, as QEMU
 * does, and would execute what is made of two.
 */
#include "tests/guests/runtime/payload.h"

#include "tests/guests/race_tables.h"

enum { ROUNDS = 6000, UART_SCRATCH = 7 };

enum {
    X_SP = 2,
    X_BYTE = 7,
    X_WINDOW = 8,
    X_RAM = 9,
    X_WORD = 18,
    X_NEAR = 20,
    X_STORED_WORD = 22,
    X_RAM_AGAIN = 24,
};

enum : uint8_t {
    BYTE_AT_FIRST = 0x91, /* in the UART's scratch register, which keeps what is written */
    RAM_BYTE_AT_FIRST = 0xd5,
    BYTE_STORED = 0xc4, /* to either */
    WORD_STORED_TOP = 0xf7,
};

enum kind { BYTE_LOAD, WORD_LOAD, FLOAT_LOAD, STORE, ATOMIC, NO_ACCESS, ILLEGAL };

struct row {
    uint32_t word;
    enum kind kind;
    uint8_t length;
    uint8_t size;
    uint8_t destination;
    uint8_t base;
    uint8_t offset;
    bool sign_extends;
};

static const struct row rows[] = {
    /* With the same upper half. Byte accesses first, which always work while the window is the UART; then what it does
     * not answer to, then what emulation does not judge: FP, and no access. */
    {0x00740503, BYTE_LOAD, 4, 1, 10, X_WINDOW, 7, true},  /* lb x10, 7(x8) */
    {0x00744583, BYTE_LOAD, 4, 1, 11, X_WINDOW, 7, false}, /* lbu x11, 7(x8) */
    {0x0074c603, BYTE_LOAD, 4, 1, 12, X_RAM, 7, false},    /* lbu x12, 7(x9) */
    {0x007403a3, STORE, 4, 1, 0, X_WINDOW, 7, false},      /* sb x7, 7(x8) */
    {0x007483a3, STORE, 4, 1, 0, X_RAM, 7, false},         /* sb x7, 7(x9) */
    {0x00742783, WORD_LOAD, 4, 4, 15, X_WINDOW, 7, true},  /* lw x15, 7(x8) */
    {0x00742087, FLOAT_LOAD, 4, 4, 0, X_WINDOW, 7, false}, /* flw f1, 7(x8) */
    {0x00740993, NO_ACCESS, 4, 0, 19, 0, 0, false},        /* addi x19, x8, 7 */
    {0x0074000b, ILLEGAL, 4, 0, 0, 0, 0, false},           /* custom-0 */
    /* With the same lower half. */
    {0x00740503, BYTE_LOAD, 4, 1, 10, X_WINDOW, 7, true},    /* lb x10, 7(x8) */
    {0x005a0503, BYTE_LOAD, 4, 1, 10, X_NEAR, 5, true},      /* lb x10, 5(x20) */
    {0x007c0503, BYTE_LOAD, 4, 1, 10, X_RAM_AGAIN, 7, true}, /* lb x10, 7(x24) */
    /* Not for replacing. */
    {0x00442783, WORD_LOAD, 4, 4, 15, X_WINDOW, 4, true}, /* lw x15, 4(x8) */
    {0x4009282f, ATOMIC, 4, 4, 16, X_WORD, 0, true},      /* amoor.w x16, x0, (x18) */
    {0x01642223, STORE, 4, 4, 0, X_WINDOW, 4, false},     /* sw x22, 4(x8) */
    {0x90024048, WORD_LOAD, 2, 4, 10, X_WINDOW, 4, true}, /* c.lw x10, 4(x8); c.ebreak */
};

enum { BYTE_ROWS = 5, ACCESS_ROWS = 6, UPPER_ROWS = 9, LOWER_ROWS = 3, ALL_ROWS = sizeof rows / sizeof rows[0] };

/* What the other hart does meanwhile, and so, what may come of it. */
struct phase {
    const char *name;
    unsigned first_row;
    unsigned row_count;
    bool changes_code; /* to any of the rows; else the round chooses one */
    bool changes_tables;
};

static const struct phase phases[] = {
    {"byte accesses that change", 0, BYTE_ROWS, true, false},
    {"addresses that change", UPPER_ROWS, LOWER_ROWS, true, false},
    {"accesses that change", 0, ACCESS_ROWS, true, false},
    {"instructions that change", 0, UPPER_ROWS, true, false},
    {"tables that change", 0, ALL_ROWS, false, true},
    {"instructions and tables that change", 0, UPPER_ROWS, true, true},
};

enum { PHASES = sizeof phases / sizeof phases[0] };

/* race_access.S */
void race_enter(void *values);
extern volatile uint32_t race_slot[2];

static uint8_t ram[RACE_PAGE_SIZE] __attribute__((aligned(RACE_PAGE_SIZE)));
static unsigned long values[32];

static const struct phase *shared_phase; /* atomic: of the other hart; null: it rests */
static const struct phase *seen_phase;   /* atomic: by the other hart */

static unsigned long random_next(uint64_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return (unsigned long)(*state >> 16);
}

/* The other hart: no translation, and no fence that it does not need. */
static void change_all_the_time(void *) {
    uint64_t state = 0x9e3779b97f4a7c15;
    for (;;) {
        const struct phase *phase = __atomic_load_n(&shared_phase, __ATOMIC_ACQUIRE);
        __atomic_store_n(&seen_phase, phase, __ATOMIC_RELEASE);
        if (phase != nullptr && phase->changes_code) {
            race_slot[0] = rows[phase->first_row + random_next(&state) % phase->row_count].word;
        }
        if (phase != nullptr && phase->changes_tables) {
            race_tables_change(random_next(&state));
        }
    }
}

static void tell(const struct phase *phase) {
    __atomic_store_n(&shared_phase, phase, __ATOMIC_RELEASE);
    while (__atomic_load_n(&seen_phase, __ATOMIC_ACQUIRE) != phase) {
    }
}

static void set_values(void) {
    for (unsigned index = 0; index < 32; index++) {
        values[index] = 0x5c0de000ul + index * 0x11;
    }
    values[X_WINDOW] = RACE_WINDOW;
    values[X_RAM] = (unsigned long)(uintptr_t)ram;
    values[X_WORD] = RACE_WINDOW + 4;
    values[X_NEAR] = RACE_WINDOW + 2;
    values[X_RAM_AGAIN] = values[X_RAM];
    values[X_BYTE] = values[X_BYTE] << 8 | BYTE_STORED;
    values[X_STORED_WORD] = (unsigned long)WORD_STORED_TOP << 24 | RACE_PATTERN;
}

static bool is_a_byte_of(const uint8_t *bytes, size_t count, uint8_t byte) {
    for (size_t index = 0; index < count; index++) {
        if (bytes[index] == byte) {
            return true;
        }
    }
    return false;
}

static bool is_of_ram(const struct row *row) {
    return row->base == X_RAM || row->base == X_RAM_AGAIN;
}

/* 0 is of a page table that the window shows. */
static bool is_possible_byte(const struct phase *phase, const struct row *row, uint8_t byte) {
    static const uint8_t shown[] = {BYTE_AT_FIRST, RACE_BYTE_FIRST, RACE_BYTE_SECOND, WORD_STORED_TOP, BYTE_STORED, 0};
    if (is_of_ram(row)) {
        return byte == RAM_BYTE_AT_FIRST;
    }
    return is_a_byte_of(shown, phase->changes_tables ? sizeof shown : 1, byte);
}

/* Words at 4 end, and words at 7 begin, with the byte that may differ. */
static bool is_possible_word(const struct phase *phase, const struct row *row, unsigned long value) {
    uint32_t word = (uint32_t)value;
    bool is_at_end = row->offset != UART_SCRATCH;
    uint32_t rest = is_at_end ? word & 0xffffff : word >> 8;
    uint32_t pattern = is_at_end ? RACE_PATTERN : RACE_PATTERN_BEHIND;
    return phase->changes_tables && value == (unsigned long)(int32_t)word && (rest == pattern || rest == 0) &&
           is_possible_byte(phase, row, (uint8_t)(is_at_end ? word >> 24 : word));
}

static bool is_possible_value(const struct phase *phase, const struct row *row, unsigned long value) {
    if (row->kind == NO_ACCESS) {
        return value == values[X_WINDOW] + 7;
    }
    if (row->size > 1) {
        return is_possible_word(phase, row, value);
    }
    unsigned long extended = row->sign_extends ? (unsigned long)(int8_t)value : (uint8_t)value;
    return value == extended && is_possible_byte(phase, row, (uint8_t)value);
}

/* The registers that are not as they were; the stack pointer is back already. */
static uint32_t changed_registers(void) {
    const struct hart *hart = hart_self();
    uint32_t changed = 0;
    for (unsigned index = 1; index < 32; index++) {
        changed |= index != X_SP && hart->x[index] != values[index] ? UINT32_C(1) << index : 0;
    }
    return changed;
}

static bool may_complete(const struct phase *phase, const struct row *row) {
    return row->kind != ILLEGAL && (phase->changes_tables || row->size <= 1);
}

static bool is_completed(const struct phase *phase, const struct row *row, const struct trap *trap, uint32_t changed) {
    uint32_t own = row->destination != 0 ? UINT32_C(1) << row->destination : 0;
    return may_complete(phase, row) && trap->cause == CAUSE_BREAKPOINT &&
           trap->pc == (unsigned long)(uintptr_t)race_slot + row->length && changed == own &&
           (own == 0 || is_possible_value(phase, row, hart_self()->x[row->destination]));
}

/* An instruction that the kernel cannot tell from the access that trapped is taken for it, and ends with its fault. */
static bool may_fault(const struct phase *phase, const struct row *row) {
    return !is_of_ram(row) && row->kind != NO_ACCESS &&
           (phase->changes_tables || row->size > 1 || phase->row_count > ACCESS_ROWS);
}

/* QEMU 7.2 calls a fault of the second stage behind an AMO, and any of a table there, that of a load. */
static bool is_possible_cause(const struct phase *phase, const struct row *row, unsigned long cause) {
    bool is_load = row->kind == BYTE_LOAD || row->kind == WORD_LOAD || row->kind == FLOAT_LOAD;
    if (cause == (is_load ? CAUSE_LOAD_PAGE : CAUSE_STORE_PAGE)) {
        return phase->changes_tables;
    }
    return cause == (is_load ? CAUSE_LOAD_ACCESS : CAUSE_STORE_ACCESS) ||
           (cause == CAUSE_LOAD_ACCESS && (phase->changes_tables || row->kind == ATOMIC));
}

static bool is_faulted(const struct phase *phase, const struct row *row, const struct trap *trap, uint32_t changed) {
    if (trap->pc != (unsigned long)(uintptr_t)race_slot || changed != 0) {
        return false;
    }
    if (row->kind == ILLEGAL) {
        return trap->cause == CAUSE_ILLEGAL_INSTRUCTION && (trap->value == row->word || trap->value == 0);
    }
    unsigned long first = values[row->base] + row->offset;
    return may_fault(phase, row) && is_possible_cause(phase, row, trap->cause) && trap->value - first < row->size;
}

static bool is_possible(const struct phase *phase, const struct row *row, const struct trap *trap, uint32_t changed) {
    return is_completed(phase, row, trap, changed) || is_faulted(phase, row, trap, changed);
}

/* Any of the rows that there were since the last round, of the only one. */
static bool is_possible_for_any(const struct phase *phase, unsigned row, const struct trap *trap) {
    uint32_t changed = changed_registers();
    if (!phase->changes_code) {
        return is_possible(phase, &rows[row], trap, changed);
    }
    for (unsigned index = 0; index < phase->row_count; index++) {
        if (is_possible(phase, &rows[phase->first_row + index], trap, changed)) {
            return true;
        }
    }
    return false;
}

static void fence(unsigned long random) {
    if (random % 2 == 0) {
        __asm__ volatile("sfence.vma" : : : "memory");
    }
    if (random / 2 % 2 == 0) {
        __asm__ volatile("fence.i" : : : "memory");
    }
}

static volatile uint8_t *scratch(void) {
    return (volatile uint8_t *)machine.uart + UART_SCRATCH;
}

/* What there is to be read. */
static void set_bytes(void) {
    *scratch() = BYTE_AT_FIRST;
    ((volatile uint8_t *)ram)[UART_SCRATCH] = RAM_BYTE_AT_FIRST;
}

/* One instruction stores one byte. */
static void check_bytes(const struct phase *phase) {
    uint8_t of_uart = *scratch();
    uint8_t of_ram = ((volatile uint8_t *)ram)[UART_SCRATCH];
    bool is_first = of_uart == BYTE_AT_FIRST && of_ram == RAM_BYTE_AT_FIRST;
    bool is_one_stored =
        (of_uart == BYTE_STORED && of_ram == RAM_BYTE_AT_FIRST) || (of_uart == BYTE_AT_FIRST && of_ram == BYTE_STORED);
    check_quietly(is_first || is_one_stored, "%s: 0x%x was stored in the UART, 0x%x in RAM", phase->name, of_uart,
                  of_ram);
}

static void run_phase(const struct phase *phase) {
    uint64_t state = 0x2545f4914f6cdd1d;
    unsigned completed = 0;
    unsigned faulted = 0;
    race_tables_restore();
    race_slot[0] = rows[phase->first_row].word;
    __asm__ volatile("fence.i" : : : "memory");
    tell(phase);
    race_tables_on();
    for (unsigned round = 0; round < ROUNDS; round++) {
        unsigned row = round % phase->row_count;
        if (!phase->changes_code) {
            race_slot[0] = rows[row].word;
            __asm__ volatile("fence.i" : : : "memory");
        }
        set_bytes();
        fence(random_next(&state));
        struct trap trap = trap_catch(race_enter, values);
        completed += trap.cause == CAUSE_BREAKPOINT;
        faulted += trap.cause != CAUSE_BREAKPOINT;
        check_quietly(
            is_possible_for_any(phase, row, &trap),
            "%s: cause %lu, value 0x%lx at slot + %ld, registers 0x%x changed, x10 0x%lx, x11 0x%lx, x12 0x%lx",
            phase->name, trap.cause, trap.value, (long)(trap.pc - (unsigned long)(uintptr_t)race_slot),
            changed_registers(), hart_self()->x[10], hart_self()->x[11], hart_self()->x[12]);
        check_bytes(phase);
    }
    race_tables_off();
    tell(nullptr);
    check(completed != 0, "%s: %u times it was executed, %u times it trapped", phase->name, completed, faulted);
}

static void check_ram(void) {
    size_t strays = 0;
    for (size_t at = 0; at < sizeof ram; at++) {
        strays += at != UART_SCRATCH && ram[at] != 0;
    }
    check_equal(strays + race_tables_count_strays(), 0, "no byte changed in RAM that was not stored to");
}

void payload_main(void) {
    set_values();
    race_tables_make();
    if (machine_has_extension("f")) {
        csr_set(sstatus, SSTATUS_FS_INITIAL);
    }
    if (!check_equal((unsigned long)hart_run(1, change_all_the_time, nullptr), SBI_SUCCESS, "the other hart starts")) {
        return;
    }
    for (unsigned index = 0; index < PHASES; index++) {
        run_phase(&phases[index]);
    }
    check_ram();
}
