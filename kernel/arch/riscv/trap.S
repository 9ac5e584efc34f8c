/*
 * Into the kernel and out again.
 *
 * While a guest runs, mscratch holds its struct context; while the kernel runs, 0. So the first two instructions tell whose
 * trap it is.
 *
 * From a guest, only the registers that C may change are saved before trap_fast is asked; when it can answer (most SBI calls), the
 * rest never leaves the hart. Otherwise the whole register file goes to the context and trap_slow enters the context to go on with.
 * A timer interrupt is never answered so: on harts with vectors it does not ask.
 *
 * From the kernel: a probe or an access to guest memory that was expected to trap, or the kernel's own fault (trap.c).
 */
#include "kernel/arch/riscv/asm.h"

/* The registers that C may change, but sp, and those that it leaves as they are. */
.macro  save_caller_saved context
    STORE   ra, CONTEXT_X(1)(\context)
    STORE   tp, CONTEXT_X(4)(\context)
    STORE   t0, CONTEXT_X(5)(\context)
    STORE   t1, CONTEXT_X(6)(\context)
    STORE   t2, CONTEXT_X(7)(\context)
    STORE   a0, CONTEXT_X(10)(\context)
    STORE   a1, CONTEXT_X(11)(\context)
    STORE   a2, CONTEXT_X(12)(\context)
    STORE   a3, CONTEXT_X(13)(\context)
    STORE   a4, CONTEXT_X(14)(\context)
    STORE   a5, CONTEXT_X(15)(\context)
    STORE   a6, CONTEXT_X(16)(\context)
    STORE   a7, CONTEXT_X(17)(\context)
    STORE   t3, CONTEXT_X(28)(\context)
    STORE   t4, CONTEXT_X(29)(\context)
    STORE   t5, CONTEXT_X(30)(\context)
    STORE   t6, CONTEXT_X(31)(\context)
.endm

.macro  save_callee_saved context
    STORE   gp, CONTEXT_X(3)(\context)
    STORE   s0, CONTEXT_X(8)(\context)
    STORE   s1, CONTEXT_X(9)(\context)
    STORE   s2, CONTEXT_X(18)(\context)
    STORE   s3, CONTEXT_X(19)(\context)
    STORE   s4, CONTEXT_X(20)(\context)
    STORE   s5, CONTEXT_X(21)(\context)
    STORE   s6, CONTEXT_X(22)(\context)
    STORE   s7, CONTEXT_X(23)(\context)
    STORE   s8, CONTEXT_X(24)(\context)
    STORE   s9, CONTEXT_X(25)(\context)
    STORE   s10, CONTEXT_X(26)(\context)
    STORE   s11, CONTEXT_X(27)(\context)
    csrr    t0, mepc
    STORE   t0, CONTEXT_PC(\context)
    csrr    t0, mstatus
    STORE   t0, CONTEXT_MSTATUS(\context)
    li      s0, 0                   /* backtraces end here */
.endm

/* The context is in sp: from there to a0, with the hart and its stack. From here on a trap is the kernel's own. */
.macro  become_kernel
    csrrw   t0, mscratch, zero      /* the guest's sp */
    STORE   t0, CONTEXT_X(2)(sp)
    mv      a0, sp
    LOAD    tp, CONTEXT_HART(sp)
    LOAD    sp, HART_STACK_TOP(tp)
.endm

    /* mtvec: exceptions arrive at the start, interrupt n at n instructions behind it (priv. spec 3.1.7). A hart that knows no
     * vectors brings all of them to the start. */
    .section .text.trap, "ax"
    .balign 256
    .option push
    .option norvc
    .globl trap_entry
trap_entry:
    csrrw   sp, mscratch, sp
    bnez    sp, from_guest
    j       from_kernel
    .rept   INTERRUPT_NUMBER_TIMER - 3
    j       trap_entry
    .endr
    .org    trap_entry + 4 * INTERRUPT_NUMBER_TIMER
    j       timer_entry
    .rept   INTERRUPT_NUMBER_COUNT - 1 - INTERRUPT_NUMBER_TIMER
    j       trap_entry
    .endr
    .option pop

timer_entry:
    csrrw   sp, mscratch, sp
    beqz    sp, from_kernel
    save_caller_saved sp
    become_kernel
    save_callee_saved a0
    call    trap_timer              /* as trap_slow: never comes back; a backtrace finds the way here */

from_guest:
    save_caller_saved sp
    become_kernel                   /* a1 to a7 are the guest's still: trap_fast takes them as they are */
    jal     trap_fast               /* gives a0 back, with what is left to do in its lowest bits */
    andi    t0, a0, TRAP_LEFT_MASK
    beqz    t0, restore_caller_saved

    sub     a0, a0, t0
    mv      a1, t0                  /* what is left to do, for trap_slow */
    save_callee_saved a0
    call    trap_slow

    .globl arch_context_enter
arch_context_enter:
    LOAD    t0, CONTEXT_VIRTUAL(a0)
    LOAD    a1, CONTEXT_PC(a0)
    LOAD    a2, CONTEXT_MSTATUS(a0)
    bnez    t0, enter_virtual

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

    /* Here when nothing but caller-saved registers was touched. */
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

enter_virtual:
    tail    virtual_enter

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
