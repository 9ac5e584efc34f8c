/*
 * Signals: what a program arranges is recorded and given back, and a signal that it sends itself ends it where Linux's
 * default would. Handlers are not called yet.
 */
#include "supervisor/syscall/calls.h"

#include "supervisor/mem/user_copy.h"

#define SIGNAL_BIT(signal) (1ULL << ((signal) - 1))

/* Signals whose default is to be ignored, and those that nobody can arrange for. */
#define SIGNALS_IGNORED \
    (SIGNAL_BIT(LINUX_SIGCHLD) | SIGNAL_BIT(LINUX_SIGCONT) | SIGNAL_BIT(LINUX_SIGURG) | SIGNAL_BIT(LINUX_SIGWINCH))
#define SIGNALS_FIXED (SIGNAL_BIT(LINUX_SIGKILL) | SIGNAL_BIT(LINUX_SIGSTOP))

static bool is_signal(unsigned long signal) {
    return signal >= 1 && signal <= LINUX_SIGNAL_LIMIT;
}

long syscall_rt_sigaction(struct task *task, const unsigned long *arguments) {
    unsigned long signal = arguments[0];
    bool sets = arguments[1] != 0;
    if (!is_signal(signal) || arguments[3] != sizeof(uint64_t) || (sets && (SIGNAL_BIT(signal) & SIGNALS_FIXED) != 0)) {
        return -LINUX_EINVAL;
    }
    struct linux_sigaction *action = &task->actions[signal - 1];
    struct linux_sigaction changed = *action;
    status_t status = sets ? user_copy_in(&task->space, &changed, arguments[1], sizeof(changed)) : STATUS_OK;
    if (status == STATUS_OK && arguments[2] != 0) {
        status = user_copy_out(&task->space, arguments[2], action, sizeof(*action));
    }
    if (status == STATUS_OK) {
        *action = changed;
    }
    return syscall_error(status);
}

/* False: `how` is none of the three. */
static bool mask_change(uint64_t *mask, unsigned long how, uint64_t set) {
    switch (how) {
    case LINUX_SIG_BLOCK:
        *mask |= set;
        break;
    case LINUX_SIG_UNBLOCK:
        *mask &= ~set;
        break;
    case LINUX_SIG_SETMASK:
        *mask = set;
        break;
    default:
        return false;
    }
    *mask &= ~SIGNALS_FIXED;
    return true;
}

long syscall_rt_sigprocmask(struct task *task, const unsigned long *arguments) {
    uint64_t set;
    uint64_t mask = task->signal_mask;
    if (arguments[3] != sizeof(set)) {
        return -LINUX_EINVAL;
    }
    if (arguments[1] != 0) {
        status_t status = user_copy_in(&task->space, &set, arguments[1], sizeof(set));
        if (status != STATUS_OK) {
            return syscall_error(status);
        }
        if (!mask_change(&mask, arguments[0], set)) {
            return -LINUX_EINVAL;
        }
    }
    if (arguments[2] != 0) {
        status_t status = user_copy_out(&task->space, arguments[2], &task->signal_mask, sizeof(task->signal_mask));
        if (status != STATUS_OK) {
            return syscall_error(status);
        }
    }
    task->signal_mask = mask;
    return 0;
}

static long signal_send(struct task *task, unsigned long target, unsigned long signal) {
    if (signal != 0 && !is_signal(signal)) {
        return -LINUX_EINVAL;
    }
    if (target != TASK_ID) {
        return -LINUX_ESRCH;
    }
    if (signal == 0) {
        return 0;
    }
    unsigned long handler = task->actions[signal - 1].handler;
    bool ignored =
        handler == LINUX_SIG_IGN || (handler == LINUX_SIG_DFL && (SIGNAL_BIT(signal) & SIGNALS_IGNORED) != 0);
    if (!ignored) {
        task_end(task, TASK_KILLED, (int)signal);
    }
    return 0;
}

long syscall_kill(struct task *task, const unsigned long *arguments) {
    return signal_send(task, arguments[0], arguments[1]);
}

long syscall_tgkill(struct task *task, const unsigned long *arguments) {
    return arguments[0] == TASK_ID ? signal_send(task, arguments[1], arguments[2]) : -LINUX_ESRCH;
}
