/*
 * The head of the image: Linux's Image header, then the way from the boot protocol's state (MMU off, any aligned
 * address, a0 = hart, a1 = device tree) to C at the addresses that the image was linked for. One switch of page tables
 * does it: the early table holds only the high mapping, so the instruction after the write of satp faults, and stvec
 * already says where to go on. Until then every address comes from the pc; nothing here may load one from memory.
 *
 * The same trick serves when the image happens to sit at its link address (possible on rv32): then nothing faults and
 * execution runs on into the very same label. The early leaf is as large as the image is aligned, so no third case
 * exists.
 */
#include "supervisor/arch/riscv/asm.h"
#include "supervisor/arch/riscv/layout.h"

    .global supervisor_link_base
    .set supervisor_link_base, SUPERVISOR_BASE

    .section .head, "ax", @progbits
    .global _start
_start:
    .option push
    .option norvc
    j start_physical
    nop
    .option pop
    .balign 8
    .dword IMAGE_TEXT_OFFSET
    .dword image_effective_size
    .dword 0                        /* flags: little-endian */
    .word 2                         /* header version 0.2 */
    .word 0
    .dword 0
    .ascii "RISCV\0\0\0"
    .ascii "RSC\x05"
    .word 0

start_physical:
    csrw sie, zero                  /* no interrupt until the timer asks for its own */
    li t0, SSTATUS_INHERITED
    csrc sstatus, t0
    csrw sscratch, zero             /* zero: the hart runs the supervisor (trap.S) */
    mv s0, a0
    mv s1, a1
    lla s2, _start
    csrw satp, zero

    lla t0, image_bss_start
    lla t1, image_bss_end
1:  bgeu t0, t1, 2f
    REG_S zero, (t0)
    addi t0, t0, REG_SIZE
    j 1b

2:  lla sp, supervisor_stack_top
    mv a0, s2
    mv a1, s1
    call early_map_build            /* a0: the value for satp */

    lla t0, start_virtual
    sub t0, t0, s2
    li t1, SUPERVISOR_BASE
    add t0, t0, t1
    csrw stvec, t0
    sfence.vma                      /* the table was written with plain stores */
    csrw satp, a0
    .balign 4                       /* stvec holds a multiple of four */
start_virtual:
    csrr t0, satp
    bne t0, a0, no_translation      /* WARL: a mode that the hart lacks leaves satp as it was */
    sfence.vma                      /* a mode switch orders nothing by itself */
    lla t0, trap_entry
    csrw stvec, t0
    lla sp, supervisor_stack_top
    mv a0, s0
    mv a1, s1
    mv a2, s2
    call supervisor_main

no_translation:
    call early_map_refuse
