/*
 * How the supervisor's own statuses look to a program.
 */
#include "supervisor/syscall/calls.h"

long syscall_error(status_t status) {
    switch (status) {
    case STATUS_OK:
        return 0;
    case STATUS_FAULT:
        return -LINUX_EFAULT;
    case STATUS_EXISTS:
        return -LINUX_EEXIST;
    case STATUS_NO_MEMORY:
    case STATUS_TOO_BIG:
    case STATUS_NOT_FOUND:
        return -LINUX_ENOMEM;
    default:
        return -LINUX_EINVAL;
    }
}
