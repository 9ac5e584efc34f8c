/*
 * A guest: virtual harts, RAM, an emulated UART, and a place on the console. Made at boot from the manifest, started
 * from its verified images, and started anew from them when it reboots.
 *
 * Life (docs/guests.md): CREATED -> RUNNING <-> PAUSED -> STOPPING -> STOPPED or CRASHED; or, if it starts again
 * (guest/restart.h), -> RESTARTING -> LOADING -> RUNNING. Whoever wins the state over to STOPPING writes `end` and asks
 * all vcpus to stop; the home that takes the last one off its hart finishes what `end` says, and is the guest's keeper
 * while it waits for its restart. Every change of state is won by a compare-and-exchange or made by who won the last.
 */
#pragma once

#include <stdint.h>

#include "abi/status.h"
#include "kernel/console/port.h"
#include "kernel/dev/uart/vuart.h"
#include "kernel/guest/placement.h"
#include "kernel/guest/restart.h"
#include "kernel/guest/vcpu.h"
#include "kernel/isolate/isolate.h"
#include "kernel/sched/job.h"
#include "lib/isa.h"
#include "lib/manifest/manifest.h"

enum guest_state {
    GUEST_CREATED, /* made, and being loaded for the first time */
    GUEST_RUNNING,
    GUEST_PAUSED,     /* as it was, but none of its vcpus runs */
    GUEST_STOPPING,   /* some vcpu may still be on its hart */
    GUEST_RESTARTING, /* waits until `restart_at` */
    GUEST_LOADING,    /* being loaded again */
    GUEST_STOPPED,
    GUEST_CRASHED,
};

/* Why a guest stopped. */
enum guest_end_kind {
    GUEST_END_SHUTDOWN,
    GUEST_END_REBOOT,
    GUEST_END_CRASH,       /* it could not take a trap */
    GUEST_END_ENDLESS,     /* its trap handler traps for ever (guest/watch.h) */
    GUEST_END_DOUBLE_TRAP, /* it took a trap where it had said that it cannot (Ssdbltrp) */
    GUEST_END_HUNG,        /* its watchdog saw no sign of life (guest/watch.h) */
    GUEST_END_STOPPED,     /* a person stopped it */
    GUEST_END_RESTARTED,   /* a person restarts it */
    GUEST_END_REFUSED,     /* its images do not make a guest: loader's sentence */
};

struct guest_end {
    enum guest_end_kind kind;
    uint32_t reset_type;   /* SBI SRST, for SHUTDOWN and REBOOT */
    uint32_t reset_reason; /* likewise */
    uint32_t vcpu;         /* that did it, or crashed */
    unsigned long cause;   /* of the trap, for crashes */
    unsigned long pc;
    unsigned long value;
    const char *sentence; /* for REFUSED */
};

/* What the vcpu of an end had in its registers. */
struct guest_registers {
    unsigned long x[REG_COUNT]; /* the place of x[0] has the pc */
    unsigned long status;
    unsigned long sie;
    unsigned long stvec;
    unsigned long sepc;
    unsigned long scause;
    unsigned long stval;
    unsigned long satp;
};

/* How far the loading of a guest has come (guest/loader.c). */
struct guest_load {
    struct job job;
    struct placement placement;
    uint32_t stage;
    uint32_t segment; /* elf_next_segment's cursor */
    uint64_t done;    /* bytes of the stage */
};

struct guest {
    uint32_t index; /* in guests[] */
    const struct manifest_guest *manifest;
    const char *name;
    struct isolation isolation; /* before what is large: every switch needs it */
    struct port port;
    struct vuart vuart;
    gpaddr_t base; /* of its RAM, as it sees it */
    uint64_t size;
    struct isa isa; /* what its harts show it */
    bool has_sstc;
    struct vcpu **vcpus;
    uint32_t vcpu_count;
    uint32_t boots;      /* times it was loaded */
    uint64_t started_at; /* ticks: the present life */
    struct guest_load load;

    /* atomic: */
    uint32_t state;      /* enum guest_state */
    uint32_t vcpus_left; /* while STOPPING: vcpus whose home has not yet taken them off */
    uint32_t started;    /* vcpus that HSM calls started, or on the way there */

    struct guest_end end; /* the last one; written by who won STOPPING */
    struct guest_registers end_registers;
    uint32_t restarts_in_row; /* written by who finishes a stop */
    uint64_t restart_at;      /* while RESTARTING */
    struct hart *keeper;      /* while RESTARTING: who sees to that */
};

/* Made at boot, one after the other, while other harts may look already. */
extern struct guest *guests[MANIFEST_GUESTS_MAX];
extern uint32_t guest_count; /* atomic */

/* How many there are to be looked at. */
static inline uint32_t guests_made(void) {
    return __atomic_load_n(&guest_count, __ATOMIC_ACQUIRE);
}

/* Makes all guests of the manifest and queues their loading. One that cannot be made is reported and left out. For
 * boot. */
void guests_create(const struct manifest *manifest);

/* Whether [address, address + size) is in the guest's RAM. */
bool guest_owns(const struct guest *guest, gpaddr_t address, uint64_t size);

/* The vcpu of a hart id, or null. */
struct vcpu *guest_vcpu(const struct guest *guest, unsigned long hart_id);

/* The loader is done: hart 0 of the guest starts. */
void guest_start(struct guest *guest);

/* The loader found that the images do not make a guest: it is off. */
void guest_refuse(struct guest *guest, const char *sentence);

/* Stops the guest for the given reason, if it runs or is paused; false: it does not. Returns at once; the calling vcpu,
 * if it is the guest's, does not run again. */
bool guest_stop(struct guest *guest, const struct guest_end *end);

/* Whether it ended for a fault of its own that it did not see coming. */
bool guest_end_is_crash(const struct guest_end *end);

/* For a home that has taken a vcpu off its hart on VCPU_REQUEST_STOP. The last one finishes the stop. */
void guest_vcpu_stopped(struct guest *guest);

bool guest_is_running(const struct guest *guest);
bool guest_is_paused(const struct guest *guest);

/* STOPPED or CRASHED: it does not start again by itself. */
bool guest_is_off(const struct guest *guest);

/* Whether `end` says something. */
bool guest_has_ended(const struct guest *guest);

/* For guests_serve: it is time to. */
void guests_look(struct hart *hart, uint64_t now);

/* Starts guests whose wait for a restart on this hart is over; returns when to call again at the latest. */
static inline uint64_t guests_serve(struct hart *hart, uint64_t now) {
    if (now >= hart->guests_deadline) {
        guests_look(hart, now);
    }
    return hart->guests_deadline;
}

/* What a person wants of a guest. What cannot be done in its present state is answered with a line. */
enum guest_order { GUEST_ORDER_PAUSE /* or go on, if it is paused */, GUEST_ORDER_STOP, GUEST_ORDER_RESTART };
void guest_obey(struct guest *guest, enum guest_order order);

/* What a person reads of its state. */
const char *guest_state_text(const struct guest *guest);
