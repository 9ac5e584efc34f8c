/* All FP registers at once; the payload itself is compiled without FP. */
    .option arch, +f, +d

    .macro each operation
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    \operation f\n, (8 * \n)(a0)
    .endr
    .endm

    .text
    .globl fp_registers_write       /* a0 = 32 values, a1 = fcsr */
fp_registers_write:
    each    fld
    csrw    fcsr, a1
    ret

    .globl fp_registers_read        /* a0 = room for 32 values; returns fcsr */
fp_registers_read:
    each    fsd
    csrr    a0, fcsr
    ret
