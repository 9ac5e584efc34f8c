/* Jobs: handed over on a lock-free stack, run in turn by their hart alone. */
#include "kernel/sched/job.h"

#include "kernel/sched/sched.h"

void job_start(struct job *job, struct hart *hart) {
    struct job *head = __atomic_load_n(&hart->jobs_new, __ATOMIC_RELAXED);
    do {
        job->next = head;
        /* Release: the receiver sees the job's contents. */
    } while (!__atomic_compare_exchange_n(&hart->jobs_new, &head, job, true, __ATOMIC_RELEASE, __ATOMIC_RELAXED));
    hart_notify(hart, HART_EVENT_JOB);
}

void job_receive(struct hart *hart) {
    struct job *job = __atomic_exchange_n(&hart->jobs_new, nullptr, __ATOMIC_ACQUIRE);
    while (job != nullptr) {
        struct job *next = job->next;
        if (job->vcpu != nullptr) {
            sched_work(job->vcpu, job);
        } else {
            list_append(&hart->jobs, &job->node);
            hart->queue.is_wanted = true;
        }
        job = next;
    }
}

void job_run(struct hart *hart) {
    struct list *node = list_first(&hart->jobs);
    if (node == nullptr) {
        return;
    }
    struct job *job = LIST_CONTAINER(node, struct job, node);
    list_remove(node);
    if (job->step(job)) {
        list_append(&hart->jobs, node);
    }
    hart->queue.is_wanted = !list_is_empty(&hart->jobs);
}
