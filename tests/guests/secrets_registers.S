/*
 * Values in the integer registers until the timer interrupt is pending, without a trap of the guest's own.
 *
 * Each function does without one register, in which it looks at sip: secrets_hold_NAME(values) loads x1 to x31 but that one, and leaves what
 * they hold in the end in secrets_seen.
 */
#include "tests/guests/runtime/frame.h"

#define SIP_TIMER 0x20

    .macro  each operation, but
    .irp    n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    .if     \n - \but
    \operation x\n, (\n * REG_SIZE)(x\but)
    .endif
    .endr
    .endm

    .macro  hold name, but, wait:vararg
    .globl  secrets_hold_\name
secrets_hold_\name:
    addi    sp, sp, -FRAME_SIZE
    frame   STORE
    lla     t0, kept_sp
    STORE   sp, (t0)
    mv      x\but, a0
    each    LOAD, \but
1:  \wait
    csrr    x\but, sip
    andi    x\but, x\but, SIP_TIMER
    beqz    x\but, 1b
    lla     x\but, secrets_seen
    each    STORE, \but
    lla     t0, kept_sp
    LOAD    sp, (t0)
    frame   LOAD
    addi    sp, sp, FRAME_SIZE
    ret
    .endm

    .text
    hold    working_but_x31, 31, nop
    hold    working_but_x30, 30, nop
    hold    waiting_but_x31, 31, wfi
    hold    waiting_but_x30, 30, wfi

    .bss
    .balign 16
    .globl  secrets_seen
secrets_seen:
    .skip   32 * REG_SIZE
kept_sp:
    .skip   REG_SIZE
