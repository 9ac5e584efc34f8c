/* Loads and stores of all sizes at all offsets, within a page and across its end; atomics, which have to be aligned. */
#include "tests/guests/runtime/payload.h"

enum { PAGE_SIZE = 4096, PLACES = 12 };

static uint8_t memory[2 * PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));

/* Around the end of the first page. */
static uint8_t *place(size_t offset) {
    return memory + PAGE_SIZE - PLACES + offset;
}

static uint64_t expected(const uint8_t *at, size_t size) {
    uint64_t value = 0;
    for (size_t index = 0; index < size; index++) {
        value |= (uint64_t)at[index] << (8 * index);
    }
    return value;
}

static void prepare(void) {
    for (size_t index = 0; index < sizeof memory; index++) {
        memory[index] = (uint8_t)(index * 37 + 129);
    }
}

#define CHECK_LOAD(instruction, type, at)                                                                            \
    do {                                                                                                             \
        unsigned long value;                                                                                         \
        __asm__ volatile(instruction " %0, (%1)" : "=r"(value) : "r"(at) : "memory");                                \
        check_quietly(value == (unsigned long)(type)expected(at, sizeof(type)), instruction " at %p", (void *)(at)); \
    } while (0)

#define CHECK_STORE(instruction, type, at)                                                     \
    do {                                                                                       \
        unsigned long value = (unsigned long)UINT64_C(0x8192a3b4c5d6e7f8);                     \
        prepare();                                                                             \
        uint8_t before = (at)[-1], after = (at)[sizeof(type)];                                 \
        __asm__ volatile(instruction " %0, (%1)" : : "r"(value), "r"(at) : "memory");          \
        check_quietly((type)expected(at, sizeof(type)) == (type)value && (at)[-1] == before && \
                          (at)[sizeof(type)] == after,                                         \
                      instruction " at %p", (void *)(at));                                     \
    } while (0)

static void check_place(uint8_t *at) {
    prepare();
    CHECK_LOAD("lh", int16_t, at);
    CHECK_LOAD("lhu", uint16_t, at);
    CHECK_LOAD("lw", int32_t, at);
    CHECK_STORE("sh", uint16_t, at);
    CHECK_STORE("sw", uint32_t, at);
#if __riscv_xlen == 64
    prepare();
    CHECK_LOAD("lwu", uint32_t, at);
    CHECK_LOAD("ld", int64_t, at);
    CHECK_STORE("sd", uint64_t, at);
#endif
}

/* The compressed forms are two bytes long, which whoever emulates them has to know. */
static void check_compressed(uint8_t *at) {
    prepare();
    register unsigned long value __asm__("a4");
    register uint8_t *address __asm__("a5") = at;
    __asm__ volatile("c.lw %0, (%1)" : "=r"(value) : "r"(address) : "memory");
    check_quietly(value == (unsigned long)(int32_t)expected(at, 4), "c.lw at %p", (void *)at);
    value = 0x13579bdf;
    __asm__ volatile("c.sw %0, (%1)" : : "r"(value), "r"(address) : "memory");
    check_quietly(expected(at, 4) == 0x13579bdf, "c.sw at %p", (void *)at);
}

static void add_atomically(void *at) {
    unsigned long value = 1;
    __asm__ volatile("amoadd.w %0, %0, (%1)" : "+r"(value) : "r"(at) : "memory");
}

/* Not emulated: the guest gets what hardware without support for it raises, the one or the other. */
static void check_atomic(uint8_t *at) {
    prepare();
    uint64_t before = expected(at, 4);
    struct trap trap = trap_catch(add_atomically, at);
    check(trap.came && (trap.cause == CAUSE_STORE_MISALIGNED || trap.cause == CAUSE_STORE_ACCESS) &&
              trap.value == (unsigned long)(uintptr_t)at && expected(at, 4) == before,
          "a misaligned atomic traps and does nothing");
}

void payload_main(void) {
    for (size_t offset = 0; offset < PLACES + 2; offset++) {
        check_place(place(offset));
        check_compressed(place(offset));
    }
    check_atomic(place(1));
    check_atomic(place(PLACES - 2));
}
