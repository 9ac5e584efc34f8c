/*
 * Control and status registers (priv. spec, "CSR Listing"): numbers, fields, access. CSRs younger than the assembler's
 * base ISA go by number.
 *
 * A CSR that is 64 bits wide on both xlens is reached through csr_read64 and csr_write64: on rv32 it is two registers.
 */
#pragma once

#include <stdint.h>

#define CSR_STIMECMP 0x14d
#define CSR_STIMECMPH 0x15d
#define CSR_SENVCFG 0x10a
#define CSR_MENVCFG 0x30a
#define CSR_MENVCFGH 0x31a
#define CSR_MSECCFG 0x747
#define CSR_SEED 0x015
#define CSR_MSTATEEN0 0x30c
#define CSR_PMPCFG0 0x3a0
#define CSR_PMPADDR0 0x3b0

#define MSTATUS_SIE (1ul << 1)
#define MSTATUS_MIE (1ul << 3)
#define MSTATUS_SPIE (1ul << 5)
#define MSTATUS_MPIE (1ul << 7)
#define MSTATUS_SPP (1ul << 8)
#define MSTATUS_VS (3ul << 9)
#define MSTATUS_MPP (3ul << 11)
#define MSTATUS_MPP_S (1ul << 11)
#define MSTATUS_MPP_M (3ul << 11)
#define MSTATUS_FS (3ul << 13)
#define MSTATUS_FS_INITIAL (1ul << 13)
#define MSTATUS_FS_CLEAN (2ul << 13)
#define MSTATUS_FS_DIRTY (3ul << 13)
#define MSTATUS_MPRV (1ul << 17)
#define MSTATUS_SUM (1ul << 18)
#define MSTATUS_MXR (1ul << 19)
#define MSTATUS_TVM (1ul << 20)
#define MSTATUS_TW (1ul << 21)
#define MSTATUS_TSR (1ul << 22)

/* mcounteren and scounteren: cycle, time, instret */
#define COUNTERS_ALL 7ul
#define SCOUNTEREN_TM (1ul << 1)

#define MENVCFG_STCE (1ull << 63)

#define CAUSE_INTERRUPT (1ul << (sizeof(unsigned long) * 8 - 1))

/* clang-format off: "i" operands need the CSR as a number or a name */
#define CSR_NAME_(csr) #csr
#define CSR_NAME(csr) CSR_NAME_(csr)
#define csr_read(csr)                                                            \
    ({                                                                           \
        unsigned long value_;                                                    \
        __asm__ volatile("csrr %0, " CSR_NAME(csr) : "=r"(value_) : : "memory"); \
        value_;                                                                  \
    })
#define csr_write(csr, value) \
    ({ __asm__ volatile("csrw " CSR_NAME(csr) ", %0" : : "rK"((unsigned long)(value)) : "memory"); })
#define csr_set(csr, bits) \
    ({ __asm__ volatile("csrs " CSR_NAME(csr) ", %0" : : "rK"((unsigned long)(bits)) : "memory"); })
#define csr_clear(csr, bits) \
    ({ __asm__ volatile("csrc " CSR_NAME(csr) ", %0" : : "rK"((unsigned long)(bits)) : "memory"); })
#define csr_swap(csr, value)                                                                                        \
    ({                                                                                                              \
        unsigned long old_;                                                                                         \
        __asm__ volatile("csrrw %0, " CSR_NAME(csr) ", %1" : "=r"(old_) : "rK"((unsigned long)(value)) : "memory"); \
        old_;                                                                                                       \
    })
/* clang-format on */

#if __riscv_xlen == 64
#define MSTATUS_XL (15ul << 32) /* UXL and SXL: the widths of the modes below stay what they are */
#define csr_read64(low, high) ((uint64_t)csr_read(low))
#define csr_write64(low, high, value) csr_write(low, value)
#else
#define MSTATUS_XL 0ul
/* A counter may carry between the halves: read again until the upper half stood still. */
#define csr_read64(low, high)              \
    ({                                     \
        unsigned long high_, low_;         \
        do {                               \
            high_ = csr_read(high);        \
            low_ = csr_read(low);          \
        } while (high_ != csr_read(high)); \
        (uint64_t)high_ << 32 | low_;      \
    })
/* All ones below first, so that no value in between is early (as the priv. spec advises for timers). */
#define csr_write64(low, high, value)              \
    ({                                             \
        uint64_t whole_ = (value);                 \
        csr_write(low, -1l);                       \
        csr_write(high, (uint32_t)(whole_ >> 32)); \
        csr_write(low, (uint32_t)whole_);          \
    })
#endif
