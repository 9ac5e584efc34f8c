/*
 * In and out of user mode, and the one trap entry.
 *
 * user_enter() is a call that returns when the user program traps: whatever made it trap is data in its context, and
 * the supervisor decides in C. sscratch says who runs: the user context, or zero for the supervisor itself. The
 * supervisor runs with interrupts off and touches user memory only through the page tables, so a trap from its own mode
 * is always a bug: it ends in the panic, on a stack of its own, because the stack may be what broke.
 */
#include "supervisor/arch/riscv/asm.h"
#include "supervisor/arch/riscv/layout.h"

#define SAVED_SIZE (16 * REG_SIZE)

    .altmacro
    .macro save_register base, n
    REG_S x\n, \n*REG_SIZE(\base)
    .endm
    .macro load_register base, n
    REG_L x\n, \n*REG_SIZE(\base)
    .endm
    /* op base, first..last */
    .macro each_register op, base, first, last
    .set index, \first
    .rept \last - \first + 1
    \op \base, %index
    .set index, index + 1
    .endr
    .endm

    .text
    /* void user_enter(struct user_context *context) */
    .global user_enter
    .type user_enter, @function
user_enter:
    addi sp, sp, -SAVED_SIZE
    REG_S ra, 0*REG_SIZE(sp)
    REG_S s0, 1*REG_SIZE(sp)
    REG_S s1, 2*REG_SIZE(sp)
    REG_S s2, 3*REG_SIZE(sp)
    REG_S s3, 4*REG_SIZE(sp)
    REG_S s4, 5*REG_SIZE(sp)
    REG_S s5, 6*REG_SIZE(sp)
    REG_S s6, 7*REG_SIZE(sp)
    REG_S s7, 8*REG_SIZE(sp)
    REG_S s8, 9*REG_SIZE(sp)
    REG_S s9, 10*REG_SIZE(sp)
    REG_S s10, 11*REG_SIZE(sp)
    REG_S s11, 12*REG_SIZE(sp)
    REG_S gp, 13*REG_SIZE(sp)
    REG_S tp, 14*REG_SIZE(sp)
    REG_S sp, CONTEXT_SUPERVISOR_SP*REG_SIZE(a0)

    REG_L t0, CONTEXT_STATUS*REG_SIZE(a0)
    csrw sstatus, t0                /* SPP = 0, SPIE = 1, the program's FS; SIE stays 0 */
    REG_L t0, 0(a0)
    csrw sepc, t0
    csrw sscratch, a0
    each_register load_register, x10, 1, 9
    each_register load_register, x10, 11, 31
    REG_L a0, 10*REG_SIZE(a0)
    sret
    .size user_enter, . - user_enter

    .balign 4
    .global trap_entry
    .type trap_entry, @function
trap_entry:
    csrrw a0, sscratch, a0
    beqz a0, trap_from_supervisor

    each_register save_register, x10, 1, 9
    each_register save_register, x10, 11, 31
    csrrw t0, sscratch, zero        /* from here on the supervisor runs */
    REG_S t0, 10*REG_SIZE(a0)
    csrr t0, sepc
    REG_S t0, 0(a0)
    csrr t0, sstatus
    REG_S t0, CONTEXT_STATUS*REG_SIZE(a0)
    csrr t0, scause
    REG_S t0, CONTEXT_CAUSE*REG_SIZE(a0)
    csrr t0, stval
    REG_S t0, CONTEXT_VALUE*REG_SIZE(a0)

    REG_L sp, CONTEXT_SUPERVISOR_SP*REG_SIZE(a0)
    REG_L ra, 0*REG_SIZE(sp)
    REG_L s0, 1*REG_SIZE(sp)
    REG_L s1, 2*REG_SIZE(sp)
    REG_L s2, 3*REG_SIZE(sp)
    REG_L s3, 4*REG_SIZE(sp)
    REG_L s4, 5*REG_SIZE(sp)
    REG_L s5, 6*REG_SIZE(sp)
    REG_L s6, 7*REG_SIZE(sp)
    REG_L s7, 8*REG_SIZE(sp)
    REG_L s8, 9*REG_SIZE(sp)
    REG_L s9, 10*REG_SIZE(sp)
    REG_L s10, 11*REG_SIZE(sp)
    REG_L s11, 12*REG_SIZE(sp)
    REG_L gp, 13*REG_SIZE(sp)
    REG_L tp, 14*REG_SIZE(sp)
    addi sp, sp, SAVED_SIZE
    ret
    .size trap_entry, . - trap_entry

trap_from_supervisor:
    lla a0, panic_registers
    each_register save_register, x10, 1, 9
    each_register save_register, x10, 11, 31
    csrrw t0, sscratch, zero        /* a trap inside the panic comes here again */
    REG_S t0, 10*REG_SIZE(a0)
    csrr t0, sepc
    REG_S t0, 0(a0)
    csrr t0, sstatus
    REG_S t0, CONTEXT_STATUS*REG_SIZE(a0)
    csrr t0, scause
    REG_S t0, CONTEXT_CAUSE*REG_SIZE(a0)
    csrr t0, stval
    REG_S t0, CONTEXT_VALUE*REG_SIZE(a0)
    lla sp, panic_stack_top
    call panic_trap

    /*
     * The supervisor is compiled without floating point; nothing else in it touches the f registers. sstatus.FS has to
     * be on, and the caller has seen to that.
     */
    .option push
    .option arch, +f, +d
    .macro fp_save_register base, n
    fsd f\n, \n*8(\base)
    .endm
    .macro fp_load_register base, n
    fld f\n, \n*8(\base)
    .endm

    /* void fp_save(struct fp_state *state) */
    .global fp_save
    .type fp_save, @function
fp_save:
    each_register fp_save_register, x10, 0, 31
    frcsr t0
    REG_S t0, FP_CONTROL(a0)
    ret
    .size fp_save, . - fp_save

    /* void fp_restore(const struct fp_state *state) */
    .global fp_restore
    .type fp_restore, @function
fp_restore:
    each_register fp_load_register, x10, 0, 31
    REG_L t0, FP_CONTROL(a0)
    fscsr t0
    ret
    .size fp_restore, . - fp_restore
    .option pop

    /* The stacks grow down into a page that the final page table leaves out (kernel_space.c). */
    .section .stacks, "aw", @nobits
    .balign 4096
    .global supervisor_stack_guard
supervisor_stack_guard:
    .zero 4096
    .zero SUPERVISOR_STACK_SIZE
    .global supervisor_stack_top
supervisor_stack_top:
    .zero PANIC_STACK_SIZE
panic_stack_top:

    .bss
    .balign 16
panic_registers:
    .zero 36*REG_SIZE
