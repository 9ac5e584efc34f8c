/*
 * Work of the kernel that takes too long to be done in one go. A job is a function that does a bounded step.
 *
 * What is done for a guest (loading and scrubbing it) is done in that guest's time: its vcpu wants the hart, with what
 * it was promised, and has steps done when it gets it (sched_work). What is done for nobody (verifying images at boot),
 * a hart does whenever it passes through the scheduler, in turn with its vcpus.
 */
#pragma once

#include "kernel/hart/hart.h"
#include "lib/list.h"

struct job {
    /* Does one step, of about a millisecond at most; false: that was the last one, and the job may be reused at once.
     */
    bool (*step)(struct job *job);
    struct vcpu *vcpu; /* in whose time; it is off and belongs to the hart that gets the job. Null: in nobody's */
    struct list node;  /* in hart->jobs */
    struct job *next;  /* while it is being handed over */
};

/* Gives a job to a hart, from any hart. */
void job_start(struct job *job, struct hart *hart);

/* For the scheduler of the hart: takes over what was handed to it. */
void job_receive(struct hart *hart);

/* For the scheduler of the hart: one step of the job, of those in nobody's time, whose turn it is. */
void job_run(struct hart *hart);
