/*
 * The emulated UART under every integer load and store of a byte there is: to and from each register, with and without
 * a sign, from instructions wherever they lie, with page tables and without. No register but the one that the
 * instruction names may change.
 */
#include "tests/guests/runtime/payload.h"

#include "tests/guests/foreign.h"

enum { DATA = 0, MODEM_CONTROL = 4, LINE_STATUS = 5, SCRATCH = 7 };
enum { MODEM_CONTROL_LOOP = 0x10, LINE_STATUS_READY = 0x01 };
enum { REGISTER_COUNT = 32, PAGE_SIZE = 4096, BYTE = 0x9c };

/* Registers that an instruction under test does not name: where the UART is, and those of uart_registers.S. */
struct frame {
    uint32_t base;
    uint32_t link;
    uint32_t keep;
    void (*run)(unsigned long *x);
};

/* uart_registers.S */
void run_with_low(unsigned long *x);
void run_with_high(unsigned long *x);

static const struct frame low = {5, 6, 7, run_with_low};
static const struct frame high = {28, 29, 30, run_with_high};

static uint16_t code[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
static uint16_t *at; /* in there */
static unsigned instructions;

static volatile uint8_t *uart(void) {
    return (volatile uint8_t *)machine.uart;
}

static void put(size_t index, uint32_t instruction) {
    at[2 * index] = (uint16_t)instruction;
    at[2 * index + 1] = (uint16_t)(instruction >> 16);
}

static unsigned long filling(uint32_t index) {
    return index * 0x01020304ul + 0x71;
}

/* Executes one instruction. What comes of a register that it does not write is checked here; returns the one it names.
 */
static unsigned long execute(const struct frame *frame, uint32_t instruction, uint32_t index, unsigned long value) {
    unsigned long x[REGISTER_COUNT];
    for (uint32_t other = 0; other < REGISTER_COUNT; other++) {
        x[other] = filling(other);
    }
    x[index] = value;
    x[frame->base] = machine.uart;
    x[frame->link] = (unsigned long)(uintptr_t)at;
    put(0, instruction);
    put(1, 0x67 | frame->link << 15); /* jr */
    __asm__ volatile("fence.i" : : : "memory");
    frame->run(x);
    instructions++;
    for (uint32_t other = 1; other < REGISTER_COUNT; other++) {
        bool is_free = other == index || other == frame->base || other == frame->link || other == frame->keep;
        check_quietly(is_free || x[other] == filling(other), "0x%x leaves x%u alone", instruction, other);
    }
    check_quietly(x[frame->base] == machine.uart, "0x%x leaves its base alone", instruction);
    return x[index];
}

static const struct frame *frame_without(uint32_t index) {
    return index >= low.base && index <= low.keep ? &high : &low;
}

static void check_load(uint32_t index, uint32_t funct3, unsigned long expected) {
    const struct frame *frame = frame_without(index);
    uint32_t load = 0x03 | index << 7 | funct3 << 12 | frame->base << 15 | (uint32_t)SCRATCH << 20;
    uart()[SCRATCH] = BYTE;
    unsigned long seen = execute(frame, load, index, filling(index));
    check_quietly(index == 0 || seen == expected, "x%u loaded by 0x%x at %p: 0x%lx", index, load, (void *)at, seen);
}

static void check_store(uint32_t index) {
    const struct frame *frame = frame_without(index);
    uint32_t store = 0x23 | (uint32_t)SCRATCH << 7 | frame->base << 15 | index << 20;
    uart()[SCRATCH] = BYTE;
    unsigned long kept = execute(frame, store, index, filling(index));
    uint8_t expected = index == 0 ? 0 : (uint8_t)filling(index);
    uint8_t seen = uart()[SCRATCH];
    check_quietly(seen == expected && (index == 0 || kept == filling(index)), "x%u stored at %p: 0x%x", index,
                  (void *)at, seen);
}

/* A byte that was sent to itself is there until it is read, and then no more: it is not fetched and lost. */
static void check_received(uint32_t index) {
    const struct frame *frame = frame_without(index);
    uint32_t load = 0x03 | index << 7 | frame->base << 15;
    uart()[DATA] = 'k';
    bool was_there = (uart()[LINE_STATUS] & LINE_STATUS_READY) != 0;
    unsigned long seen = execute(frame, load, index, filling(index));
    check_quietly(was_there && (index == 0 || seen == 'k'), "x%u receives: 0x%lx", index, seen);
    check_quietly((uart()[LINE_STATUS] & LINE_STATUS_READY) == 0, "and what was received is gone");
}

static void check_registers(void) {
    uart()[MODEM_CONTROL] = MODEM_CONTROL_LOOP;
    for (uint32_t index = 0; index < REGISTER_COUNT; index++) {
        check_load(index, 0, (unsigned long)(int8_t)BYTE);
        check_load(index, 4, BYTE);
        check_store(index);
        check_received(index);
    }
    uart()[MODEM_CONTROL] = 0;
}

/* Aligned, not aligned, the last of a page, and with its second half in the next one. */
static void check_places(const char *what) {
    static const size_t places[] = {0, 2, PAGE_SIZE - 4, PAGE_SIZE - 2};
    for (size_t index = 0; index < sizeof places / sizeof places[0]; index++) {
        at = code + places[index] / sizeof code[0];
        check_registers();
    }
    check(true, "%u instructions %s", instructions, what);
}

void payload_main(void) {
    check_places("without page tables");
    foreign_tables_on();
    check_places("and with them");
    foreign_tables_off();
}
