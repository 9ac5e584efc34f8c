/* What assembly believes of our structs (asm.h), held against what the compiler makes of them. */
#include "kernel/arch/context.h"
#include "kernel/arch/riscv/asm.h"
#include "kernel/hart/hart.h"

static_assert(offsetof(struct context, pc) == CONTEXT_PC);
static_assert(offsetof(struct context, x) == CONTEXT_X(0));
static_assert(offsetof(struct context, hart) == CONTEXT_HART);
static_assert(offsetof(struct context, mstatus) == CONTEXT_MSTATUS);
static_assert(offsetof(struct context, is_virtual) == CONTEXT_VIRTUAL);
static_assert(offsetof(struct hart, stack_top) == HART_STACK_TOP);
static_assert(offsetof(struct hart, id) == HART_ID);
