/* mstatus as the hart changes it when it traps into supervisor mode. */
#pragma once

#include "kernel/arch/riscv/csr.h"

/* From the mode in MPP, with interrupts as SIE says (priv. spec 3.1.6.1), to be entered by mret. */
static inline unsigned long status_raised(unsigned long status) {
    unsigned long pie = status & MSTATUS_SIE ? MSTATUS_SPIE : 0;
    unsigned long pp = (status & MSTATUS_MPP) == MSTATUS_MPP_S ? MSTATUS_SPP : 0;
    return (status & ~(MSTATUS_SIE | MSTATUS_SPIE | MSTATUS_SPP | MSTATUS_MPP)) | pie | pp | MSTATUS_MPP_S;
}
