/*
 * What assembly needs to be written once for both xlens, and the layout of struct user_context as assembly sees it
 * (user_context.h pins it with static_assert).
 */
#pragma once

#if __riscv_xlen == 32
#define REG_S sw
#define REG_L lw
#define REG_SIZE 4
#else
#define REG_S sd
#define REG_L ld
#define REG_SIZE 8
#endif

/*
 * What the boot loader may have left set in sstatus: SIE, SPIE, SPP, VS, FS, SUM, MXR. With VS and FS off nobody can
 * use registers that nobody saves.
 */
#define SSTATUS_INHERITED 0xc6722

/* In registers: x[0] holds the pc, x[1] to x[31] themselves, then these. */
#define CONTEXT_STATUS 32
#define CONTEXT_CAUSE 33
#define CONTEXT_VALUE 34
#define CONTEXT_SUPERVISOR_SP 35

/* In bytes, of struct fp_state. */
#define FP_CONTROL 256
