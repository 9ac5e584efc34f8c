/*
 * Descriptors: there are three, and all of them are the terminal.
 */
#include "supervisor/syscall/calls.h"

#include <limits.h>

#include "supervisor/mem/access.h"
#include "supervisor/mem/user_copy.h"

/* A program's bytes pass through a buffer on the stack. */
enum { PIECE_SIZE = 256 };

/* The character device 5:1, a console. */
enum { CONSOLE_MAJOR = 5, CONSOLE_MINOR = 1, CONSOLE_MODE = LINUX_S_IFCHR | 0620, CONSOLE_BLOCK_SIZE = 1024 };
enum { TERMINAL_ROWS = 24, TERMINAL_COLUMNS = 80 };

static bool is_open(const struct task *task, unsigned long descriptor) {
    return descriptor < TASK_DESCRIPTOR_COUNT && (task->descriptors >> descriptor & 1) != 0;
}

static unsigned long piece_of(unsigned long size) {
    return size < PIECE_SIZE ? size : PIECE_SIZE;
}

long syscall_close(struct task *task, const unsigned long *arguments) {
    if (!is_open(task, arguments[0])) {
        return -LINUX_EBADF;
    }
    task->descriptors &= ~(1U << arguments[0]);
    return 0;
}

long syscall_lseek(struct task *task, const unsigned long *arguments) {
    return is_open(task, arguments[0]) ? -LINUX_ESPIPE : -LINUX_EBADF;
}

long syscall_ioctl(struct task *task, const unsigned long *arguments) {
    const struct linux_winsize size = {.rows = TERMINAL_ROWS, .columns = TERMINAL_COLUMNS};
    if (!is_open(task, arguments[0])) {
        return -LINUX_EBADF;
    }
    /* musl asks for the size to find out whether this is a terminal. */
    if (arguments[1] != LINUX_TIOCGWINSZ) {
        return -LINUX_ENOTTY;
    }
    return syscall_error(user_copy_out(&task->space, arguments[2], &size, sizeof(size)));
}

/* How much was written before something was not the program's to read; its error if that was the first byte. */
static long write_bytes(struct task *task, unsigned long address, unsigned long size) {
    char piece[PIECE_SIZE];
    unsigned long done = 0;
    while (done < size) {
        unsigned long count = piece_of(size - done);
        status_t status = user_copy_in(&task->space, piece, address + done, count);
        if (status != STATUS_OK) {
            return done != 0 ? (long)done : syscall_error(status);
        }
        tty_write(task->services->tty, piece, count);
        done += count;
    }
    return (long)done;
}

/* At most one line, at most one piece. The memory is checked first: a line that was taken can be handed over. */
static long read_bytes(struct task *task, unsigned long address, unsigned long size) {
    char piece[PIECE_SIZE];
    unsigned long count = piece_of(size);
    status_t status = user_check(&task->space, address, count, ACCESS_WRITE);
    if (status == STATUS_OK) {
        count = tty_read(task->services->tty, piece, count);
        status = user_copy_out(&task->space, address, piece, count);
    }
    return status == STATUS_OK ? (long)count : syscall_error(status);
}

/* More than this is cut, as Linux does, so that a count is never taken for an error. */
static unsigned long transfer_size(unsigned long size) {
    return size < LONG_MAX ? size : LONG_MAX;
}

long syscall_write(struct task *task, const unsigned long *arguments) {
    return is_open(task, arguments[0]) ? write_bytes(task, arguments[1], transfer_size(arguments[2])) : -LINUX_EBADF;
}

long syscall_read(struct task *task, const unsigned long *arguments) {
    return is_open(task, arguments[0]) ? read_bytes(task, arguments[1], transfer_size(arguments[2])) : -LINUX_EBADF;
}

static long vector_load(struct task *task, unsigned long vector, unsigned long index, struct linux_iovec *out_entry) {
    return syscall_error(
        user_copy_in(&task->space, out_entry, vector + index * sizeof(*out_entry), sizeof(*out_entry)));
}

/* EINVAL: too many entries, or their sizes come to more than a result can say. */
static long vector_check(struct task *task, unsigned long vector, unsigned long count) {
    unsigned long total = 0;
    if (count > LINUX_IOV_MAX) {
        return -LINUX_EINVAL;
    }
    for (unsigned long i = 0; i < count; i++) {
        struct linux_iovec entry;
        long error = vector_load(task, vector, i, &entry);
        if (error != 0) {
            return error;
        }
        if (entry.size > LONG_MAX - total) {
            return -LINUX_EINVAL;
        }
        total += entry.size;
    }
    return 0;
}

/* Goes on until an entry is not written whole. */
static long vector_write(struct task *task, unsigned long vector, unsigned long count) {
    unsigned long done = 0;
    for (unsigned long i = 0; i < count; i++) {
        struct linux_iovec entry;
        long result = vector_load(task, vector, i, &entry);
        if (result == 0) {
            result = write_bytes(task, entry.base, entry.size);
        }
        if (result < 0) {
            return done != 0 ? (long)done : result;
        }
        done += (unsigned long)result;
        if ((unsigned long)result < entry.size) {
            break;
        }
    }
    return (long)done;
}

/* One entry is enough: a terminal may always give fewer bytes than were asked for. */
static long vector_read(struct task *task, unsigned long vector, unsigned long count) {
    for (unsigned long i = 0; i < count; i++) {
        struct linux_iovec entry;
        long error = vector_load(task, vector, i, &entry);
        if (error != 0) {
            return error;
        }
        if (entry.size != 0) {
            return read_bytes(task, entry.base, entry.size);
        }
    }
    return 0;
}

static long vector_begin(struct task *task, const unsigned long *arguments) {
    return is_open(task, arguments[0]) ? vector_check(task, arguments[1], arguments[2]) : -LINUX_EBADF;
}

long syscall_writev(struct task *task, const unsigned long *arguments) {
    long error = vector_begin(task, arguments);
    return error == 0 ? vector_write(task, arguments[1], arguments[2]) : error;
}

long syscall_readv(struct task *task, const unsigned long *arguments) {
    long error = vector_begin(task, arguments);
    return error == 0 ? vector_read(task, arguments[1], arguments[2]) : error;
}

long syscall_fstat(struct task *task, const unsigned long *arguments) {
    const struct linux_stat stat = {
        .mode = CONSOLE_MODE,
        .link_count = 1,
        .special_device = CONSOLE_MAJOR << 8 | CONSOLE_MINOR,
        .block_size = CONSOLE_BLOCK_SIZE,
    };
    if (!is_open(task, arguments[0])) {
        return -LINUX_EBADF;
    }
    return syscall_error(user_copy_out(&task->space, arguments[1], &stat, sizeof(stat)));
}

/* Only of a descriptor: there are no paths yet. */
long syscall_statx(struct task *task, const unsigned long *arguments) {
    const struct linux_statx statx = {
        .mask = LINUX_STATX_BASIC,
        .block_size = CONSOLE_BLOCK_SIZE,
        .link_count = 1,
        .mode = CONSOLE_MODE,
        .special_device_major = CONSOLE_MAJOR,
        .special_device_minor = CONSOLE_MINOR,
    };
    char first;
    status_t status = user_copy_in(&task->space, &first, arguments[1], sizeof(first));
    if (status != STATUS_OK) {
        return syscall_error(status);
    }
    if (first != '\0' || (arguments[2] & LINUX_AT_EMPTY_PATH) == 0) {
        return -LINUX_ENOENT;
    }
    if (!is_open(task, arguments[0])) {
        return -LINUX_EBADF;
    }
    return syscall_error(user_copy_out(&task->space, arguments[4], &statx, sizeof(statx)));
}
