/* Control and status registers, by name or number. */
#pragma once

#include <stdint.h>

/* clang-format off: the operand is a name or a number, so it becomes part of the instruction */
#define CSR_TEXT_(csr) #csr
#define CSR_TEXT(csr) CSR_TEXT_(csr)
#define csr_read(csr)                                                            \
    ({                                                                           \
        unsigned long value_;                                                    \
        __asm__ volatile("csrr %0, " CSR_TEXT(csr) : "=r"(value_) : : "memory"); \
        value_;                                                                  \
    })
#define csr_write(csr, value) \
    ({ __asm__ volatile("csrw " CSR_TEXT(csr) ", %0" : : "r"((unsigned long)(value)) : "memory"); })
#define csr_set(csr, bits) \
    ({ __asm__ volatile("csrs " CSR_TEXT(csr) ", %0" : : "r"((unsigned long)(bits)) : "memory"); })
#define csr_clear(csr, bits) \
    ({ __asm__ volatile("csrc " CSR_TEXT(csr) ", %0" : : "r"((unsigned long)(bits)) : "memory"); })
/* clang-format on */

/* Numbers for what assemblers only know with its extension named. */
#define CSR_STIMECMP 0x14d
#define CSR_STIMECMPH 0x15d

#define SSTATUS_SIE (1ul << 1)
#define SSTATUS_SPIE (1ul << 5)
#define SSTATUS_SPP (1ul << 8)
#define SSTATUS_FS (3ul << 13)
#define SSTATUS_FS_INITIAL (1ul << 13)

/* Bits of sie and sip; the number of the bit is the interrupt's. */
#define INTERRUPT_SOFTWARE (1ul << 1)
#define INTERRUPT_TIMER (1ul << 5)

#define SCAUSE_INTERRUPT (1ul << (sizeof(unsigned long) * 8 - 1))

/* Priv. spec, table "scause values". */
enum cause {
    CAUSE_FETCH_ACCESS = 1,
    CAUSE_ILLEGAL_INSTRUCTION = 2,
    CAUSE_BREAKPOINT = 3,
    CAUSE_LOAD_MISALIGNED = 4,
    CAUSE_LOAD_ACCESS = 5,
    CAUSE_STORE_MISALIGNED = 6,
    CAUSE_STORE_ACCESS = 7,
    CAUSE_ECALL_U = 8,
    CAUSE_FETCH_PAGE = 12,
    CAUSE_LOAD_PAGE = 13,
    CAUSE_STORE_PAGE = 15,
};
