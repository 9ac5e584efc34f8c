/*
 * A piece of code with all registers at values of their own: a0 = struct of x[32], with the code's address in the place of `link`, by which it returns. All
 * registers are written back there. Two of it, so that every register can be another than `link` and `keep`, which has the struct's address meanwhile.
 */
#include "tests/guests/runtime/frame.h"

    .macro run_with name, link, keep
    .text
    .globl \name
\name:
    addi    sp, sp, -FRAME_SIZE
    frame   STORE
    mv      x\keep, a0
    STORE   sp, 0(x\keep)           /* the place of x0 */
    .irp    n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    .if     \n != \keep
    LOAD    x\n, (\n * REG_SIZE)(x\keep)
    .endif
    .endr
    jalr    x\link, (x\link)
    .irp    n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    .if     \n != \keep
    STORE   x\n, (\n * REG_SIZE)(x\keep)
    .endif
    .endr
    LOAD    sp, 0(x\keep)
    frame   LOAD
    addi    sp, sp, FRAME_SIZE
    ret
    .endm

    run_with run_with_low, 6, 7
    run_with run_with_high, 29, 30
