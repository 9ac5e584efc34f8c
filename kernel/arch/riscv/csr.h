/*
 * Control and status registers (priv. spec, "CSR Listing"): numbers, fields, access. CSRs younger than the assembler's
 * base ISA go by number.
 *
 * A CSR that is 64 bits wide on both xlens is reached through csr_read64 and csr_write64: on rv32 it is two registers.
 */
#pragma once

#include <stdint.h>

#define CSR_SEED 0x015
#define CSR_SIE 0x104
#define CSR_STVEC 0x105
#define CSR_SENVCFG 0x10a
#define CSR_SSCRATCH 0x140
#define CSR_SEPC 0x141
#define CSR_SCAUSE 0x142
#define CSR_STVAL 0x143
#define CSR_STIMECMP 0x14d
#define CSR_STIMECMPH 0x15d
#define CSR_SATP 0x180
#define CSR_VSSTATUS 0x200
#define CSR_VSIE 0x204
#define CSR_VSTVEC 0x205
#define CSR_VSSCRATCH 0x240
#define CSR_VSEPC 0x241
#define CSR_VSCAUSE 0x242
#define CSR_VSTVAL 0x243
#define CSR_VSTIMECMP 0x24d
#define CSR_VSTIMECMPH 0x25d
#define CSR_VSATP 0x280
#define CSR_MENVCFG 0x30a
#define CSR_MSTATEEN0 0x30c
#define CSR_MSTATUSH 0x310
#define CSR_MENVCFGH 0x31a
#define CSR_MSTATEEN0H 0x31c
#define CSR_PMPCFG0 0x3a0
#define CSR_PMPADDR0 0x3b0
#define CSR_MCYCLECFG 0x321
#define CSR_MINSTRETCFG 0x322
#define CSR_MTVAL2 0x34b
#define CSR_HSTATUS 0x600
#define CSR_HEDELEG 0x602
#define CSR_HIDELEG 0x603
#define CSR_HIE 0x604
#define CSR_HTIMEDELTA 0x605
#define CSR_HCOUNTEREN 0x606
#define CSR_HENVCFG 0x60a
#define CSR_HSTATEEN0 0x60c
#define CSR_HTIMEDELTAH 0x615
#define CSR_HENVCFGH 0x61a
#define CSR_HSTATEEN0H 0x61c
#define CSR_HIP 0x644
#define CSR_HVIP 0x645
#define CSR_HGATP 0x680
#define CSR_MCYCLECFGH 0x721
#define CSR_MINSTRETCFGH 0x722
#define CSR_MSECCFG 0x747
#define CSR_VLENB 0xc22
#define CSR_JVT 0x017

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

/* The fields of mstatus that sstatus has, and that vsstatus has for a guest in VS-mode: SIE, SPIE, UBE, SPP, VS, FS,
 * XS, SUM, MXR. */
#define SSTATUS_FIELDS 0xde762ul

#define HSTATUS_SPV (1ul << 7)
#define HSTATUS_SPVP (1ul << 8)

/* Smepmp: entries that are locked are M-mode's alone, all others not M-mode's; and what locked entries hold can be
 * written as long as the third is set. */
#define MSECCFG_MML (1ul << 0)
#define MSECCFG_RLB (1ul << 2)

/* hgatp, with VMID 0. A root is at a multiple of 16 KiB. */
#define HGATP_PAGE_BITS 12

/* Interrupts of a guest in VS-mode stand in hvip one place above where the guest sees them in sip. */
#define HVIP_SHIFT 1

/* mcounteren and scounteren: cycle, time, instret */
#define COUNTERS_ALL 7ul
#define SCOUNTEREN_TM (1ul << 1)

#define MSTATUS_SDT (1ul << 24)

#define MENVCFG_STCE (1ull << 63)
#define MENVCFG_ADUE (1ull << 61)
#define MENVCFG_DTE (1ull << 59)

/* mcyclecfg and minstretcfg (Smcntrpmf) */
#define CNTRCFG_MINH (1ull << 62)

/* What VS-mode adds to enum trap_cause (kernel/arch/context.h). */
#define CAUSE_ECALL_VS 10ul
#define CAUSE_FETCH_GUEST_PAGE 20ul
#define CAUSE_LOAD_GUEST_PAGE 21ul
#define CAUSE_VIRTUAL_INSTRUCTION 22ul
#define CAUSE_STORE_GUEST_PAGE 23ul

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
#define csr_take(csr, bits)                                                                                        \
    ({                                                                                                             \
        unsigned long old_;                                                                                        \
        __asm__ volatile("csrrc %0, " CSR_NAME(csr) ", %1" : "=r"(old_) : "rK"((unsigned long)(bits)) : "memory"); \
        old_;                                                                                                      \
    })
/* clang-format on */

#if __riscv_xlen == 64
#define MSTATUS_XL (15ul << 32) /* UXL and SXL: the widths of the modes below stay what they are */
#define SSTATUS_UXL (3ul << 32)
/* MPV and MDT are in mstatus on rv64, in mstatush on rv32. */
#define MSTATUS_UPPER mstatus
#define MPV (1ul << 39)
#define MSTATUS_MPV MPV
#define MDT (1ul << 42)
#define MSTATUS_MDT MDT
#define HGATP_MODE_SHIFT 60
#define HGATP_MODES (1u << 8 | 1u << 9 | 1u << 10) /* Sv39x4, Sv48x4, Sv57x4 */
#define csr_read64(low, high) ((uint64_t)csr_read(low))
#define csr_write64(low, high, value) csr_write(low, value)
#define csr_write64_upward(low, high, value) csr_write(low, value)
#define csr_swap64(low, high, value) ((uint64_t)csr_swap(low, value))
#else
#define MSTATUS_XL 0ul
#define SSTATUS_UXL 0ul
#define MSTATUS_UPPER CSR_MSTATUSH
#define MPV (1ul << 7)
#define MSTATUS_MPV 0ul
#define MDT (1ul << 10)
#define MSTATUS_MDT 0ul
#define HGATP_MODE_SHIFT 31
#define HGATP_MODES (1u << 1) /* Sv32x4 */
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
/* For registers of single bits: in QEMU 10 a write to henvcfg clears henvcfgh. */
#define csr_write64_upward(low, high, value)       \
    ({                                             \
        uint64_t whole_ = (value);                 \
        csr_write(low, (uint32_t)whole_);          \
        csr_write(high, (uint32_t)(whole_ >> 32)); \
    })
#define csr_swap64(low, high, value)           \
    ({                                         \
        uint64_t was_ = csr_read64(low, high); \
        csr_write64(low, high, value);         \
        was_;                                  \
    })
#endif
