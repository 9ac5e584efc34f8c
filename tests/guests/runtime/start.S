/*
 * Where a guest's harts enter: the first by the Linux boot protocol (a0 = hart id, a1 = device tree), at any aligned address, from an ELF file or
 * from a raw image with Linux's header; the others by HSM, with their struct hart in a1.
 */
#include "tests/guests/runtime/asm.h"

    /* To x1: what is in all registers but a0 and a1, and in the supervisor's CSRs. */
    .macro  gather
    .irp    n, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    or      x1, x1, x\n
    .endr
    .irp    name, sie, stvec, sscratch, sepc, scause, stval, satp
    csrr    x2, \name
    or      x1, x1, x2
    .endr
    .endm

    .section .head, "ax", @progbits
    .globl _start
_start:
    .option push
    .option norvc
    j       start                   /* the header's fields have fixed places */
    nop
    .option pop
    .balign 8
    .dword  IMAGE_TEXT_OFFSET
    .dword  image_size
    .dword  0                       /* flags: little-endian */
    .word   2                       /* header version 0.2 */
    .word   0
    .dword  0
    .ascii  "RISCV\0\0\0"
    .ascii  "RSC\x05"
    .word   0

start:
    gather
    csrw    sie, zero
    mv      s1, x1
    lla     t0, image_rela_start
    lla     t1, image_rela_end
    lla     t2, image_start         /* linked at 0, so this is what every relocation adds */
    j       more_relocations
relocate:
    LOAD    t3, 0(t0)
    LOAD    t4, (2 * REG_SIZE)(t0)
    add     t3, t3, t2
    add     t4, t4, t2
    STORE   t4, (t3)
    addi    t0, t0, RELA_SIZE
more_relocations:
    bltu    t0, t1, relocate

    lla     t0, image_bss_start
    lla     t1, image_bss_end
clear_bss:
    STORE   zero, (t0)
    addi    t0, t0, REG_SIZE
    bltu    t0, t1, clear_bss

    lla     sp, boot_stack_top
    li      s0, 0
    mv      a2, s1
    call    hart_boot               /* does not return: it enters this hart like the others */

    .text
    .globl hart_entry               /* a1 = struct hart, whose stacks are set */
hart_entry:
    gather
    STORE   x1, (HART_ENTERED_WITH * REG_SIZE)(a1)
    .globl hart_entered             /* as hart_entry, but that is known */
hart_entered:
    csrw    sie, zero
    lla     t0, trap_entry
    csrw    stvec, t0
    csrw    sscratch, a1
    LOAD    sp, (HART_STACK_TOP * REG_SIZE)(a1)
    li      s0, 0
    call    hart_begin

    .section .bss.stack, "aw", @nobits
    .balign 16
    .skip   4096
boot_stack_top:
