/*
 * A row says on which word sizes the number exists: rv32 has no call with a 32-bit time or struct stat, and rv64 none
 * of those that replace them.
 */
#include "supervisor/syscall/syscall.h"

#include "supervisor/syscall/calls.h"

/* Sets of word sizes: a size is its own bit. */
enum { RV32 = 4, RV64 = 8, BOTH = RV32 | RV64 };

struct row {
    unsigned word_sizes;
    syscall_handler handler;
};

static const struct row table[LINUX_NR_LIMIT] = {
    [LINUX_NR_IOCTL] = {BOTH, syscall_ioctl},
    [LINUX_NR_CLOSE] = {BOTH, syscall_close},
    [LINUX_NR_LSEEK] = {BOTH, syscall_lseek},
    [LINUX_NR_READ] = {BOTH, syscall_read},
    [LINUX_NR_WRITE] = {BOTH, syscall_write},
    [LINUX_NR_READV] = {BOTH, syscall_readv},
    [LINUX_NR_WRITEV] = {BOTH, syscall_writev},
    [LINUX_NR_FSTAT] = {RV64, syscall_fstat},
    [LINUX_NR_EXIT] = {BOTH, syscall_exit},
    [LINUX_NR_EXIT_GROUP] = {BOTH, syscall_exit},
    [LINUX_NR_SET_TID_ADDRESS] = {BOTH, syscall_get_task_id},
    [LINUX_NR_SET_ROBUST_LIST] = {BOTH, syscall_set_robust_list},
    [LINUX_NR_CLOCK_GETTIME] = {RV64, syscall_clock_gettime},
    [LINUX_NR_KILL] = {BOTH, syscall_kill},
    [LINUX_NR_TKILL] = {BOTH, syscall_kill},
    [LINUX_NR_TGKILL] = {BOTH, syscall_tgkill},
    [LINUX_NR_RT_SIGACTION] = {BOTH, syscall_rt_sigaction},
    [LINUX_NR_RT_SIGPROCMASK] = {BOTH, syscall_rt_sigprocmask},
    [LINUX_NR_UNAME] = {BOTH, syscall_uname},
    [LINUX_NR_GETPID] = {BOTH, syscall_get_task_id},
    [LINUX_NR_GETPPID] = {BOTH, syscall_get_zero},
    [LINUX_NR_GETUID] = {BOTH, syscall_get_zero},
    [LINUX_NR_GETEUID] = {BOTH, syscall_get_zero},
    [LINUX_NR_GETGID] = {BOTH, syscall_get_zero},
    [LINUX_NR_GETEGID] = {BOTH, syscall_get_zero},
    [LINUX_NR_GETTID] = {BOTH, syscall_get_task_id},
    [LINUX_NR_BRK] = {BOTH, syscall_brk},
    [LINUX_NR_MUNMAP] = {BOTH, syscall_munmap},
    [LINUX_NR_MMAP] = {BOTH, syscall_mmap},
    [LINUX_NR_MPROTECT] = {BOTH, syscall_mprotect},
    [LINUX_NR_GETRANDOM] = {BOTH, syscall_getrandom},
    [LINUX_NR_STATX] = {BOTH, syscall_statx},
    [LINUX_NR_CLOCK_GETTIME64] = {RV32, syscall_clock_gettime},
};

syscall_handler syscall_find(unsigned long number, unsigned word_size) {
    if (number >= LINUX_NR_LIMIT || (table[number].word_sizes & word_size) == 0) {
        return nullptr;
    }
    return table[number].handler;
}

long syscall_dispatch(struct task *task, unsigned long number, const unsigned long *arguments) {
    syscall_handler handler = syscall_find(number, sizeof(unsigned long));
    return handler == nullptr ? -LINUX_ENOSYS : handler(task, arguments);
}
