/*
 * Where all harts enter, in M-mode, from reset or from a boot loader: a0 = hart id, a1 = device tree. Nothing else is known: not
 * where we are, not what is in memory that the ELF file does not fill.
 *
 * The first hart to take the lottery clears .bss, applies our own relocations and calls boot_main on the boot stack. The others sleep
 * until boot_harts names them (boot/boot.c), take their struct hart from there and call boot_join.
 */
#include "kernel/arch/riscv/asm.h"

    /* What older harts take for an illegal instruction, and then go on behind. */
    .macro  attempt instruction:vararg
    lla     t0, behind\@
    csrw    mtvec, t0
    \instruction
    .balign 4
behind\@:
    .endm

    /* MDT (Smdbltrp) among it, which every trap sets, and reset: with it, the next trap is the hart's end. */
    .macro  clear_status
    csrw    mstatus, zero
#if __riscv_xlen == 32
    attempt csrw mstatush, zero
#endif
    .endm

    .section .text.start, "ax"
    .globl _start
_start:
    csrw    mie, zero
    clear_status
    attempt csrsi 0x744, 8          /* mnstatus.NMIE (Smrnmi), 0 at reset: without it, traps out of M-mode go elsewhere */
    clear_status                    /* as that may have been one */
    csrw    mscratch, zero
    lla     t0, trap_entry
    ori     t0, t0, MTVEC_VECTORED  /* a hart without keeps 0 there, and brings all traps to the start */
    csrw    mtvec, t0
    lla     t0, lottery
    li      t1, 1
    amoswap.w.aqrl t1, t1, (t0)
    bnez    t1, wait_for_boot

    lla     t0, __bss_start
    lla     t1, __bss_end
clear_bss:
    STORE   zero, (t0)
    addi    t0, t0, REG_SIZE
    bltu    t0, t1, clear_bss

    /* R_RISCV_RELATIVE is the only kind that the linker leaves in a static position-independent program: *(base + offset) = base + addend. */
    lla     t0, __rela_start
    lla     t1, __rela_end
    lla     t2, __image_start       /* where we are */
    lla     t6, link_base
    LOAD    t6, (t6)                /* where we were linked */
    sub     t2, t2, t6
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
    fence.i

    lla     sp, boot_stack_top
    lla     tp, boot_hart
    STORE   sp, HART_STACK_TOP(tp)
    STORE   a0, HART_ID(tp)
    li      s0, 0                   /* backtraces end here */
    call    boot_main

wait_for_boot:
    li      t0, 8                   /* MSIE: an IPI ends the sleep; mstatus.MIE is 0, so it is not taken */
    csrw    mie, t0
sleep:
    wfi
    lla     t0, boot_harts
    LOAD    t0, (t0)
    beqz    t0, sleep
    fence   r, rw                   /* pairs with the release that published the list */

    /* boot_harts: pointers to struct hart, ended by a null pointer. A hart that is not in it stays asleep. */
find:
    LOAD    tp, (t0)
    beqz    tp, not_wanted
    LOAD    t1, HART_ID(tp)
    addi    t0, t0, REG_SIZE
    bne     t1, a0, find
    LOAD    sp, HART_STACK_TOP(tp)
    li      s0, 0
    fence.i                         /* the boot hart has written code: relocations */
    call    boot_join

not_wanted:
    csrw    mie, zero
    wfi
    j       not_wanted

    .section .data, "aw"
    .balign REG_SIZE
lottery:
    .word   0
    .balign REG_SIZE
    /* Not relocated: the relocation of a symbol's address would make it the address we are at. */
link_base:
#if __riscv_xlen == 64
    .dword  LINK_BASE
#else
    .word   LINK_BASE
#endif

    .section .bss.stack, "aw", @nobits
    .balign 16
    .skip   16384
boot_stack_top:
