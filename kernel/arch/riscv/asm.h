/* What is wider on rv64 than on rv32, for the assembly files; the one place with the condition. */
#pragma once

#if __riscv_xlen == 64
#define LOAD ld
#define STORE sd
#define REG_SIZE 8
#define RELA_SIZE 24
#else
#define LOAD lw
#define STORE sw
#define REG_SIZE 4
#define RELA_SIZE 12
#endif

/* struct context (arch/context.h), struct hart (hart/hart.h); arch/riscv/offsets.c pins them. */
#define CONTEXT_PC (0 * REG_SIZE)
#define CONTEXT_X(n) ((1 + (n)) * REG_SIZE)
#define CONTEXT_HART (33 * REG_SIZE)
#define CONTEXT_MSTATUS (34 * REG_SIZE)
#define CONTEXT_VIRTUAL (35 * REG_SIZE)
#define HART_STACK_TOP (0 * REG_SIZE)
#define HART_ID (1 * REG_SIZE)

/* What trap_fast leaves to do, in the lowest bits of a context. */
#define TRAP_LEFT_MASK 3

/* Interrupts for the kernel, as mcause says (priv. spec, table "mcause values"). */
#define INTERRUPT_NUMBER_SOFTWARE 3
#define INTERRUPT_NUMBER_TIMER 7
#define INTERRUPT_NUMBER_COUNT 16

/* mtvec.MODE: interrupts arrive at a place for each. */
#define MTVEC_VECTORED 1
