/*
 * One instruction with values of its own in all registers; only a trap comes back (runtime/trap.h), and leaves what they then hold in the hart's
 * struct. a0 = 32 values.
 */
#include "tests/guests/runtime/asm.h"

    .text
    .globl race_enter
race_enter:
    mv      x31, a0
    .irp    n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
    LOAD    x\n, (\n * REG_SIZE)(x31)
    .endr
    LOAD    x31, (31 * REG_SIZE)(x31)
    .option push
    .option norvc
    j       race_slot
    .option pop

    /* Where the other hart writes, all at once: an instruction of four bytes, or one of two and a c.ebreak. A page of its own, since QEMU
       looks at each store to one that holds code. */
    .data
    .balign 4096
    .globl race_slot
race_slot:
    .word   0x00000013
    .word   0x00100073              /* ebreak */
    .balign 4096
