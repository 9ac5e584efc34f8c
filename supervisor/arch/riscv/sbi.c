/*
 * Also called before translation is on (early_map.c), so it keeps no data.
 */
#include "supervisor/arch/riscv/sbi.h"

#include "supervisor/arch/riscv/csr.h"

enum {
    BASE_SPECIFICATION = 0,
    BASE_IMPLEMENTATION = 1,
    BASE_VERSION = 2,
    BASE_PROBE = 3,
    TIME_SET = 0,
    RESET_SYSTEM = 0,
    CONSOLE_WRITE = 0,
    CONSOLE_READ = 1,
    RESET_TYPE_SHUTDOWN = 0,
};

struct sbi_result {
    long error;
    unsigned long value;
};

static struct sbi_result sbi_call(unsigned long extension, unsigned long function, unsigned long first,
                                  unsigned long second, unsigned long third) {
    register unsigned long a0 __asm__("a0") = first;
    register unsigned long a1 __asm__("a1") = second;
    register unsigned long a2 __asm__("a2") = third;
    register unsigned long a6 __asm__("a6") = function;
    register unsigned long a7 __asm__("a7") = extension;
    /* The SBI may read and write memory that the arguments name. */
    __asm__ volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(a2), "r"(a6), "r"(a7) : "memory");
    return (struct sbi_result){(long)a0, a1};
}

static unsigned long base_value(unsigned long function, unsigned long argument) {
    struct sbi_result result = sbi_call(SBI_EXTENSION_BASE, function, argument, 0, 0);
    return result.error == 0 ? result.value : 0;
}

struct sbi_identity sbi_identify(void) {
    return (struct sbi_identity){
        .specification = base_value(BASE_SPECIFICATION, 0),
        .implementation = base_value(BASE_IMPLEMENTATION, 0),
        .version = base_value(BASE_VERSION, 0),
    };
}

bool sbi_has_extension(unsigned long extension) {
    return base_value(BASE_PROBE, extension) != 0;
}

void sbi_set_timer(uint64_t time) {
    /* rv32 passes the high half in the second register; rv64 ignores it. */
    sbi_call(SBI_EXTENSION_TIME, TIME_SET, (unsigned long)time, (unsigned long)(time >> 32), 0);
}

static unsigned long console_call(unsigned long function, unsigned long physical, unsigned long size) {
    struct sbi_result result = sbi_call(SBI_EXTENSION_CONSOLE, function, size, physical, 0);
    if (result.error != 0) {
        return 0;
    }
    return result.value <= size ? result.value : size;
}

unsigned long sbi_console_write(unsigned long physical, unsigned long size) {
    return console_call(CONSOLE_WRITE, physical, size);
}

unsigned long sbi_console_read(unsigned long physical, unsigned long size) {
    return console_call(CONSOLE_READ, physical, size);
}

void sbi_shutdown(unsigned long reason) {
    sbi_call(SBI_EXTENSION_RESET, RESET_SYSTEM, RESET_TYPE_SHUTDOWN, reason, 0);
    CSR_WRITE(sie, 0);
    for (;;) {
        __asm__ volatile("wfi");
    }
}
