/*
 * The kernel's trace as text: what `kernel/trace` writes to the console and `tools/trace` reads out of a saved log
 * (docs/adr/0010-trace-format.md, docs/tracing.md).
 *
 *     #trace 1 10000000                 version, ticks per second
 *     #guest 0 web                      index, name; one line for each
 *     #hart 2 1024 317                  hart id, records that follow, older ones that are lost
 *     #t 2 8f3a2c exit 0.1 5 80201f4c   hart id, time, event, guest and vcpu or -, two words; all hexadecimal
 *     #end
 *
 * Within a hart, records come in the order of their times. An event, once released, keeps its name and its words.
 */
#pragma once

#define TRACE_VERSION 1

#define TRACE_LINE_BEGIN "#trace"
#define TRACE_LINE_GUEST "#guest"
#define TRACE_LINE_HART "#hart"
#define TRACE_LINE_RECORD "#t"
#define TRACE_LINE_END "#end"

/* Each event: its name, and what its two words are. */
#define TRACE_EVENTS(X)                                                                    \
    X(ENTER, "enter")     /* the hart goes to the vcpu: pc */                              \
    X(EXIT, "exit")       /* it comes back: mcause, pc */                                  \
    X(SWITCH, "switch")   /* the vcpu's registers come into the hart */                    \
    X(IDLE, "idle")       /* the hart sleeps: until when, lower and upper half */          \
    X(WAKE, "wake")       /* the vcpu's wait is over */                                    \
    X(IPI, "ipi")         /* to another hart: its id, what for (enum hart_event) */        \
    X(FENCE, "fence")     /* done for another vcpu: 0 fence.i, 1 sfence.vma; its number */ \
    X(TIMER, "timer")     /* the hart's timer is set: when, lower and upper half */        \
    X(SBI, "sbi")         /* call: extension, function */                                  \
    X(EMULATE, "emulate") /* done in the hart's place: exception cause, mtval */           \
    X(GUEST, "guest")     /* changes state: enum guest_state */                            \
    X(STEAL, "steal")     /* the vcpu goes to another hart: its id */

enum trace_event {
#define TRACE_EVENT(NAME, name) TRACE_##NAME,
    TRACE_EVENTS(TRACE_EVENT)
#undef TRACE_EVENT
        TRACE_EVENT_COUNT,
};

/* A vcpu in a record: the guest's index above its own id. */
enum { TRACE_VCPU_BITS = 8, TRACE_NO_VCPU = 0xffff };
