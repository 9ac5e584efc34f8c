/* Rings of records. */
#include "kernel/trace/trace.h"

#include <string.h>

#include "kernel/boot/machine.h"
#include "kernel/console/kernel_log.h"
#include "kernel/guest/guest.h"
#include "kernel/irq/timer.h"
#include "kernel/mem/memory.h"

static uint32_t is_tracing; /* atomic */

static_assert(MANIFEST_VCPUS_MAX <= 1 << TRACE_VCPU_BITS);
static_assert(MANIFEST_GUESTS_MAX << TRACE_VCPU_BITS <= TRACE_NO_VCPU);

void trace_init(void) {
    char value[8] = "";
    for (uint32_t index = 0; index < hart_count; index++) {
        harts[index]->trace_ring = memory_boot_alloc(sizeof(struct trace_ring));
        if (harts[index]->trace_ring == nullptr) {
            log_line("hart %lu: no memory left to trace it", harts[index]->id);
        }
    }
    bool is_wanted = machine_bootarg("trace", value, sizeof value) && strcmp(value, "on") == 0;
    trace_switch(is_wanted);
}

void trace_switch(bool is_on) {
    __atomic_store_n(&is_tracing, is_on, __ATOMIC_RELAXED);
    for (uint32_t index = 0; index < hart_count; index++) {
        struct trace_ring *ring = is_on ? harts[index]->trace_ring : nullptr;
        __atomic_store_n(&harts[index]->trace, ring, __ATOMIC_RELAXED);
    }
}

bool trace_is_on(void) {
    return __atomic_load_n(&is_tracing, __ATOMIC_RELAXED) != 0;
}

static uint16_t number_of(const struct vcpu *vcpu) {
    return vcpu != nullptr ? (uint16_t)(vcpu->guest->index << TRACE_VCPU_BITS | vcpu->id) : (uint16_t)TRACE_NO_VCPU;
}

void trace_write(struct hart *hart, enum trace_event event, const struct vcpu *vcpu, unsigned long first,
                 unsigned long second) {
    struct trace_ring *ring = hart->trace_ring;
    uint32_t written = ring->written;
    ring->records[written % TRACE_RECORD_COUNT] = (struct trace_record){
        .time = timer_now(),
        .event = (uint16_t)event,
        .vcpu = number_of(vcpu),
        .words = {first, second},
    };
    /* Release: who sees the count sees the record. */
    __atomic_store_n(&ring->written, written + 1, __ATOMIC_RELEASE);
}
