/* The call itself. */
#include "tests/guests/runtime/sbi.h"

struct sbi_result sbi_call(unsigned long extension, unsigned long function, const unsigned long *arguments) {
    register unsigned long a0 __asm__("a0") = arguments[0];
    register unsigned long a1 __asm__("a1") = arguments[1];
    register unsigned long a2 __asm__("a2") = arguments[2];
    register unsigned long a3 __asm__("a3") = arguments[3];
    register unsigned long a4 __asm__("a4") = arguments[4];
    register unsigned long a5 __asm__("a5") = arguments[5];
    register unsigned long a6 __asm__("a6") = function;
    register unsigned long a7 __asm__("a7") = extension;
    __asm__ volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(a2), "r"(a3), "r"(a4), "r"(a5), "r"(a6), "r"(a7) : "memory");
    return (struct sbi_result){.error = (long)a0, .value = a1};
}

void sbi_reset(enum sbi_reset_type type, unsigned long reason) {
    SBI(SBI_SRST, SBI_SRST_SYSTEM_RESET, type, reason);
    __builtin_trap();
}
