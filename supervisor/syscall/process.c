/*
 * Who the program is, and how it ends. There is one, it is root, and it has no threads.
 */
#include "supervisor/syscall/calls.h"

long syscall_exit(struct task *task, const unsigned long *arguments) {
    task_end(task, TASK_EXITED, (int)(arguments[0] & 0xff));
    return 0;
}

/* Also set_tid_address(): the address is for a waker when a thread ends, and nobody waits for the only one. */
long syscall_get_task_id(struct task *task, const unsigned long *arguments) {
    (void)task;
    (void)arguments;
    return TASK_ID;
}

long syscall_get_zero(struct task *task, const unsigned long *arguments) {
    (void)task;
    (void)arguments;
    return 0;
}

/* The list is for the threads that outlive this one. */
long syscall_set_robust_list(struct task *task, const unsigned long *arguments) {
    (void)task;
    return arguments[1] == 3 * sizeof(unsigned long) ? 0 : -LINUX_EINVAL;
}
