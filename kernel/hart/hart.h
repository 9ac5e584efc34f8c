/*
 * A hart of the machine, as the kernel knows it: what it has, which guest it runs, what others want of it.
 *
 * All vcpus belong to one hart each (sched/sched.h); their run states and queues are touched by that hart alone, so
 * none of it has a lock. Other harts ask through the mailbox (guest/vcpu.h) and an IPI.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "kernel/sched/run_queue.h"
#include "lib/address.h"
#include "lib/isa.h"
#include "lib/list.h"

struct context;
struct isolation;
struct job;
struct trace_ring;
struct vcpu;

enum {
    HART_MAX = 64,
    HART_STACK_SIZE = 16384, /* start.S has the boot hart's */
    HART_CACHE_LINE = 64,
};

/* What a hart was seen to have (arch_hart_probe); bits of hart.features. */
enum hart_feature {
    HART_S = 1u << 0,            /* supervisor mode */
    HART_FP = 1u << 1,           /* F and D */
    HART_H = 1u << 2,            /* hypervisor extension */
    HART_TIME = 1u << 3,         /* the time CSR can be read */
    HART_ENVCFG = 1u << 4,       /* menvcfg and senvcfg */
    HART_SSTC = 1u << 5,         /* stimecmp */
    HART_JVT_OPEN = 1u << 6,     /* Zcmt's jvt CSR, which guests can use, told of it or not */
    HART_STATEEN = 1u << 7,      /* mstateen0 */
    HART_MPV = 1u << 8,          /* M-mode can return straight to VS-mode */
    HART_FP_OPEN = 1u << 9,      /* FP without D, or Zfinx: guests that use it do so untold */
    HART_VECTOR_OPEN = 1u << 10, /* vector registers that guests can switch on, told of them or not */
    HART_SVADU = 1u << 11,       /* sets A and D in page tables itself, if it is let */
    HART_SMEPMP = 1u << 12,      /* PMP binds M-mode, too */
    HART_ENTROPY = 1u << 13,     /* Zkr's seed CSR */

    HART_MACHINE_DOUBLE_TRAP = 1u << 15, /* Smdbltrp */
    HART_DOUBLE_TRAP = 1u << 16,         /* Ssdbltrp */
    HART_CNTRPMF = 1u << 17,             /* Smcntrpmf: cycle and instret can leave M-mode out */
};

/* What other harts, or this one to itself, ask a hart to look at before it next runs a guest; bits of hart.events. */
enum hart_event {
    HART_EVENT_MAIL = 1u << 0,    /* the mailbox is not empty */
    HART_EVENT_CONSOLE = 1u << 1, /* the console has something to show */
    HART_EVENT_HALT = 1u << 2,    /* stop for good: the kernel has panicked or is powering off */
    HART_EVENT_JOB = 1u << 3,     /* a job was handed over */
    HART_EVENT_FENCE = 1u << 4,   /* a fence is wanted of the vcpu that is in the hart */
    HART_EVENT_BALANCE = 1u << 5, /* another hart is idle, or has too much to do (sched/balance.h) */
};

/* What other harts have to know to spread the load (sched/balance.h). Its own hart writes it, but for is_idle. */
struct hart_offer {
    alignas(HART_CACHE_LINE) uint32_t is_idle; /* 1: it sleeps; who makes this 0 gives it a vcpu */
    uint32_t is_alone;                         /* it has one vcpu, whose WFI it does not see */
    uint32_t takers[2];                        /* a bit for each hart that may run one of those that wait here */
    char rest_of_the_line[HART_CACHE_LINE - 16];
};

struct hart {
    /* Assembly knows these two (arch/riscv/asm.h). */
    unsigned long stack_top;
    unsigned long id; /* mhartid */

    /* An instruction that may trap in the kernel announces itself here (arch/riscv/trap.c). */
    unsigned long trap_expected; /* enum trap_expectation */
    unsigned long trap_cause;    /* of the last one that came */
    unsigned long trap_value;

    uint32_t index; /* in harts[], 0 is the boot hart */
    uint32_t features;
    uint32_t pmp_count;        /* entries that can be written, behind those that the kernel keeps */
    uint32_t pmp_first;        /* where they start */
    uint32_t pmp_live;         /* of them, those that may be on: the others have been seen to be off */
    bool pmp_has_pair;         /* those are two, and writing two others is all that it takes (arch_pmp_exchange) */
    uint16_t interrupts;       /* that it serves the kernel for, IRQ_* (arch/hart.h) */
    uint32_t clear_block_size; /* what cbo.zero clears, in bytes; 0: it cannot be used */
    uint32_t pmp_granule_bits; /* log2 of the smallest range in bytes */
    uint32_t gstage_modes;     /* of the second stage; bit n: hgatp.MODE n */
    struct isa isa;            /* as the device tree says */
    uint32_t phandle;          /* of its interrupt controller in the device tree; 0: none */
    uint32_t online;           /* atomic: it has joined and probed itself */

    paddr_t ipi;   /* its msip register; 0: none */
    paddr_t timer; /* its mtimecmp register; 0: none */

    uint32_t events;      /* atomic: HART_EVENT_* */
    struct vcpu *mailbox; /* atomic: vcpus with requests, linked by mail_next */
    struct job *jobs_new; /* atomic: jobs handed over, linked by next */

    /* Before the queue, which is large: within reach of one load, as what every decision needs. */
    bool must_decide;        /* something happened that may change who has the hart, or the next deadline */
    bool has_news;           /* somebody may be idle for whom there is work here */
    uint64_t timer_deadline; /* what mtimecmp was last set to */
    uint64_t chores_at;      /* when the console, a restart or a ring wants this hart; never later than what follows */
    uint64_t console_deadline; /* when this hart pumps the console again */
    struct list jobs;          /* jobs in progress, in turn */
    uint64_t job_due;          /* when the next step of a job is to be done, whoever else wants the hart */
    uint64_t offered;          /* what offer.takers says */
    uint64_t ring_at;          /* when others may be rung for the sake of balance again */
    struct hart_offer offer;
    struct trace_ring *trace;      /* atomic: where trace points write; null: tracing is off */
    struct trace_ring *trace_ring; /* its own, on or off; null: it has none */
    uint64_t guests_deadline;      /* when a guest that it keeps is to start again; 0: not looked yet */

    struct vcpu *current;              /* atomic for others to look at: the vcpu whose registers are in the hart */
    struct vcpu *tlb_owner;            /* whose translations the TLB may hold */
    const struct isolation *isolation; /* whose confinement PMP and second stage hold */
    uint32_t isolation_epoch;          /* of which epoch of it */

    struct run_queue queue;
    uint64_t idle_ticks; /* time slept */
    uint64_t moves;      /* vcpus given away */

    /* Promised to the vcpus whose home it was at boot (sched/admission.h): */
    uint64_t reserved;
    uint64_t promised;
};

extern struct hart boot_hart;

/* All usable harts; constant once the machine has booted. */
extern struct hart *harts[HART_MAX];
extern uint32_t hart_count;

/* Asks a hart to look at its events, waking it if it sleeps or runs a guest. On the own hart, nothing more is needed:
 * it looks before it leaves the kernel. */
void hart_notify(struct hart *hart, uint32_t events);

/* Stops all harts but this one, for good, when they next look. */
void hart_halt_others(void);

static inline bool hart_has(const struct hart *hart, uint32_t features) {
    return (hart->features & features) == features;
}
