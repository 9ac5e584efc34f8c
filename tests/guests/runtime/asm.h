/* What is wider on rv64 than on rv32, and the layout of struct hart (hart.h pins it), for the assembly files. */
#pragma once

#if __riscv_xlen == 64
#define LOAD ld
#define STORE sd
#define REG_SIZE 8
#define RELA_SIZE 24
#define IMAGE_TEXT_OFFSET 0x200000
#else
#define LOAD lw
#define STORE sw
#define REG_SIZE 4
#define RELA_SIZE 12
#define IMAGE_TEXT_OFFSET 0x400000
#endif

/* In registers. */
#define HART_PC 0 /* x[0] has no value to keep */
#define HART_STACK_TOP 32
#define HART_TRAP_STACK_TOP 33
#define HART_RECOVERY_SP 34
#define HART_ENTERED_WITH 35
