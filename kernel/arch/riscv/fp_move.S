/* The 32 FP registers, 64 bits each on both xlens (D), and fcsr. The kernel itself is compiled without FP. */
#include "kernel/arch/riscv/asm.h"

    .option arch, +f, +d

    .macro each operation values
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    \operation f\n, (8 * \n)(\values)
    .endr
    .endm

    .text
    .globl fp_registers_load        /* a0 = 32 values, a1 = fcsr */
fp_registers_load:
    each    fld a0
    csrw    fcsr, a1
    ret

    .globl fp_registers_save        /* a0 = room for 32 values; returns fcsr */
fp_registers_save:
    each    fsd a0
    csrr    a0, fcsr
    ret

    .globl fp_registers_clear       /* on harts without D as well */
fp_registers_clear:
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    fmv.w.x f\n, zero
    .endr
    ret

    .globl fp_registers_switch      /* both in one: a0 = room for 32 values, a1 = 32 values, a2 = fcsr; returns the fcsr that was */
fp_registers_switch:
    each    fsd a0
    each    fld a1
    csrrw   a0, fcsr, a2
    ret
