/*
 * What a user environment has on the hart: its registers, and what its last trap was. trap.S reads and writes it by the
 * offsets of asm.h.
 */
#pragma once

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "supervisor/arch/riscv/asm.h"

struct fp_state {
    uint64_t f[32];
    unsigned long control;
};

struct user_context {
    /* x[0] holds the pc. */
    unsigned long x[32];
    unsigned long status;
    unsigned long cause;
    unsigned long value;
    unsigned long supervisor_sp;
    struct fp_state fp;
};

#define USER_CONTEXT_AT(index) ((index) * sizeof(unsigned long))
static_assert(offsetof(struct user_context, status) == USER_CONTEXT_AT(CONTEXT_STATUS), "asm.h");
static_assert(offsetof(struct user_context, cause) == USER_CONTEXT_AT(CONTEXT_CAUSE), "asm.h");
static_assert(offsetof(struct user_context, value) == USER_CONTEXT_AT(CONTEXT_VALUE), "asm.h");
static_assert(offsetof(struct user_context, supervisor_sp) == USER_CONTEXT_AT(CONTEXT_SUPERVISOR_SP), "asm.h");
static_assert(offsetof(struct fp_state, control) == FP_CONTROL, "asm.h");

/* Why user_run() came back. */
enum user_event {
    USER_SYSCALL,
    USER_PAGE_FAULT,
    USER_INTERRUPT,
    USER_EXCEPTION,
};

/* All registers zero but the pc and the stack pointer. */
void user_context_init(struct user_context *context, unsigned long pc, unsigned long stack);

/*
 * Runs user mode until it traps and says why. Afterwards the context holds the trap's cause, value and pc; for a system
 * call the pc is already behind the ecall. The f registers are the program's: loaded when another context's may be in
 * them, saved when dirty.
 */
enum user_event user_run(struct user_context *context);

/* The call's number and arguments, and where its result goes (RISC-V Linux: a7, a0 to a5; a0). */
unsigned long user_context_syscall(const struct user_context *context, unsigned long out_arguments[6]);
void user_context_return(struct user_context *context, long result);

/* For USER_PAGE_FAULT: the accesses (mem/access.h) that were refused. */
unsigned user_context_access(const struct user_context *context);

/* What the cause is called, and what the context's value is then ("address" or "instruction"). Never null. */
const char *user_context_cause_text(unsigned long cause);
const char *user_context_value_text(unsigned long cause);

/* Whether this hart has f registers that user mode can use. */
bool user_context_has_fp(void);
