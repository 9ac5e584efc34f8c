/*
 * Who has the hart. Each hart schedules its own vcpus, by what their guests were promised (sched/run_queue.h).
 *
 * The one way out of the kernel is sched_resume: it serves what others asked, lets jobs do a step, picks a vcpu, puts
 * it on the hart and sets the timer for whatever comes next. When there is nothing to run, the hart sleeps there. A
 * trap after which all of that would come out as before goes back at once.
 */
#pragma once

#include "kernel/guest/vcpu.h"
#include "kernel/hart/hart.h"

/* Prepares a hart's queues. */
void sched_init_hart(struct hart *hart);

/* Lets a vcpu of this hart, which is off or waiting, want the hart. */
void sched_ready(struct vcpu *vcpu);

/* Lets a vcpu of this hart, which is off, want the hart for a job: when it gets it, steps of the job are done instead
 * of what the guest would do, in its time. It is off again when the job is over. */
void sched_work(struct vcpu *vcpu, struct job *job);

/* The running vcpu waits for an interrupt, at the longest until its own timer goes off. */
void sched_wait(struct vcpu *vcpu);

/* The running vcpu of this hart lets others run, if any want to. */
void sched_give_way(struct hart *hart);

/* A waiting vcpu of this hart goes on: after what it waited with, or anew where a non-retentive suspend says so. */
void sched_wake(struct vcpu *vcpu);

/* A vcpu of this hart keeps still, whatever it does, and goes on with it; nothing, if it does already. A wait ends
 * then. */
void sched_pause(struct vcpu *vcpu);
void sched_go_on(struct vcpu *vcpu);

/* A vcpu of this hart does not run any more, and nothing of it stays in the hart: what it had is in its context. */
void sched_off(struct vcpu *vcpu);

/* Leaves for the vcpu to go on with; also how a hart begins. */
[[noreturn]] void sched_resume(struct hart *hart);

/* The same, on the hart itself, after what always takes a decision: an interrupt for the kernel. It does not return
 * either; were that declared, who comes here at the end would call instead of jump, and save a return address for it.
 */
void sched_decide(void);
