/*
 * The build machine's stand-in for user mode: a test's function plays the program.
 */
#pragma once

#include "supervisor/arch/riscv/user_context.h"

/* Called by user_run(). It changes the context as a program would have done, up to its next trap. */
extern enum user_event (*host_user_program)(struct user_context *context);
