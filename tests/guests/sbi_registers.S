/* An SBI call with all registers that a callee must keep at values of their own: a0 = struct of x[32], written back after the call. */
#include "tests/guests/runtime/frame.h"

    .text
    .globl sbi_call_registers
sbi_call_registers:
    addi    sp, sp, -FRAME_SIZE
    frame   STORE
    mv      x31, a0
    .irp    n, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
    LOAD    x\n, (\n * REG_SIZE)(x31)
    .endr
    ecall
    /* x31 itself is compared by its use: were it another, the results would not be where C looks for them. */
    .irp    n, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
    STORE   x\n, (\n * REG_SIZE)(x31)
    .endr
    frame   LOAD
    addi    sp, sp, FRAME_SIZE
    ret
