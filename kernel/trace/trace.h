/*
 * The trace: what each hart did last, in a ring of its own. Off until somebody switches it on; a trace point costs two
 * instructions then, a load from struct hart and a branch.
 *
 * A ring is written by its hart alone. Who reads it stops the writers first (kernel/trace/dump.h); a record that was
 * being written at that moment is the one place that the reader leaves out.
 */
#pragma once

#include <stdint.h>

#include "abi/trace.h"
#include "kernel/hart/hart.h"

enum { TRACE_RECORD_COUNT = 1024 };

struct trace_record {
    uint64_t time;
    uint16_t event;
    uint16_t vcpu; /* guest index and vcpu id, or TRACE_NO_VCPU */
    unsigned long words[2];
};

struct trace_ring {
    uint32_t written; /* atomic: records ever written; wraps */
    struct trace_record records[TRACE_RECORD_COUNT];
};

/* Gives every hart a ring, and switches tracing on if the boot arguments say so (trace=on). At boot. */
void trace_init(void);

/* On or off, on all harts. A hart notices at its next trace point. */
void trace_switch(bool is_on);
bool trace_is_on(void);

/* What trace() does when tracing is on. `vcpu` may be null. */
void trace_write(struct hart *hart, enum trace_event event, const struct vcpu *vcpu, unsigned long first,
                 unsigned long second);

/* Whether this hart is traced. */
static inline bool trace_is_on_at(const struct hart *hart) {
    return __builtin_expect(__atomic_load_n(&hart->trace, __ATOMIC_RELAXED) != nullptr, 0);
}

/* A trace point, on the hart itself; the rest as for trace_write. Not a function, so that what is to be written is only
 * looked up when tracing is on. */
#define trace(hart, ...)                      \
    do {                                      \
        if (trace_is_on_at(hart)) {           \
            trace_write((hart), __VA_ARGS__); \
        }                                     \
    } while (0)
