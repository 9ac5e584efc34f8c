/*
 * The guest's harts. hart 0 runs payload_main; it starts others with hart_run, which run a function each and then stop.
 */
#pragma once

#include <stddef.h>

#include "tests/guests/runtime/asm.h"

enum { HART_COUNT_MAX = 64 };

struct trap {
    bool came;
    unsigned long cause; /* scause */
    unsigned long value; /* stval */
    unsigned long pc;    /* sepc */
};

struct hart {
    unsigned long x[32]; /* of what a trap interrupted; x[0] is its pc */
    unsigned long stack_top;
    unsigned long trap_stack_top;
    unsigned long recovery_sp;  /* trap_catch is waiting with this stack pointer; 0: nobody is */
    unsigned long entered_with; /* all that registers and CSRs held when the hart entered, ORed; a0 and a1 apart */
    struct trap caught;
    unsigned long id;
    void (*function)(void *argument);
    void *argument;
    void (*on_interrupt)(unsigned long interrupt); /* for the number of each interrupt that comes */
};

static_assert(offsetof(struct hart, stack_top) == HART_STACK_TOP * REG_SIZE);
static_assert(offsetof(struct hart, trap_stack_top) == HART_TRAP_STACK_TOP * REG_SIZE);
static_assert(offsetof(struct hart, recovery_sp) == HART_RECOVERY_SP * REG_SIZE);
static_assert(offsetof(struct hart, entered_with) == HART_ENTERED_WITH * REG_SIZE);

/* What a payload does, on hart 0. When it returns, checks are summed up and the guest shuts down (check.h). */
void payload_main(void);

/* The hart that calls this. */
struct hart *hart_self(void);

/* Starts a hart that is stopped; it stops when the function returns. Returns SBI's error. */
long hart_run(unsigned long id, void (*function)(void *argument), void *argument);

/* The registers with which HSM starts and resumes harts lead here: the address for a call that makes its own, and what
 * to give as `opaque`. */
unsigned long hart_entry_address(void);
struct hart *hart_prepare(unsigned long id, void (*function)(void *argument), void *argument);

/* The same with a struct of the caller's own; the stacks are those of the hart with that id. */
void hart_prepare_as(struct hart *hart, unsigned long id, void (*function)(void *argument), void *argument);
