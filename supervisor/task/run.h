/*
 * The life of a program between task_create() and task_destroy().
 */
#pragma once

#include "supervisor/task/task.h"

/* Runs the task, whose address space is active, until it has ended. */
void task_run(struct task *task);

/* Says on the terminal how it ended, as a shell would. */
void task_report(const struct task *task);
