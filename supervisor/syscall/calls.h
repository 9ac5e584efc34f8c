/*
 * The handlers of the table, by the file that has them. Each first decodes and checks its arguments, then acts. User
 * memory is only reached through mem/user_copy.h.
 */
#pragma once

#include "abi/status.h"
#include "supervisor/task/task.h"

/* The error code for a status that a user's arguments have caused: negative, or 0 for STATUS_OK. */
long syscall_error(status_t status);

/* file.c */
long syscall_close(struct task *task, const unsigned long *arguments);
long syscall_fstat(struct task *task, const unsigned long *arguments);
long syscall_ioctl(struct task *task, const unsigned long *arguments);
long syscall_lseek(struct task *task, const unsigned long *arguments);
long syscall_read(struct task *task, const unsigned long *arguments);
long syscall_readv(struct task *task, const unsigned long *arguments);
long syscall_statx(struct task *task, const unsigned long *arguments);
long syscall_write(struct task *task, const unsigned long *arguments);
long syscall_writev(struct task *task, const unsigned long *arguments);

/* memory.c */
long syscall_brk(struct task *task, const unsigned long *arguments);
long syscall_mmap(struct task *task, const unsigned long *arguments);
long syscall_mprotect(struct task *task, const unsigned long *arguments);
long syscall_munmap(struct task *task, const unsigned long *arguments);

/* process.c */
long syscall_exit(struct task *task, const unsigned long *arguments);
long syscall_get_task_id(struct task *task, const unsigned long *arguments);
long syscall_get_zero(struct task *task, const unsigned long *arguments);
long syscall_set_robust_list(struct task *task, const unsigned long *arguments);

/* signal.c */
long syscall_kill(struct task *task, const unsigned long *arguments);
long syscall_rt_sigaction(struct task *task, const unsigned long *arguments);
long syscall_rt_sigprocmask(struct task *task, const unsigned long *arguments);
long syscall_tgkill(struct task *task, const unsigned long *arguments);

/* system.c */
long syscall_clock_gettime(struct task *task, const unsigned long *arguments);
long syscall_getrandom(struct task *task, const unsigned long *arguments);
long syscall_uname(struct task *task, const unsigned long *arguments);
