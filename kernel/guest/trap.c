/* Traps of guests, by cause. What is emulated stands in guest/emulate.c. */
#include "kernel/guest/trap.h"

#include "kernel/arch/hart.h"
#include "kernel/guest/emulate.h"
#include "kernel/guest/guest.h"
#include "kernel/irq/ipi.h"
#include "kernel/sbi/sbi.h"
#include "kernel/sched/mail.h"
#include "kernel/sched/sched.h"
#include "kernel/trace/trace.h"

/* Of a context, bit n for x[n]. x0 is always there. */
enum : uint32_t {
    REGISTERS_ALL = UINT32_MAX,
    REGISTERS_CALLER_SAVED = 0xf003fcf7, /* not gp, and not s0 to s11, which the C ABI leaves to who is called */
};

/* Whatever happened, whoever wants this hart's attention has said so. */
static enum guest_left left_after(const struct hart *hart) {
    /* Relaxed: whatever comes later rings. */
    bool is_settled = __atomic_load_n(&hart->events, __ATOMIC_RELAXED) == 0 && !hart->must_decide;
    return is_settled ? GUEST_LEFT_NOTHING : GUEST_LEFT_SCHEDULE;
}

bool guest_call_own(struct context *context, unsigned long function, unsigned long extension) {
    return sbi_call_own(vcpu_of_context(context), function, extension);
}

enum guest_left guest_call_fast(struct context *context, unsigned long function, unsigned long extension) {
    struct vcpu *vcpu = vcpu_of_context(context);
    if (!sbi_call_fast(vcpu, function, extension)) {
        return GUEST_LEFT_ALL;
    }
    vcpu->exits[EXIT_CALL]++;
    return left_after(context->hart);
}

enum guest_left guest_rung_fast(struct context *context) {
    static const uint32_t fast = HART_EVENT_MAIL | HART_EVENT_FENCE;
    struct hart *hart = context->hart;
    uint32_t events = __atomic_load_n(&hart->events, __ATOMIC_RELAXED);
    if (events == 0 || (events & ~fast) != 0) {
        return GUEST_LEFT_ALL;
    }
    vcpu_of_context(context)->exits[EXIT_IPI]++;
    /* In this order: what is asked after the second line rings again. */
    ipi_clear(hart);
    events = __atomic_fetch_and(&hart->events, ~fast, __ATOMIC_SEQ_CST);
    if ((events & HART_EVENT_FENCE) != 0) {
        vcpu_do_fences(vcpu_of_context(context));
    }
    if ((events & HART_EVENT_MAIL) != 0) {
        mail_read(hart);
    }
    return left_after(hart);
}

void guest_count_illegal(struct context *context) {
    vcpu_of_context(context)->exits[EXIT_INSTRUCTION]++;
}

enum guest_left guest_access_fast(struct context *context, unsigned long cause, unsigned long value) {
    struct vcpu *vcpu = vcpu_of_context(context);
    const struct guest_trap trap = {.cause = cause, .value = value};
    /* A part of this: a call would make it longer by a tenth. */
    bool is_done;
    [[clang::always_inline]] is_done = emulate_device(vcpu, &trap, REGISTERS_CALLER_SAVED);
    if (!is_done) {
        return GUEST_LEFT_ALL;
    }
    vcpu->exits[EXIT_ACCESS]++;
    return left_after(context->hart);
}

bool guest_may_emulate(uint32_t instruction) {
    return emulate_knows(instruction);
}

/* A trap handler whose first instruction faults would fault for ever: the guest cannot take this, or any, trap. */
static bool can_take_trap(const struct vcpu *vcpu) {
    return !context_is_supervisor(&vcpu->context) || vcpu->context.pc != arch_context_stvec();
}

static void crash(struct vcpu *vcpu, enum guest_end_kind kind, unsigned long cause, unsigned long value) {
    (void)guest_stop(vcpu->guest, &(struct guest_end){
                                      .kind = kind,
                                      .vcpu = vcpu->id,
                                      .cause = cause,
                                      .pc = vcpu->context.pc,
                                      .value = value,
                                  });
}

static void forward(struct vcpu *vcpu, const struct guest_trap *trap) {
    if (context_is_in_trap(&vcpu->context)) {
        crash(vcpu, GUEST_END_DOUBLE_TRAP, trap->cause, trap->value);
    } else if (can_take_trap(vcpu)) {
        arch_context_raise(&vcpu->context, trap->cause, trap->value);
    } else {
        crash(vcpu, GUEST_END_CRASH, trap->cause, trap->value);
    }
}

static bool emulate(struct vcpu *vcpu, struct guest_trap *trap) {
    switch (trap->cause) {
    case CAUSE_ILLEGAL_INSTRUCTION:
        return emulate_instruction(vcpu, trap);
    case CAUSE_LOAD_ACCESS:
    case CAUSE_STORE_ACCESS:
        return emulate_device(vcpu, trap, REGISTERS_ALL);
    case CAUSE_LOAD_MISALIGNED:
    case CAUSE_STORE_MISALIGNED:
        return emulate_misaligned(vcpu, trap);
    default:
        return false;
    }
}

static void handle_exception(struct vcpu *vcpu, struct guest_trap exception) {
    if (exception.cause == CAUSE_ECALL_S) {
        trace(vcpu->hart, TRACE_SBI, vcpu, vcpu->context.x[REG_A7], vcpu->context.x[REG_A6]);
        sbi_call(vcpu);
    } else if (exception.cause == CAUSE_DOUBLE_TRAP && vcpu->context.has_double_trap) {
        crash(vcpu, GUEST_END_DOUBLE_TRAP, arch_double_trap_cause(), exception.value);
    } else if (emulate(vcpu, &exception)) {
        trace(vcpu->hart, TRACE_EMULATE, vcpu, exception.cause, exception.value);
    } else {
        forward(vcpu, &exception);
    }
}

void guest_trap_slow(struct context *context, const struct guest_trap *trap) {
    struct vcpu *vcpu = vcpu_of_context(context);
    struct hart *hart = vcpu->hart;
    trace(hart, TRACE_EXIT, vcpu, trap->cause, context->pc);
    vcpu->exits[exit_kind_of(false, trap->cause)]++;
    handle_exception(vcpu, *trap);
    sched_resume(hart);
}

/* In place where it is called, as every switch comes by here. */
[[gnu::always_inline]] void guest_interrupted(struct context *context, unsigned long cause) {
    static const unsigned long is_interrupt = ~(~0ul >> 1); /* as mcause says it */
    struct vcpu *vcpu = vcpu_of_context(context);
    vcpu->exits[exit_kind_of(true, cause)]++;
    trace(arch_hart_self(), TRACE_EXIT, vcpu, cause | is_interrupt, context->pc);
    sched_decide(); /* which serves it */
}

void guest_trap_leave(struct context *context) {
    sched_resume(context->hart);
}
