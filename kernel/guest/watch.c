/* Looking at vcpus that run. */
#include "kernel/guest/watch.h"

#include "kernel/guest/guest.h"
#include "kernel/irq/timer.h"

void watch_begin(struct vcpu *vcpu) {
    uint64_t ran = vcpu->runner.ticks_run;
    vcpu->watch = (struct vcpu_watch){
        .look_at = ran + timer_ticks_of_ms(WATCH_LOOK_MS),
        .grace = timer_ticks_of_ms(WATCH_GRACE_MS),
        .alive_at = ran,
        .timer = UINT64_MAX,
    };
}

void watch_sign(struct vcpu *vcpu) {
    vcpu->watch.alive_at = vcpu->runner.ticks_run;
}

static bool is_in_prologue(unsigned long address) {
    return address - arch_context_stvec() < WATCH_PROLOGUE_SIZE;
}

/*
 * The handler's first instructions trapped, and it is at its first instructions again: it will trap there again. A
 * handler that works gets beyond them, and its return clears SPP; an interrupt inside them is none of their faults.
 */
static bool traps_in_handler(const struct vcpu *vcpu) {
    bool is_exception = (long)arch_context_scause() >= 0; /* the top bit says interrupt (priv. spec, "scause") */
    return context_is_supervisor(&vcpu->context) && context_has_spp(&vcpu->context) && is_exception &&
           is_in_prologue(vcpu->context.pc) && is_in_prologue(arch_context_sepc());
}

static void look_for_traps(struct vcpu *vcpu) {
    vcpu->watch.trapped = traps_in_handler(vcpu) ? vcpu->watch.trapped + 1 : 0;
    if (vcpu->watch.trapped == WATCH_TRAPS_MAX) {
        (void)guest_stop(vcpu->guest, &(struct guest_end){
                                          .kind = GUEST_END_ENDLESS,
                                          .vcpu = vcpu->id,
                                          .cause = arch_context_scause(),
                                          .pc = arch_context_sepc(),
                                          .value = arch_context_stval(),
                                      });
    }
}

/* A timer that is set to another time than at the last look is a sign of life, and so is waiting (watch_sign). */
static void look_for_life(struct vcpu *vcpu, uint64_t ran) {
    uint64_t timer = arch_context_timer(&vcpu->context);
    if (timer != vcpu->watch.timer) {
        vcpu->watch.timer = timer;
        vcpu->watch.alive_at = ran;
    } else if (ran - vcpu->watch.alive_at >= timer_ticks_of_ms(vcpu->guest->manifest->watchdog_ms)) {
        (void)guest_stop(vcpu->guest, &(struct guest_end){
                                          .kind = GUEST_END_HUNG,
                                          .vcpu = vcpu->id,
                                          .pc = vcpu->context.pc,
                                      });
    }
}

/* A hart that reports traps inside traps needs no looking for them. */
static bool has_to_look(const struct vcpu *vcpu) {
    return !vcpu->context.has_double_trap || vcpu->guest->manifest->watchdog_ms != 0;
}

/* When the vcpu, which runs, will have had the hart until look_at, and a grace. */
static uint64_t latest(const struct vcpu *vcpu, uint64_t now) {
    return now + (vcpu->watch.look_at - vcpu->runner.ticks_run) + vcpu->watch.grace;
}

void watch_look(struct vcpu *vcpu) {
    uint64_t ran = vcpu->runner.ticks_run;
    vcpu->watch.look_at = ran + timer_ticks_of_ms(WATCH_LOOK_MS);
    if (!has_to_look(vcpu)) {
        return;
    }
    look_for_traps(vcpu);
    if (vcpu->guest->manifest->watchdog_ms != 0) {
        look_for_life(vcpu, ran);
    }
}

uint64_t watch_deadline(const struct vcpu *vcpu, uint64_t now) {
    return has_to_look(vcpu) ? latest(vcpu, now) : UINT64_MAX;
}
