/*
 * Traps: all registers go to the hart's struct, trap_handle (trap.c) looks at them and may change them, and they come back. sscratch always
 * holds the struct. A trap inside trap_handle is a bug of the payload and goes round for ever.
 */
#include "tests/guests/runtime/asm.h"

    .macro  each operation, registers:vararg
    .irp    n, \registers
    \operation x\n, (\n * REG_SIZE)(sp)
    .endr
    .endm

    .text
    .balign 4
    .globl trap_entry
trap_entry:
    csrrw   sp, sscratch, sp
    each    STORE, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    csrr    t0, sscratch
    STORE   t0, (2 * REG_SIZE)(sp)
    csrw    sscratch, sp
    csrr    t0, sepc
    STORE   t0, (HART_PC * REG_SIZE)(sp)
    mv      a0, sp
    LOAD    sp, (HART_TRAP_STACK_TOP * REG_SIZE)(sp)
    call    trap_handle
    csrr    sp, sscratch
    LOAD    t0, (HART_PC * REG_SIZE)(sp)
    csrw    sepc, t0
    each    LOAD, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    LOAD    sp, (2 * REG_SIZE)(sp)
    sret

    /*
     * Calls a0(a1). An exception on the way ends the call: trap_handle goes on at trap_recover with the stack pointer that is kept here, and what
     * the callee had in its saved registers does not matter.
     */
    .globl trap_call
trap_call:
    addi    sp, sp, -16 * REG_SIZE
    STORE   ra, (0 * REG_SIZE)(sp)
    .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
    STORE   s\n, ((1 + \n) * REG_SIZE)(sp)
    .endr
    csrr    t0, sscratch
    STORE   sp, (HART_RECOVERY_SP * REG_SIZE)(t0)
    mv      t1, a0
    mv      a0, a1
    jalr    t1
    .globl trap_recover
trap_recover:
    csrr    t0, sscratch
    STORE   zero, (HART_RECOVERY_SP * REG_SIZE)(t0)
    LOAD    ra, (0 * REG_SIZE)(sp)
    .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
    LOAD    s\n, ((1 + \n) * REG_SIZE)(sp)
    .endr
    addi    sp, sp, 16 * REG_SIZE
    ret

    /* Goes on in user mode at a0(a1), on the same stack; only a trap comes back. */
    .globl user_enter
user_enter:
    csrw    sepc, a0
    li      t0, 0x120               /* SPP: to user mode; SPIE: interrupts are on there in any case */
    csrc    sstatus, t0
    mv      a0, a1
    sret
