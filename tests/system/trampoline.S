/* In the kernel's usual place: all harts go on, with a0 and a1 as they are, to where relocated_test.cc has put the kernel. */
    .section .text.start, "ax"
    .globl _start
_start:
    li      t0, 0x8c000000
    jr      t0
