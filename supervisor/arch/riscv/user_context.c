/*
 * The C half of trap.S: what a trap was, and whose values the f registers hold. Called by task/task.c alone.
 */
#include "supervisor/arch/riscv/user_context.h"

#include <string.h>

#include "supervisor/arch/riscv/csr.h"
#include "supervisor/arch/riscv/timer.h"
#include "supervisor/mem/access.h"

void user_enter(struct user_context *context);
void fp_save(struct fp_state *state);
void fp_restore(const struct fp_state *state);

enum { X_PC = 0, X_SP = 2, X_A0 = 10, X_A7 = 17, ECALL_SIZE = 4 };

#define CAUSE_INTERRUPT (1UL << (sizeof(unsigned long) * 8 - 1))
enum {
    CAUSE_ILLEGAL_INSTRUCTION = 2,
    CAUSE_USER_ECALL = 8,
    CAUSE_FETCH_PAGE_FAULT = 12,
    CAUSE_LOAD_PAGE_FAULT = 13,
    CAUSE_STORE_PAGE_FAULT = 15,
};

/* Priv. spec, table of scause values; nulls are reserved. */
static const char *const cause_texts[] = {
    "misaligned instruction address",
    "instruction access fault",
    "illegal instruction",
    "breakpoint",
    "misaligned load",
    "load access fault",
    "misaligned store",
    "store access fault",
    "system call from user mode",
    "system call from supervisor mode",
    nullptr,
    nullptr,
    "instruction page fault",
    "load page fault",
    nullptr,
    "store page fault",
};

/* Whose values the f registers hold; null when nobody's. */
static const struct user_context *fp_owner;

void user_context_init(struct user_context *context, unsigned long pc, unsigned long stack) {
    memset(context, 0, sizeof(*context));
    context->x[X_PC] = pc;
    context->x[X_SP] = stack;
    /* Fields that are not ours (UXL) stay as the hart has them. */
    context->status = (CSR_READ(sstatus) & ~(SSTATUS_SPP | SSTATUS_FS)) | SSTATUS_SPIE;
    /* The memory may have held another context, whose values the f registers still have. */
    fp_owner = fp_owner == context ? nullptr : fp_owner;
}

bool user_context_has_fp(void) {
    CSR_SET(sstatus, SSTATUS_FS);
    bool present = (CSR_READ(sstatus) & SSTATUS_FS) != 0;
    CSR_CLEAR(sstatus, SSTATUS_FS);
    return present;
}

static void fp_load(struct user_context *context) {
    if (fp_owner == context || !user_context_has_fp()) {
        return;
    }
    CSR_SET(sstatus, SSTATUS_FS);
    fp_restore(&context->fp);
    fp_owner = context;
    context->status = (context->status & ~SSTATUS_FS) | SSTATUS_FS_CLEAN;
}

/* FS in sstatus is still what the program left, so the f registers can be read. */
static void fp_store(struct user_context *context) {
    if ((context->status & SSTATUS_FS) == SSTATUS_FS_DIRTY) {
        fp_save(&context->fp);
        context->status = (context->status & ~SSTATUS_FS) | SSTATUS_FS_CLEAN;
    }
}

enum user_event user_run(struct user_context *context) {
    fp_load(context);
    user_enter(context);
    fp_store(context);
    switch (context->cause) {
    case CAUSE_USER_ECALL:
        context->x[X_PC] += ECALL_SIZE;
        return USER_SYSCALL;
    case CAUSE_FETCH_PAGE_FAULT:
    case CAUSE_LOAD_PAGE_FAULT:
    case CAUSE_STORE_PAGE_FAULT:
        return USER_PAGE_FAULT;
    default:
        break;
    }
    if (context->cause & CAUSE_INTERRUPT) {
        timer_silence();
        return USER_INTERRUPT;
    }
    return USER_EXCEPTION;
}

unsigned long user_context_syscall(const struct user_context *context, unsigned long out_arguments[6]) {
    memcpy(out_arguments, &context->x[X_A0], 6 * sizeof(out_arguments[0]));
    return context->x[X_A7];
}

void user_context_return(struct user_context *context, long result) {
    context->x[X_A0] = (unsigned long)result;
}

unsigned user_context_access(const struct user_context *context) {
    switch (context->cause) {
    case CAUSE_FETCH_PAGE_FAULT:
        return ACCESS_EXECUTE;
    case CAUSE_LOAD_PAGE_FAULT:
        return ACCESS_READ;
    default:
        return ACCESS_WRITE;
    }
}

const char *user_context_cause_text(unsigned long cause) {
    if (cause & CAUSE_INTERRUPT) {
        return "interrupt";
    }
    const char *text = cause < sizeof(cause_texts) / sizeof(cause_texts[0]) ? cause_texts[cause] : nullptr;
    return text != nullptr ? text : "unknown exception";
}

const char *user_context_value_text(unsigned long cause) {
    return cause == CAUSE_ILLEGAL_INSTRUCTION ? "instruction" : "address";
}
