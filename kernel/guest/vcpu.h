/*
 * A virtual hart of a guest.
 *
 * It belongs to one hart, its home, which alone changes its run state and context, and hands it over to another one
 * when that has nothing to do (sched/balance.h). Everybody else asks: vcpu_post puts a request and mails the vcpu to
 * its home, which looks at its mail before it next enters a guest, and passes on what is for a vcpu that has left.
 * Requests are recorded, never waited for, with one exception: a remote fence of a vcpu that is on its hart right now
 * (vcpu_fence_wait). What only matters once the vcpu runs (fences, an interrupt of one that is ready) is not mailed
 * either: the home looks for it when it puts the vcpu on.
 *
 * What the guest sees of the state is SBI's: hsm_state (SBI v3.0, "Hart State Management").
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "kernel/arch/context.h"
#include "kernel/guest/exits.h"
#include "kernel/guest/known_access.h"
#include "kernel/hart/hart.h"
#include "kernel/sched/runner.h"

struct guest;
struct job;

/* Where a vcpu is in its home's scheduler. */
enum vcpu_run {
    VCPU_OFF,     /* not started, or stopped */
    VCPU_READY,   /* wants the hart */
    VCPU_RUNNING, /* has the hart */
    VCPU_WAITING, /* in WFI or suspended */
    VCPU_MOVING,  /* on its way to its new home */
    VCPU_PAUSED,  /* its guest is */
    VCPU_RUN_COUNT,
};

/* SBI HSM hart states; the values are SBI's. */
enum vcpu_hsm_state {
    VCPU_HSM_STARTED = 0,
    VCPU_HSM_STOPPED = 1,
    VCPU_HSM_START_PENDING = 2,
    VCPU_HSM_STOP_PENDING = 3,
    VCPU_HSM_SUSPENDED = 4,
    VCPU_HSM_SUSPEND_PENDING = 5,
    VCPU_HSM_RESUME_PENDING = 6,
};

/* Requests to the home; bits of vcpu.requests. */
enum vcpu_request {
    VCPU_REQUEST_IPI = 1u << 0,   /* make the software interrupt pending */
    VCPU_REQUEST_START = 1u << 1, /* run from start_pc on */
    VCPU_REQUEST_STOP = 1u << 2,  /* the guest stops: off the hart, for good */
    VCPU_REQUEST_MOVE = 1u << 3,  /* this is its new home (sched/balance.h) */
    VCPU_REQUEST_PAUSE = 1u << 4, /* the guest was paused or goes on: do as it does */
};

/* Fences that other vcpus ask for. */
enum vcpu_fence {
    VCPU_FENCE_I,   /* fence.i */
    VCPU_FENCE_VMA, /* sfence.vma, of everything */
    VCPU_FENCE_COUNT,
};

/* What the guest's watch has seen (guest/watch.c); times are of the vcpu's own on the hart. */
struct vcpu_watch {
    uint64_t look_at;  /* when to look next */
    uint64_t grace;    /* how late that may be */
    uint64_t alive_at; /* the last sign of life */
    uint64_t timer;    /* what its timer was set to at the last look */
    uint32_t trapped;  /* looks in a row that found it trapping in its trap handler */
};

struct vcpu {
    struct context context; /* first: trap.S knows it by its address */
    struct guest *guest;
    uint32_t id;       /* the guest's hart id */
    struct hart *hart; /* home; atomic for others, changed by the home alone when it hands the vcpu over */

    enum vcpu_run run; /* the home's; atomic for others to look at (vcpu_interrupt) */

    /* for the home only: */
    struct runner runner;                 /* in hart->queue */
    struct job *work;                     /* done in its time, instead of running it; null: none */
    bool resumes_anew;                    /* non-retentive suspend: it goes on at start_pc */
    bool was_waiting;                     /* while paused: it was */
    bool shows_waits;                     /* constant: its WFIs come to the kernel, also if it is alone */
    uint64_t run_since;                   /* when `run` last changed, but to RUNNING */
    uint64_t run_ticks[VCPU_RUN_COUNT];   /* how long it was in each state but RUNNING before; others may read it */
    unsigned long exits[EXIT_KIND_COUNT]; /* since boot, by the home; others may read them */
    struct vcpu_watch watch;

    /* atomic: */
    uint32_t hsm_state;
    uint32_t requests;
    uint32_t mailed; /* it is in its home's mailbox */
    uint32_t fences_wanted[VCPU_FENCE_COUNT];
    uint32_t fences_done[VCPU_FENCE_COUNT];

    struct vcpu *mail_next; /* owned by who set `mailed` */

    /* Written by who won hsm_state over to START_PENDING, or by the vcpu itself for a suspend; read by the home on
     * START. */
    unsigned long start_pc;
    unsigned long start_opaque;

    /* Of the home, and behind all that is within reach of one load. */
    struct known_access known_load;
    struct known_access known_store;
};

void vcpu_init(struct vcpu *vcpu, struct guest *guest, uint32_t id, struct hart *home, const struct policy *policy);

/* Asks the home for something. */
void vcpu_post(struct vcpu *vcpu, uint32_t requests);

/* Makes the software interrupt pending. One that has to wait for its hart finds it when it gets there: whoever has the
 * hart meanwhile is not disturbed, however many come. */
void vcpu_interrupt(struct vcpu *vcpu);

/* Puts a vcpu into a hart's mailbox; for who set `mailed` or has taken it out of another. */
void vcpu_mail(struct vcpu *vcpu, struct hart *hart);

/* Asks for a fence and returns its number. The calling vcpu may ask for its own: it is done before the guest goes on.
 */
uint32_t vcpu_fence_post(struct vcpu *vcpu, enum vcpu_fence fence);

/* Waits until the vcpu has done that fence, or is not on its hart: then it will have before it runs. Serves this hart's
 * own vcpu meanwhile, so that two that wait for each other both get on. */
void vcpu_fence_wait(struct vcpu *vcpu, enum vcpu_fence fence, uint32_t number);

/* The following are for the home hart. */

/* Whether the registers of the vcpu are in the hart. */
bool vcpu_is_live(const struct vcpu *vcpu);

/* Makes interrupts of the vcpu pending. */
void vcpu_set_pending(struct vcpu *vcpu, unsigned long interrupts);

/* For vcpu_take_interrupts: there is one. */
void vcpu_take_interrupt(struct vcpu *vcpu);

/* Takes up the interrupts that came while it had to wait; the vcpu is live, its state says that it runs, and a
 * sequentially consistent fence is behind that. */
static inline void vcpu_take_interrupts(struct vcpu *vcpu) {
    if ((__atomic_load_n(&vcpu->requests, __ATOMIC_RELAXED) & VCPU_REQUEST_IPI) != 0) {
        vcpu_take_interrupt(vcpu);
    }
}

/* For vcpu_do_fences: one of them, up to that number. */
void vcpu_do_fence(struct vcpu *vcpu, enum vcpu_fence fence, uint32_t wanted);

/* Does the fences that were asked for and are not done yet; the vcpu is live. After a sequentially consistent operation
 * on what made the caller look. */
static inline void vcpu_do_fences(struct vcpu *vcpu) {
    /* Relaxed: what has to come before, the caller has put there, and vcpu_do_fence what has to come behind. */
    for (unsigned fence = 0; fence < VCPU_FENCE_COUNT; fence++) {
        uint32_t wanted = __atomic_load_n(&vcpu->fences_wanted[fence], __ATOMIC_RELAXED);
        if (wanted != vcpu->fences_done[fence]) {
            vcpu_do_fence(vcpu, (enum vcpu_fence)fence, wanted);
        }
    }
}

/* Changes the run state from one to another, and keeps the books; how long it runs, the scheduler does. */
static inline void vcpu_change_run(struct vcpu *vcpu, enum vcpu_run from, enum vcpu_run to, uint64_t now) {
    /* It may have been somewhere else whose clock is a little ahead. */
    if (from != VCPU_RUNNING && __builtin_expect(now > vcpu->run_since, true)) {
        vcpu->run_ticks[from] += now - vcpu->run_since;
    }
    if (to != VCPU_RUNNING) {
        vcpu->run_since = now;
    }
    __atomic_store_n(&vcpu->run, to, __ATOMIC_RELAXED);
}

/* The same from whatever it was. */
void vcpu_set_run(struct vcpu *vcpu, enum vcpu_run run, uint64_t now);

/* How long it has been in a state up to now; exact on the home, of a moment just now elsewhere. */
uint64_t vcpu_run_ticks(const struct vcpu *vcpu, enum vcpu_run run, uint64_t now);

static inline struct vcpu *vcpu_of_runner(struct runner *runner) {
    return LIST_CONTAINER(runner, struct vcpu, runner);
}

static inline struct vcpu *vcpu_of_context(struct context *context) {
    return (struct vcpu *)context;
}
