/*
 * The kernel's own traps (trap.S brings them here) and the split of a guest's: trap_fast for what needs no more of its
 * registers than a call has arguments, trap_slow for all else. Which is which is the portable kernel's business
 * (kernel/guest/trap.h).
 */
#include "kernel/arch/riscv/trap.h"

#include <stdalign.h>
#include <string.h>

#include "kernel/arch/hart.h"
#include "kernel/arch/riscv/asm.h"
#include "kernel/arch/riscv/csr.h"
#include "kernel/arch/riscv/status.h"
#include "kernel/arch/riscv/virtual.h"
#include "kernel/guest/trap.h"
#include "kernel/panic.h"
#include "kernel/trace/trace.h"

enum { ECALL_LENGTH = 4 };

/* On the stack of the interrupted code, by trap.S. */
struct kernel_trap {
    unsigned long x[REG_COUNT]; /* the place of x[0] has the pc */
};

/* trap.S. a1 to a7 are those of the guest. What is left to do is in the lowest bits of the context that is given back,
 * and mepc is where the guest goes on. */
uintptr_t trap_fast(struct context *context, unsigned long a1, unsigned long a2, unsigned long a3, unsigned long a4,
                    unsigned long a5, unsigned long a6, unsigned long a7);
void trap_slow(struct context *context, enum guest_left left); /* leaves as the next one: jumps, and does not return */
void trap_timer(struct context *context);
void trap_kernel(const struct kernel_trap *trap);

void trap_expect(struct hart *hart, enum trap_expectation what) {
    __atomic_store_n(&hart->trap_expected, what, __ATOMIC_RELAXED);
    __atomic_signal_fence(__ATOMIC_SEQ_CST); /* trap_kernel, on this hart, reads it */
}

bool trap_came(struct hart *hart) {
    bool came = !trap_is_expected(hart);
    trap_expect_none(hart);
    return came;
}

/* Whether the instruction went through the guest's translation: with MPRV, which nothing else in the kernel sets, or as
 * one of those that do so by themselves (priv. spec, "Hypervisor Virtual-Machine Load and Store Instructions"). */
static bool is_guest_access(unsigned long pc) {
    enum { INSTRUCTION_MASK = 0x707f, INSTRUCTION_HLV_HSV = 0x4073 };
    if ((csr_read(mstatus) & MSTATUS_MPRV) != 0) {
        return true;
    }
    uint32_t instruction;
    memcpy(&instruction, (const void *)pc, sizeof instruction);
    return (instruction & INSTRUCTION_MASK) == INSTRUCTION_HLV_HSV;
}

static bool is_expected(const struct hart *hart, unsigned long cause, unsigned long pc) {
    if ((cause & CAUSE_INTERRUPT) != 0 || !trap_is_expected(hart)) {
        return false;
    }
    return hart->trap_expected == TRAP_PROBE || is_guest_access(pc);
}

void trap_kernel(const struct kernel_trap *trap) {
    struct hart *hart = arch_hart_self();
    unsigned long cause = csr_read(mcause);
    if (is_expected(hart, cause, trap->x[0])) {
        trap_expect_none(hart);
        hart->trap_cause = cause;
        hart->trap_value = csr_read(mtval);
        csr_write(mepc, trap->x[0] + 4);
        return;
    }
    panic_trap(trap->x[0], cause, csr_read(mtval), trap->x);
}

unsigned long trap_cause_of(unsigned long mcause) {
    switch (mcause) {
    case CAUSE_ECALL_VS:
        return CAUSE_ECALL_S;
    case CAUSE_FETCH_GUEST_PAGE:
        return CAUSE_FETCH_ACCESS;
    case CAUSE_LOAD_GUEST_PAGE:
        return CAUSE_LOAD_ACCESS;
    case CAUSE_VIRTUAL_INSTRUCTION:
        return CAUSE_ILLEGAL_INSTRUCTION;
    case CAUSE_STORE_GUEST_PAGE:
        return CAUSE_STORE_ACCESS;
    default:
        return mcause;
    }
}

static uintptr_t leave(struct context *context, enum guest_left left) {
    static_assert(GUEST_LEFT_NOTHING == 0 && GUEST_LEFT_ALL <= TRAP_LEFT_MASK &&
                  alignof(struct context) > TRAP_LEFT_MASK);
    return (uintptr_t)context | left;
}

static void step_over_call(void) {
    csr_write(mepc, csr_read(mepc) + ECALL_LENGTH);
}

/* Does what arch_context_raise does, while all of it is still in the CSRs. False: the guest could not take it; nothing
 * was done. */
static bool forward(unsigned long cause, unsigned long value) {
    unsigned long pc = csr_read(mepc);
    unsigned long handler = csr_read(stvec) & ~3ul;
    if (pc == handler) {
        return false;
    }
    csr_write(sepc, pc);
    csr_write(scause, cause);
    csr_write(stval, value);
    csr_write(mstatus, status_raised(csr_read(mstatus)));
    csr_write(mepc, handler);
    return true;
}

/* Not inlined, as the next three: what they call would cost trap_fast a stack frame, which most traps do not need.
 *
 * mtval may be 0 instead of the instruction (priv. spec 3.1.16). */
[[gnu::noinline]] static uintptr_t illegal(struct context *context) {
    unsigned long instruction = csr_read(mtval);
    /* Who takes double traps for the end needs more than the CSRs (guest/trap.c). */
    if (instruction == 0 || guest_may_emulate((uint32_t)instruction) || context->has_double_trap) {
        return leave(context, GUEST_LEFT_ALL);
    }
    bool is_done = context->is_virtual ? virtual_forward(CAUSE_ILLEGAL_INSTRUCTION, instruction)
                                       : forward(CAUSE_ILLEGAL_INSTRUCTION, instruction);
    if (!is_done) {
        return leave(context, GUEST_LEFT_ALL);
    }
    guest_count_illegal(context);
    return leave(context, GUEST_LEFT_NOTHING);
}

[[gnu::noinline]] static uintptr_t call(struct context *context, unsigned long function, unsigned long extension) {
    enum guest_left left = guest_call_fast(context, function, extension);
    if (left != GUEST_LEFT_ALL) {
        step_over_call();
    }
    return leave(context, left);
}

/* With Smdbltrp, the trap that brought us here has left a state in which the next one, expected or not, is the hart's
 * end. Interrupts of a guest cause none, and mret ends it too. */
static void allow_traps(struct context *context) {
    if (__builtin_expect(hart_has(arch_hart_self(), HART_MACHINE_DOUBLE_TRAP), false)) {
        csr_clear(MSTATUS_UPPER, MDT);
        context->mstatus &= ~MSTATUS_MDT; /* which the accesses bring back */
    }
}

/* Reaching into the guest may trap: what its own trap has left is put back for trap_slow. Not so mstatus.MPV, which is
 * why a guest in VS-mode goes there at once. */
[[gnu::noinline]] static uintptr_t access_fault(struct context *context, unsigned long cause) {
    if (context->is_virtual) {
        return leave(context, GUEST_LEFT_ALL);
    }
    allow_traps(context);
    unsigned long value = csr_read(mtval);
    context->pc = csr_read(mepc);
    context->mstatus = csr_read(mstatus);
    enum guest_left left = guest_access_fast(context, cause, value);
    csr_write(mepc, context->pc);
    if (left == GUEST_LEFT_ALL) {
        csr_write(mcause, cause);
        csr_write(mtval, value);
    }
    return leave(context, left);
}

/* A letter may take the vcpu off. FS says then what there is to save, and saving it sets FS (fp.h), which is not for
 * the guest to see, nor for trap_slow to keep. */
[[gnu::noinline]] static uintptr_t ring(struct context *context) {
    context->mstatus = csr_read(mstatus);
    enum guest_left left = guest_rung_fast(context);
    if (left != GUEST_LEFT_NOTHING && !context->is_virtual) {
        csr_write(mstatus, context->mstatus);
    }
    return leave(context, left);
}

/* What is no call. */
[[gnu::always_inline]] static inline uintptr_t other_fast(struct context *context, unsigned long cause) {
    if (cause == CAUSE_ILLEGAL_INSTRUCTION) {
        return illegal(context);
    }
    if (cause == (CAUSE_INTERRUPT | INTERRUPT_NUMBER_SOFTWARE)) {
        return ring(context);
    }
    if (cause == CAUSE_LOAD_ACCESS || cause == CAUSE_STORE_ACCESS) {
        return access_fault(context, cause);
    }
    return leave(context, GUEST_LEFT_ALL);
}

static bool is_call(unsigned long cause) {
    if (__builtin_expect(cause == CAUSE_ECALL_S, true)) {
        return true;
    }
    __asm__("" : "+r"(cause)); /* or the compiler tells both in one comparison, at the expense of the first */
    return cause == CAUSE_ECALL_VS;
}

uintptr_t trap_fast(struct context *context, unsigned long, unsigned long, unsigned long, unsigned long, unsigned long,
                    unsigned long a6, unsigned long a7) {
    unsigned long cause = csr_read(mcause);
    /* The trace points are on the slow path. */
    if (trace_is_on_at(arch_hart_self())) {
        return leave(context, GUEST_LEFT_ALL);
    }
    if (!is_call(cause)) {
        return other_fast(context, cause);
    }
    if (!guest_call_own(context, a6, a7)) {
        return call(context, a6, a7);
    }
    step_over_call();
    return leave(context, GUEST_LEFT_NOTHING);
}

[[noreturn]] [[gnu::always_inline]] static inline void handle_exception(struct context *context, unsigned long cause) {
    allow_traps(context);
    guest_trap_slow(context,
                    &(struct guest_trap){
                        .cause = trap_cause_of(cause),
                        /* QEMU 7.2 leaves the instruction of an earlier trap in mtval; with 0 it is fetched. */
                        .value = cause == CAUSE_VIRTUAL_INSTRUCTION ? 0 : csr_read(mtval),
                    });
}

void trap_slow(struct context *context, enum guest_left left) {
    unsigned long cause = csr_read(mcause);
    if (context->is_virtual) {
        virtual_leave_trampoline(context);
    }
    if (left == GUEST_LEFT_SCHEDULE) {
        guest_trap_leave(context);
    }
    if ((cause & CAUSE_INTERRUPT) != 0) {
        guest_interrupted(context, cause & ~CAUSE_INTERRUPT);
    } else {
        handle_exception(context, cause);
    }
}

/* Apart: what it calls would cost trap_timer a stack frame. */
[[gnu::noinline]] static void trap_timer_virtual(struct context *context) {
    virtual_leave_trampoline(context);
    guest_interrupted(context, INTERRUPT_NUMBER_TIMER);
}

void trap_timer(struct context *context) {
    if (context->is_virtual) {
        [[clang::musttail]] return trap_timer_virtual(context);
    }
    guest_interrupted(context, INTERRUPT_NUMBER_TIMER);
}
