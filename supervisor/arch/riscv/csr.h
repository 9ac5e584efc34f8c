/*
 * Control and status registers of S-mode, by the names that the privileged specification gives them.
 */
#pragma once

#include <stdint.h>

#define CSR_READ(name)                                          \
    ({                                                          \
        unsigned long csr_value_;                               \
        __asm__ volatile("csrr %0, " #name : "=r"(csr_value_)); \
        csr_value_;                                             \
    })
#define CSR_WRITE(name, value) __asm__ volatile("csrw " #name ", %0" ::"rK"((unsigned long)(value)) : "memory")
#define CSR_SET(name, bits) __asm__ volatile("csrs " #name ", %0" ::"rK"((unsigned long)(bits)) : "memory")
#define CSR_CLEAR(name, bits) __asm__ volatile("csrc " #name ", %0" ::"rK"((unsigned long)(bits)) : "memory")

/* sstatus */
#define SSTATUS_SPIE (1UL << 5)
#define SSTATUS_SPP (1UL << 8)
#define SSTATUS_FS_SHIFT 13
#define SSTATUS_FS (3UL << SSTATUS_FS_SHIFT)
#define SSTATUS_FS_CLEAN (2UL << SSTATUS_FS_SHIFT)
#define SSTATUS_FS_DIRTY (3UL << SSTATUS_FS_SHIFT)

/* sie: the supervisor's timer */
#define SIE_STIE (1UL << 5)

/* scounteren: let user mode read the `time` CSR */
#define SCOUNTEREN_TM (1UL << 1)
