/*
 * The contract of user_context.h without a hart: registers are data, and what runs is a function of the test.
 */
#include "supervisor/arch/host/user_context.h"

#include <string.h>

enum { X_PC = 0, X_SP = 2, X_A0 = 10, X_A7 = 17 };

enum user_event (*host_user_program)(struct user_context *context);

void user_context_init(struct user_context *context, unsigned long pc, unsigned long stack) {
    memset(context, 0, sizeof(*context));
    context->x[X_PC] = pc;
    context->x[X_SP] = stack;
}

enum user_event user_run(struct user_context *context) {
    return host_user_program(context);
}

unsigned long user_context_syscall(const struct user_context *context, unsigned long out_arguments[6]) {
    memcpy(out_arguments, &context->x[X_A0], 6 * sizeof(out_arguments[0]));
    return context->x[X_A7];
}

void user_context_return(struct user_context *context, long result) {
    context->x[X_A0] = (unsigned long)result;
}

/* Tests put the access itself where the hart has the cause. */
unsigned user_context_access(const struct user_context *context) {
    return (unsigned)context->cause;
}

const char *user_context_cause_text(unsigned long cause) {
    (void)cause;
    return "cause";
}

const char *user_context_value_text(unsigned long cause) {
    (void)cause;
    return "address";
}

bool user_context_has_fp(void) {
    return true;
}
