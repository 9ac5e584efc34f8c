/*
 * For assembly files: what a function that changes every register keeps on its stack, and gives back before it returns.
 * `frame STORE` and `frame LOAD`, with FRAME_SIZE taken from sp around them.
 */
#pragma once

#include "tests/guests/runtime/asm.h"

#define FRAME_SIZE (16 * REG_SIZE)

/* clang-format off */
    .macro  frame operation
    \operation ra, (0 * REG_SIZE)(sp)
    \operation gp, (1 * REG_SIZE)(sp)
    \operation tp, (2 * REG_SIZE)(sp)
    .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
    \operation s\n, ((3 + \n) * REG_SIZE)(sp)
    .endr
    .endm
