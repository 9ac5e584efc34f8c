/* Doing what may trap, and looking at the trap. */
#pragma once

#include "tests/guests/runtime/hart.h"

/* Calls a function and says which exception ended it, if one did. */
struct trap trap_catch(void (*function)(void *argument), void *argument);

/* The same in user mode. The function ends with user_exit, so a CAUSE_ECALL_U says that nothing else came. */
struct trap user_catch(void (*function)(void *argument), void *argument);

static inline void user_exit(void) {
    __asm__ volatile("ecall" : : : "memory");
}
