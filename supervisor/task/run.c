/*
 * Every trap of a program ends in one of these functions, and each of them either mends what happened or ends the task.
 */
#include "supervisor/task/run.h"

#include "supervisor/dev/log.h"
#include "supervisor/syscall/syscall.h"

static void serve_syscall(struct task *task) {
    unsigned long arguments[SYSCALL_ARGUMENT_COUNT];
    unsigned long number = user_context_syscall(&task->context, arguments);
    user_context_return(&task->context, syscall_dispatch(task, number, arguments));
}

/* Usually the first use of a page. */
static void serve_page_fault(struct task *task) {
    void *bytes;
    uint64_t size;
    status_t status =
        address_space_resolve(&task->space, task->context.value, user_context_access(&task->context), &bytes, &size);
    if (status == STATUS_NO_MEMORY) {
        task_end(task, TASK_OUT_OF_MEMORY, 0);
    } else if (status != STATUS_OK) {
        task_end(task, TASK_FAULTED, 0);
    }
}

void task_run(struct task *task) {
    while (task->state == TASK_RUNNING) {
        switch (user_run(&task->context)) {
        case USER_SYSCALL:
            serve_syscall(task);
            break;
        case USER_PAGE_FAULT:
            serve_page_fault(task);
            break;
        case USER_INTERRUPT:
            /* The timer, which user_run() has silenced. */
            break;
        case USER_EXCEPTION:
            task_end(task, TASK_FAULTED, 0);
            break;
        }
    }
}

void task_report(const struct task *task) {
    switch (task->state) {
    case TASK_EXITED:
        log_line("%s ended with status %d", task->name, task->value);
        break;
    case TASK_KILLED:
        log_line("%s was ended by its own signal %d", task->name, task->value);
        break;
    case TASK_OUT_OF_MEMORY:
        log_line("%s was ended: out of memory at pc 0x%lx, address 0x%lx", task->name, task->context.x[0],
                 task->context.value);
        break;
    case TASK_FAULTED:
        log_line("%s was ended: %s at pc 0x%lx, %s 0x%lx (cause %lu)", task->name,
                 user_context_cause_text(task->context.cause), task->context.x[0],
                 user_context_value_text(task->context.cause), task->context.value, task->context.cause);
        break;
    case TASK_RUNNING:
        break;
    }
}
