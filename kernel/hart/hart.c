/* The harts and how one gets another's attention. */
#include "kernel/hart/hart.h"

#include "kernel/arch/hart.h"
#include "kernel/irq/ipi.h"
#include "kernel/trace/trace.h"

struct hart boot_hart;
struct hart *harts[HART_MAX];
uint32_t hart_count;

void hart_notify(struct hart *hart, uint32_t events) {
    /* Release: what the event is about is there before the event. */
    uint32_t before = __atomic_fetch_or(&hart->events, events, __ATOMIC_SEQ_CST);
    if (hart != arch_hart_self() && (before & events) != events) {
        trace(arch_hart_self(), TRACE_IPI, nullptr, hart->id, events);
        ipi_send(hart);
    }
}

static void halt(struct hart *hart) {
    if (hart == arch_hart_self()) {
        return;
    }
    /* One that has not joined finds it when it does. Whether it can be rung, nobody has seen yet. */
    __atomic_fetch_or(&hart->events, HART_EVENT_HALT, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&hart->online, __ATOMIC_SEQ_CST)) {
        trace(arch_hart_self(), TRACE_IPI, nullptr, hart->id, HART_EVENT_HALT);
        ipi_send(hart);
    }
}

void hart_halt_others(void) {
    for (uint32_t index = 0; index < hart_count; index++) {
        halt(harts[index]);
    }
    /* It serves the console even where guests cannot run on it, and is then not among them. */
    halt(&boot_hart);
}
