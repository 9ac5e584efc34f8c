/*
 * The part of Linux's user interface for RISC-V that the supervisor serves: numbers, error codes, structures and flags.
 * Names are Linux's with LINUX_ in front, because tests include a libc that has the bare ones. Sources: Linux,
 * include/uapi/asm-generic.
 *
 * Structures are laid out for the xlen that is compiled; where a field's width depends on it, it is an unsigned long.
 */
#pragma once

#include <assert.h>
#include <stdint.h>

/* X(NAME, value): all that a system call of this supervisor can return. */
#define LINUX_ERROR_LIST(X) \
    X(EPERM, 1)             \
    X(ENOENT, 2)            \
    X(ESRCH, 3)             \
    X(EBADF, 9)             \
    X(EAGAIN, 11)           \
    X(ENOMEM, 12)           \
    X(EFAULT, 14)           \
    X(EEXIST, 17)           \
    X(ENODEV, 19)           \
    X(EINVAL, 22)           \
    X(ENOTTY, 25)           \
    X(ESPIPE, 29)           \
    X(ENOSYS, 38)

#define LINUX_ERROR_ENTRY(name, value) LINUX_##name = (value),
enum { LINUX_ERROR_LIST(LINUX_ERROR_ENTRY) };
#undef LINUX_ERROR_ENTRY

enum {
    LINUX_NR_IOCTL = 29,
    LINUX_NR_CLOSE = 57,
    /* _llseek on rv32 */
    LINUX_NR_LSEEK = 62,
    LINUX_NR_READ = 63,
    LINUX_NR_WRITE = 64,
    LINUX_NR_READV = 65,
    LINUX_NR_WRITEV = 66,
    LINUX_NR_FSTAT = 80,
    LINUX_NR_EXIT = 93,
    LINUX_NR_EXIT_GROUP = 94,
    LINUX_NR_SET_TID_ADDRESS = 96,
    LINUX_NR_SET_ROBUST_LIST = 99,
    LINUX_NR_CLOCK_GETTIME = 113,
    LINUX_NR_KILL = 129,
    LINUX_NR_TKILL = 130,
    LINUX_NR_TGKILL = 131,
    LINUX_NR_RT_SIGACTION = 134,
    LINUX_NR_RT_SIGPROCMASK = 135,
    LINUX_NR_UNAME = 160,
    LINUX_NR_GETPID = 172,
    LINUX_NR_GETPPID = 173,
    LINUX_NR_GETUID = 174,
    LINUX_NR_GETEUID = 175,
    LINUX_NR_GETGID = 176,
    LINUX_NR_GETEGID = 177,
    LINUX_NR_GETTID = 178,
    LINUX_NR_BRK = 214,
    LINUX_NR_MUNMAP = 215,
    /* mmap2 on rv32 */
    LINUX_NR_MMAP = 222,
    LINUX_NR_MPROTECT = 226,
    LINUX_NR_GETRANDOM = 278,
    LINUX_NR_STATX = 291,
    LINUX_NR_CLOCK_GETTIME64 = 403,
    LINUX_NR_LIMIT = 404,
};

struct linux_timespec {
    int64_t seconds;
    int64_t nanoseconds;
};
static_assert(sizeof(struct linux_timespec) == 16, "the same on rv32, which only has the 64-bit one");

struct linux_iovec {
    unsigned long base;
    unsigned long size;
};

struct linux_winsize {
    uint16_t rows;
    uint16_t columns;
    uint16_t width;
    uint16_t height;
};

enum { LINUX_UTSNAME_SIZE = 65 };

struct linux_utsname {
    char sysname[LINUX_UTSNAME_SIZE];
    char nodename[LINUX_UTSNAME_SIZE];
    char release[LINUX_UTSNAME_SIZE];
    char version[LINUX_UTSNAME_SIZE];
    char machine[LINUX_UTSNAME_SIZE];
    char domainname[LINUX_UTSNAME_SIZE];
};

/* struct stat of 64-bit asm-generic; rv32 has statx only. */
struct linux_stat {
    uint64_t device;
    uint64_t inode;
    uint32_t mode;
    uint32_t link_count;
    uint32_t user;
    uint32_t group;
    uint64_t special_device;
    uint64_t padding;
    int64_t size;
    int32_t block_size;
    int32_t padding2;
    int64_t block_count;
    int64_t times[6];
    uint32_t unused[2];
};
static_assert(sizeof(struct linux_stat) == 128, "asm-generic/stat.h");

struct linux_statx {
    uint32_t mask;
    uint32_t block_size;
    uint64_t attributes;
    uint32_t link_count;
    uint32_t user;
    uint32_t group;
    uint16_t mode;
    uint16_t spare;
    uint64_t inode;
    uint64_t size;
    uint64_t block_count;
    uint64_t attributes_mask;
    uint64_t times[8];
    uint32_t special_device_major;
    uint32_t special_device_minor;
    uint32_t device_major;
    uint32_t device_minor;
    uint64_t spares[14];
};
static_assert(sizeof(struct linux_statx) == 256, "uapi/linux/stat.h");

/* RISC-V has no restorer. */
struct linux_sigaction {
    unsigned long handler;
    unsigned long flags;
    uint32_t mask[2];
};

enum {
    LINUX_S_IFCHR = 0020000,
    LINUX_AT_EMPTY_PATH = 0x1000,
    LINUX_STATX_BASIC = 0x7ff,
    LINUX_TIOCGWINSZ = 0x5413,
    LINUX_IOV_MAX = 1024,

    LINUX_MAP_SHARED = 0x01,
    LINUX_MAP_PRIVATE = 0x02,
    LINUX_MAP_TYPE = 0x0f,
    LINUX_MAP_FIXED = 0x10,
    LINUX_MAP_ANONYMOUS = 0x20,
    LINUX_MAP_FIXED_NOREPLACE = 0x100000,

    LINUX_SIG_DFL = 0,
    LINUX_SIG_IGN = 1,
    LINUX_SIG_BLOCK = 0,
    LINUX_SIG_UNBLOCK = 1,
    LINUX_SIG_SETMASK = 2,
    LINUX_SIGKILL = 9,
    LINUX_SIGCHLD = 17,
    LINUX_SIGCONT = 18,
    LINUX_SIGSTOP = 19,
    LINUX_SIGURG = 23,
    LINUX_SIGWINCH = 28,
    LINUX_SIGNAL_LIMIT = 64,

    LINUX_CLOCK_BOOTTIME = 7,

    LINUX_GRND_NONBLOCK = 1,
    LINUX_GRND_RANDOM = 2,
    LINUX_GRND_INSECURE = 4,
};
