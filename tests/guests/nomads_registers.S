/*
 * Values in the integer registers until the timer interrupt is pending. a0 = struct nomads_area: 32 values, 32 places for what the registers hold in
 * the end, and one for the stack pointer. x30 and x31 are what it looks with.
 */
#include "tests/guests/runtime/frame.h"

#define SIP_TIMER 0x20
#define AREA_SEEN (32 * REG_SIZE)
#define AREA_SP (64 * REG_SIZE)

    .macro  each operation, offset
    .irp    n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29
    \operation x\n, (\offset + \n * REG_SIZE)(x31)
    .endr
    .endm

    .macro  hold name, wait
    .globl  nomads_hold_\name
nomads_hold_\name:
    addi    sp, sp, -FRAME_SIZE
    frame   STORE
    mv      x31, a0
    STORE   sp, AREA_SP(x31)
    each    LOAD, 0
1:  \wait
    csrr    x30, sip
    andi    x30, x30, SIP_TIMER
    beqz    x30, 1b
    each    STORE, AREA_SEEN
    LOAD    sp, AREA_SP(x31)
    frame   LOAD
    addi    sp, sp, FRAME_SIZE
    ret
    .endm

    .text
    hold    working, nop
    hold    waiting, wfi
