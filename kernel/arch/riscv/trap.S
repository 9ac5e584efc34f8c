/*
 * Into the kernel and out again.
 *
 * While a guest runs, mscratch holds its struct context; while the kernel runs, 0. So the first two instructions tell whose
 * trap it is.
 *
 * From a guest, only the registers that C may change are saved before trap_fast is asked; when it can answer (most SBI calls), the
 * rest never leaves the hart. Otherwise the whole register file goes to the context and trap_slow enters the context to go on with.
 *
 * From the kernel: a probe or an access to guest memory that was expected to trap, or the kernel's own fault (trap.c).
 */
#include "kernel/arch/riscv/asm.h"

    .section .text.trap, "ax"
    .balign 64
    .globl trap_entry
trap_entry:
    csrrw   sp, mscratch, sp
    beqz    sp, from_kernel

    STORE   ra, CONTEXT_X(1)(sp)
    STORE   tp, CONTEXT_X(4)(sp)
    STORE   t0, CONTEXT_X(5)(sp)
    STORE   t1, CONTEXT_X(6)(sp)
    STORE   t2, CONTEXT_X(7)(sp)
    STORE   a0, CONTEXT_X(10)(sp)
    STORE   a1, CONTEXT_X(11)(sp)
    STORE   a2, CONTEXT_X(12)(sp)
    STORE   a3, CONTEXT_X(13)(sp)
    STORE   a4, CONTEXT_X(14)(sp)
    STORE   a5, CONTEXT_X(15)(sp)
    STORE   a6, CONTEXT_X(16)(sp)
    STORE   a7, CONTEXT_X(17)(sp)
    STORE   t3, CONTEXT_X(28)(sp)
    STORE   t4, CONTEXT_X(29)(sp)
    STORE   t5, CONTEXT_X(30)(sp)
    STORE   t6, CONTEXT_X(31)(sp)
    csrrw   t0, mscratch, zero      /* the guest's sp; from here on a trap is the kernel's own */
    STORE   t0, CONTEXT_X(2)(sp)
    mv      a0, sp                  /* a1 to a7 are the guest's still: trap_fast takes them as they are */
    LOAD    tp, CONTEXT_HART(sp)
    LOAD    sp, HART_STACK_TOP(tp)
    jal     trap_fast               /* gives a0 back, with what is left to do in its lowest bits */
    andi    t0, a0, TRAP_LEFT_MASK
    bnez    t0, slow

    /* Nothing but caller-saved registers was touched. */
restore_caller_saved:
    LOAD    ra, CONTEXT_X(1)(a0)
    LOAD    tp, CONTEXT_X(4)(a0)
    LOAD    t0, CONTEXT_X(5)(a0)
    LOAD    t1, CONTEXT_X(6)(a0)
    LOAD    t2, CONTEXT_X(7)(a0)
    LOAD    a1, CONTEXT_X(11)(a0)
    LOAD    a2, CONTEXT_X(12)(a0)
    LOAD    a3, CONTEXT_X(13)(a0)
    LOAD    a4, CONTEXT_X(14)(a0)
    LOAD    a5, CONTEXT_X(15)(a0)
    LOAD    a6, CONTEXT_X(16)(a0)
    LOAD    a7, CONTEXT_X(17)(a0)
    LOAD    t3, CONTEXT_X(28)(a0)
    LOAD    t4, CONTEXT_X(29)(a0)
    LOAD    t5, CONTEXT_X(30)(a0)
    LOAD    t6, CONTEXT_X(31)(a0)
    LOAD    sp, CONTEXT_X(2)(a0)
    csrw    mscratch, a0
    LOAD    a0, CONTEXT_X(10)(a0)
    mret

slow:
    sub     a0, a0, t0
    mv      a1, t0                  /* what is left to do, for trap_slow */
    STORE   gp, CONTEXT_X(3)(a0)
    STORE   s0, CONTEXT_X(8)(a0)
    STORE   s1, CONTEXT_X(9)(a0)
    STORE   s2, CONTEXT_X(18)(a0)
    STORE   s3, CONTEXT_X(19)(a0)
    STORE   s4, CONTEXT_X(20)(a0)
    STORE   s5, CONTEXT_X(21)(a0)
    STORE   s6, CONTEXT_X(22)(a0)
    STORE   s7, CONTEXT_X(23)(a0)
    STORE   s8, CONTEXT_X(24)(a0)
    STORE   s9, CONTEXT_X(25)(a0)
    STORE   s10, CONTEXT_X(26)(a0)
    STORE   s11, CONTEXT_X(27)(a0)
    csrr    t0, mepc
    STORE   t0, CONTEXT_PC(a0)
    csrr    t0, mstatus
    STORE   t0, CONTEXT_MSTATUS(a0)
    li      s0, 0                   /* backtraces end here */
    call    trap_slow

    .globl arch_context_enter
arch_context_enter:
    LOAD    t0, CONTEXT_VIRTUAL(a0)
    LOAD    a1, CONTEXT_PC(a0)
    LOAD    a2, CONTEXT_MSTATUS(a0)
    beqz    t0, context_return
    tail    virtual_enter

    .globl context_return           /* leaves the kernel for a1, with the status a2 */
context_return:
    csrw    mepc, a1
    csrw    mstatus, a2
    LOAD    gp, CONTEXT_X(3)(a0)
    LOAD    s0, CONTEXT_X(8)(a0)
    LOAD    s1, CONTEXT_X(9)(a0)
    LOAD    s2, CONTEXT_X(18)(a0)
    LOAD    s3, CONTEXT_X(19)(a0)
    LOAD    s4, CONTEXT_X(20)(a0)
    LOAD    s5, CONTEXT_X(21)(a0)
    LOAD    s6, CONTEXT_X(22)(a0)
    LOAD    s7, CONTEXT_X(23)(a0)
    LOAD    s8, CONTEXT_X(24)(a0)
    LOAD    s9, CONTEXT_X(25)(a0)
    LOAD    s10, CONTEXT_X(26)(a0)
    LOAD    s11, CONTEXT_X(27)(a0)
    j       restore_caller_saved

    /* struct kernel_trap (trap.c) on the stack of the interrupted code. */
from_kernel:
    csrrw   sp, mscratch, sp
    addi    sp, sp, -(34 * REG_SIZE)
    STORE   x1, 1 * REG_SIZE(sp)
    STORE   x3, 3 * REG_SIZE(sp)
    STORE   x4, 4 * REG_SIZE(sp)
    STORE   x5, 5 * REG_SIZE(sp)
    STORE   x6, 6 * REG_SIZE(sp)
    STORE   x7, 7 * REG_SIZE(sp)
    STORE   x8, 8 * REG_SIZE(sp)
    STORE   x9, 9 * REG_SIZE(sp)
    STORE   x10, 10 * REG_SIZE(sp)
    STORE   x11, 11 * REG_SIZE(sp)
    STORE   x12, 12 * REG_SIZE(sp)
    STORE   x13, 13 * REG_SIZE(sp)
    STORE   x14, 14 * REG_SIZE(sp)
    STORE   x15, 15 * REG_SIZE(sp)
    STORE   x16, 16 * REG_SIZE(sp)
    STORE   x17, 17 * REG_SIZE(sp)
    STORE   x18, 18 * REG_SIZE(sp)
    STORE   x19, 19 * REG_SIZE(sp)
    STORE   x20, 20 * REG_SIZE(sp)
    STORE   x21, 21 * REG_SIZE(sp)
    STORE   x22, 22 * REG_SIZE(sp)
    STORE   x23, 23 * REG_SIZE(sp)
    STORE   x24, 24 * REG_SIZE(sp)
    STORE   x25, 25 * REG_SIZE(sp)
    STORE   x26, 26 * REG_SIZE(sp)
    STORE   x27, 27 * REG_SIZE(sp)
    STORE   x28, 28 * REG_SIZE(sp)
    STORE   x29, 29 * REG_SIZE(sp)
    STORE   x30, 30 * REG_SIZE(sp)
    STORE   x31, 31 * REG_SIZE(sp)
    addi    t0, sp, 34 * REG_SIZE
    STORE   t0, 2 * REG_SIZE(sp)
    csrr    t0, mepc
    STORE   t0, (sp)
    mv      a0, sp
    call    trap_kernel             /* returns only from an expected trap; mepc is then past the instruction */
    LOAD    x1, 1 * REG_SIZE(sp)
    LOAD    x5, 5 * REG_SIZE(sp)
    LOAD    x6, 6 * REG_SIZE(sp)
    LOAD    x7, 7 * REG_SIZE(sp)
    LOAD    x10, 10 * REG_SIZE(sp)
    LOAD    x11, 11 * REG_SIZE(sp)
    LOAD    x12, 12 * REG_SIZE(sp)
    LOAD    x13, 13 * REG_SIZE(sp)
    LOAD    x14, 14 * REG_SIZE(sp)
    LOAD    x15, 15 * REG_SIZE(sp)
    LOAD    x16, 16 * REG_SIZE(sp)
    LOAD    x17, 17 * REG_SIZE(sp)
    LOAD    x28, 28 * REG_SIZE(sp)
    LOAD    x29, 29 * REG_SIZE(sp)
    LOAD    x30, 30 * REG_SIZE(sp)
    LOAD    x31, 31 * REG_SIZE(sp)
    addi    sp, sp, 34 * REG_SIZE
    mret

    /* All that S-mode may execute where guests have VS-mode (virtual.c): the rest of the smallest piece that PMP knows is illegal. */
    .section .trampoline, "ax"
    .balign 64
    .globl trampoline
trampoline:
    sret
    .balign 64, 0
    .globl trampoline_end
trampoline_end:
