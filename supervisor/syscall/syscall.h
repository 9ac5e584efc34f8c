/*
 * The one way from a user program's ecall to what serves it: a table by number. Calls that the table lacks are answered
 * with ENOSYS, as Linux would.
 */
#pragma once

#include "supervisor/task/task.h"

enum { SYSCALL_ARGUMENT_COUNT = 6 };

/* Returns what the program gets in a0: a result, or a negative Linux error code. May end the task. */
typedef long (*syscall_handler)(struct task *task, const unsigned long *arguments);

/* The handler of a number on a machine with pointers of `word_size` bytes; null: there is none. */
syscall_handler syscall_find(unsigned long number, unsigned word_size);

long syscall_dispatch(struct task *task, unsigned long number, const unsigned long *arguments);
