/*
 * What a program asks of the machine: the time, its name, random bytes.
 */
#include "supervisor/syscall/calls.h"

#include "supervisor/mem/access.h"
#include "supervisor/mem/user_copy.h"

enum { RANDOM_PIECE_SIZE = 256 };

/* Every clock counts from the boot, because a guest has no calendar. */
long syscall_clock_gettime(struct task *task, const unsigned long *arguments) {
    if (arguments[0] > LINUX_CLOCK_BOOTTIME) {
        return -LINUX_EINVAL;
    }
    uint64_t now = time_nanoseconds(&task->services->time);
    const struct linux_timespec time = {
        .seconds = (int64_t)(now / TIME_NANOSECONDS),
        .nanoseconds = (int64_t)(now % TIME_NANOSECONDS),
    };
    return syscall_error(user_copy_out(&task->space, arguments[1], &time, sizeof(time)));
}

/* The release is that of the Linux whose interface this is: programs compare it. */
long syscall_uname(struct task *task, const unsigned long *arguments) {
    struct linux_utsname name = {
        .sysname = "Diosix",
        .nodename = "diosix",
        .release = "6.12.0-diosix",
        .version = "supervisor 0.1",
        .machine = "riscv64",
        .domainname = "(none)",
    };
    if (sizeof(unsigned long) == sizeof(uint32_t)) {
        name.machine[5] = '3';
        name.machine[6] = '2';
    }
    return syscall_error(user_copy_out(&task->space, arguments[0], &name, sizeof(name)));
}

/* Without a seed there is nothing that could be waited for, so asking for good bytes is refused in any case. */
long syscall_getrandom(struct task *task, const unsigned long *arguments) {
    const unsigned long known = LINUX_GRND_NONBLOCK | LINUX_GRND_RANDOM | LINUX_GRND_INSECURE;
    uint8_t piece[RANDOM_PIECE_SIZE];
    struct random *random = task->services->random;
    if (arguments[2] & ~known) {
        return -LINUX_EINVAL;
    }
    if (!random->is_seeded && (arguments[2] & LINUX_GRND_INSECURE) == 0) {
        return -LINUX_EAGAIN;
    }
    /* getrandom(2): 256 bytes come whole; who wants more has to be ready for fewer. */
    unsigned long size = arguments[1] < sizeof(piece) ? arguments[1] : sizeof(piece);
    status_t status = user_check(&task->space, arguments[0], size, ACCESS_WRITE);
    if (status == STATUS_OK) {
        random_fill(random, piece, size);
        status = user_copy_out(&task->space, arguments[0], piece, size);
    }
    return status == STATUS_OK ? (long)size : syscall_error(status);
}
