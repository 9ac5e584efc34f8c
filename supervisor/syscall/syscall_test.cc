// System calls with good and bad arguments. Whatever a program passes, the answer is a result or an error code.
#include <random>
#include <vector>

#include "supervisor/task/fake_program.h"

extern "C" {
#include "supervisor/syscall/calls.h"
#include "supervisor/syscall/syscall.h"
}

namespace {

class SyscallTest : public FakeProgram {
  protected:
    long Call(unsigned long number, unsigned long a = 0, unsigned long b = 0, unsigned long c = 0, unsigned long d = 0,
              unsigned long e = 0, unsigned long f = 0) {
        unsigned long arguments[SYSCALL_ARGUMENT_COUNT] = {a, b, c, d, e, f};
        return syscall_dispatch(&process, number, arguments);
    }
};

TEST_F(SyscallTest, TheTableIsLinuxs) {
    EXPECT_EQ(Call(1000), -LINUX_ENOSYS);
    EXPECT_EQ(Call(~0ul), -LINUX_ENOSYS);
    EXPECT_EQ(Call(0), -LINUX_ENOSYS);
    EXPECT_EQ(syscall_find(LINUX_NR_FSTAT, 4), nullptr) << "rv32 has statx only";
    EXPECT_NE(syscall_find(LINUX_NR_FSTAT, 8), nullptr);
    EXPECT_EQ(syscall_find(LINUX_NR_CLOCK_GETTIME, 4), nullptr);
    EXPECT_EQ(syscall_find(LINUX_NR_CLOCK_GETTIME64, 8), nullptr);
    EXPECT_EQ(syscall_find(LINUX_NR_CLOCK_GETTIME64, 4), syscall_find(LINUX_NR_CLOCK_GETTIME, 8));
    EXPECT_NE(syscall_find(LINUX_NR_WRITE, 4), nullptr);
}

TEST_F(SyscallTest, Write) {
    Poke(kData + 0xffd, "hello\n", 6);
    EXPECT_EQ(Call(LINUX_NR_WRITE, 1, kData + 0xffd, 6), 6);
    EXPECT_EQ(screen, "hello\r\n");
    EXPECT_EQ(Call(LINUX_NR_WRITE, 3, kData, 6), -LINUX_EBADF);
    EXPECT_EQ(Call(LINUX_NR_WRITE, ~0ul, kData, 6), -LINUX_EBADF);
    EXPECT_EQ(Call(LINUX_NR_WRITE, 1, kNowhere, 6), -LINUX_EFAULT);
    EXPECT_EQ(Call(LINUX_NR_WRITE, 1, 0, 6), -LINUX_EFAULT);
    EXPECT_EQ(Call(LINUX_NR_WRITE, 1, 0xffffffff80000000, 6), -LINUX_EFAULT);
    EXPECT_EQ(Call(LINUX_NR_WRITE, 1, kNowhere, 0), 0);
    EXPECT_EQ(Call(LINUX_NR_WRITE, 1, kNowhere - 512, ~0ul), 512) << "as far as it goes";
}

TEST_F(SyscallTest, Read) {
    keys = "line\rnext\r";
    EXPECT_EQ(Call(LINUX_NR_READ, 0, kReadOnly, 10), -LINUX_EFAULT);
    EXPECT_EQ(Call(LINUX_NR_READ, 0, kNowhere - 4, 10), -LINUX_EFAULT);
    EXPECT_EQ(keys, "line\rnext\r") << "a bad address takes no line";
    EXPECT_EQ(Call(LINUX_NR_READ, 0, kData, 100), 5);
    EXPECT_EQ(PeekText(kData, 5), "line\n");
    EXPECT_EQ(Call(LINUX_NR_READ, 0, kData, 0), 0);
    EXPECT_EQ(Call(LINUX_NR_READ, 0, kData, 2), 2);
    EXPECT_EQ(Call(LINUX_NR_READ, 0, kData, 100), 3);
    EXPECT_EQ(Call(LINUX_NR_READ, 0, kData, 100), 0) << "end of file";
    EXPECT_EQ(Call(LINUX_NR_READ, 9, kData, 100), -LINUX_EBADF);
}

TEST_F(SyscallTest, WriteVectors) {
    Poke(kData, "abcdef", 6);
    Poke(kData + 64, linux_iovec{kData, 2});
    Poke(kData + 80, linux_iovec{0, 0});
    Poke(kData + 96, linux_iovec{kData + 2, 4});
    EXPECT_EQ(Call(LINUX_NR_WRITEV, 1, kData + 64, 3), 6);
    EXPECT_EQ(screen, "abcdef");
    EXPECT_EQ(Call(LINUX_NR_WRITEV, 1, kData + 64, 0), 0);
    EXPECT_EQ(Call(LINUX_NR_WRITEV, 1, kData + 64, LINUX_IOV_MAX + 1), -LINUX_EINVAL);
    EXPECT_EQ(Call(LINUX_NR_WRITEV, 1, kData + 64, ~0ul), -LINUX_EINVAL);
    EXPECT_EQ(Call(LINUX_NR_WRITEV, 1, kNowhere - 8, 1), -LINUX_EFAULT);
    EXPECT_EQ(Call(LINUX_NR_WRITEV, 5, kData + 64, 3), -LINUX_EBADF);
    Poke(kData + 96, linux_iovec{kNowhere, 4});
    EXPECT_EQ(Call(LINUX_NR_WRITEV, 1, kData + 64, 3), 2) << "what went well counts";
    Poke(kData + 64, linux_iovec{kData, ~0ul >> 1});
    EXPECT_EQ(Call(LINUX_NR_WRITEV, 1, kData + 64, 3), -LINUX_EINVAL) << "the sum overflows";
    EXPECT_EQ(screen, "abcdefab");
}

TEST_F(SyscallTest, ReadVectors) {
    keys = "line\r";
    Poke(kData + 64, linux_iovec{0, 0});
    Poke(kData + 80, linux_iovec{kData, 100});
    EXPECT_EQ(Call(LINUX_NR_READV, 0, kData + 64, 2), 5);
    EXPECT_EQ(PeekText(kData, 5), "line\n");
    EXPECT_EQ(Call(LINUX_NR_READV, 0, kData + 64, 1), 0);
    Poke(kData + 80, linux_iovec{kReadOnly, 100});
    EXPECT_EQ(Call(LINUX_NR_READV, 0, kData + 64, 2), -LINUX_EFAULT);
}

TEST_F(SyscallTest, DescriptorsAreTheTerminal) {
    EXPECT_EQ(Call(LINUX_NR_IOCTL, 1, LINUX_TIOCGWINSZ, kData), 0);
    EXPECT_EQ(Peek<linux_winsize>(kData).columns, 80);
    EXPECT_EQ(Call(LINUX_NR_IOCTL, 1, LINUX_TIOCGWINSZ, kReadOnly), -LINUX_EFAULT);
    EXPECT_EQ(Call(LINUX_NR_IOCTL, 1, 0x5401, kData), -LINUX_ENOTTY);
    EXPECT_EQ(Call(LINUX_NR_IOCTL, 4, LINUX_TIOCGWINSZ, kData), -LINUX_EBADF);
    EXPECT_EQ(Call(LINUX_NR_FSTAT, 0, kData), 0);
    EXPECT_EQ(Peek<linux_stat>(kData).mode & 0170000, unsigned{LINUX_S_IFCHR});
    EXPECT_EQ(Call(LINUX_NR_FSTAT, 0, kNowhere - 100), -LINUX_EFAULT);
    EXPECT_EQ(Call(LINUX_NR_LSEEK, 0), -LINUX_ESPIPE);
    EXPECT_EQ(Call(LINUX_NR_CLOSE, 1), 0);
    EXPECT_EQ(Call(LINUX_NR_CLOSE, 1), -LINUX_EBADF);
    EXPECT_EQ(Call(LINUX_NR_WRITE, 1, kData, 1), -LINUX_EBADF);
    EXPECT_EQ(Call(LINUX_NR_WRITE, 2, kData, 1), 1);
    EXPECT_EQ(Call(LINUX_NR_LSEEK, 1), -LINUX_EBADF);
}

TEST_F(SyscallTest, Statx) {
    Poke(kData, "\0x", 3);
    EXPECT_EQ(Call(LINUX_NR_STATX, 1, kData, LINUX_AT_EMPTY_PATH, 0, kData + 256), 0);
    EXPECT_EQ(Peek<linux_statx>(kData + 256).mode & 0170000, LINUX_S_IFCHR);
    EXPECT_EQ(Call(LINUX_NR_STATX, 1, kData + 1, LINUX_AT_EMPTY_PATH, 0, kData + 256), -LINUX_ENOENT);
    EXPECT_EQ(Call(LINUX_NR_STATX, 1, kData, 0, 0, kData + 256), -LINUX_ENOENT);
    EXPECT_EQ(Call(LINUX_NR_STATX, 8, kData, LINUX_AT_EMPTY_PATH, 0, kData + 256), -LINUX_EBADF);
    EXPECT_EQ(Call(LINUX_NR_STATX, 1, 0, LINUX_AT_EMPTY_PATH, 0, kData + 256), -LINUX_EFAULT);
    EXPECT_EQ(Call(LINUX_NR_STATX, 1, kData, LINUX_AT_EMPTY_PATH, 0, kNowhere), -LINUX_EFAULT);
}

TEST_F(SyscallTest, Brk) {
    long heap = kHeap;
    EXPECT_EQ(Call(LINUX_NR_BRK, 0), heap);
    EXPECT_EQ(Call(LINUX_NR_BRK, heap + 0x1001), heap + 0x1001);
    EXPECT_EQ(user_check(&process.space, heap, 0x2000, ACCESS_WRITE), STATUS_OK);
    EXPECT_EQ(Call(LINUX_NR_BRK, heap + 0x1800), heap + 0x1800);
    EXPECT_EQ(Call(LINUX_NR_BRK, heap + 0x800), heap + 0x800);
    EXPECT_EQ(user_check(&process.space, heap + 0x1000, 1, ACCESS_READ), STATUS_FAULT);
    EXPECT_EQ(Call(LINUX_NR_BRK, heap - 1), heap + 0x800);
    EXPECT_EQ(Call(LINUX_NR_BRK, ~0ul), heap + 0x800);
    EXPECT_EQ(Call(LINUX_NR_BRK, kCeiling + 1), heap + 0x800);
    ASSERT_EQ(address_space_map(&process.space, heap + 0x4000, 0x1000, ACCESS_READ), STATUS_OK);
    EXPECT_EQ(Call(LINUX_NR_BRK, heap + 0x5000), heap + 0x800) << "something is in the way";
    EXPECT_EQ(Call(LINUX_NR_BRK, heap), heap);
}

TEST_F(SyscallTest, Mmap) {
    unsigned long anonymous = LINUX_MAP_PRIVATE | LINUX_MAP_ANONYMOUS;
    long at = Call(LINUX_NR_MMAP, 0, 0x1800, 3, anonymous, ~0ul);
    EXPECT_EQ(at, long{kCeiling - 0x2000});
    EXPECT_EQ(user_check(&process.space, at, 0x2000, ACCESS_WRITE), STATUS_OK);
    EXPECT_EQ(Call(LINUX_NR_MMAP, 0, 0, 3, anonymous), -LINUX_EINVAL);
    EXPECT_EQ(Call(LINUX_NR_MMAP, 0, 0x1000, 8, anonymous), -LINUX_EINVAL);
    EXPECT_EQ(Call(LINUX_NR_MMAP, 0, 0x1000, 3, LINUX_MAP_ANONYMOUS), -LINUX_EINVAL);
    EXPECT_EQ(Call(LINUX_NR_MMAP, 0, 0x1000, 3, LINUX_MAP_PRIVATE, 1), -LINUX_ENODEV);
    EXPECT_EQ(Call(LINUX_NR_MMAP, 0, ~0ul, 3, anonymous), -LINUX_ENOMEM);
    EXPECT_EQ(Call(LINUX_NR_MMAP, 0, kLimit, 3, anonymous), -LINUX_ENOMEM);
}

TEST_F(SyscallTest, MmapFixed) {
    unsigned long fixed = LINUX_MAP_PRIVATE | LINUX_MAP_ANONYMOUS | LINUX_MAP_FIXED;
    Poke(kData, "x", 1);
    EXPECT_EQ(Call(LINUX_NR_MMAP, kData, 0x1000, 1, fixed), long{kData});
    EXPECT_EQ(Peek<char>(kData), 0);
    EXPECT_EQ(Call(LINUX_NR_MMAP, kData, 0x1000, 1, fixed | LINUX_MAP_FIXED_NOREPLACE), -LINUX_EEXIST);
    EXPECT_EQ(Call(LINUX_NR_MMAP, 0, 0x1000, 3, fixed), -LINUX_EPERM);
    EXPECT_EQ(Call(LINUX_NR_MMAP, kData + 1, 0x1000, 3, fixed), -LINUX_EINVAL);
    EXPECT_EQ(Call(LINUX_NR_MMAP, kLimit, 0x1000, 3, fixed), -LINUX_ENOMEM);
    EXPECT_EQ(Call(LINUX_NR_MMAP, 0xffffffff80000000, 0x1000, 3, fixed), -LINUX_ENOMEM);
}

TEST_F(SyscallTest, MunmapAndMprotect) {
    EXPECT_EQ(Call(LINUX_NR_MPROTECT, kData, 0x1000, 1), 0);
    EXPECT_EQ(user_check(&process.space, kData, 1, ACCESS_WRITE), STATUS_FAULT);
    EXPECT_EQ(Call(LINUX_NR_MPROTECT, kData, 0x1000, 2), 0) << "write brings read";
    EXPECT_EQ(user_check(&process.space, kData, 1, ACCESS_READ), STATUS_OK);
    EXPECT_EQ(Call(LINUX_NR_MPROTECT, kData, 0, 1), 0);
    EXPECT_EQ(Call(LINUX_NR_MPROTECT, kData + 1, 0x1000, 1), -LINUX_EINVAL);
    EXPECT_EQ(Call(LINUX_NR_MPROTECT, kData, 0x1000, 9), -LINUX_EINVAL);
    EXPECT_EQ(Call(LINUX_NR_MPROTECT, kNowhere, 0x1000, 1), -LINUX_ENOMEM);
    EXPECT_EQ(Call(LINUX_NR_MPROTECT, kData, ~0ul, 1), -LINUX_ENOMEM);
    EXPECT_EQ(Call(LINUX_NR_MPROTECT, 0xffffffff80000000, 0x1000, 7), -LINUX_ENOMEM);
    EXPECT_EQ(Call(LINUX_NR_MUNMAP, kData, 0x1000), 0);
    EXPECT_EQ(user_check(&process.space, kData, 1, ACCESS_READ), STATUS_FAULT);
    EXPECT_EQ(Call(LINUX_NR_MUNMAP, kData + 1, 0x1000), -LINUX_EINVAL);
    EXPECT_EQ(Call(LINUX_NR_MUNMAP, kData, 0), -LINUX_EINVAL);
    EXPECT_EQ(Call(LINUX_NR_MUNMAP, kData, ~0ul), -LINUX_EINVAL);
    EXPECT_EQ(Call(LINUX_NR_MUNMAP, 0xffffffff80000000, 0x1000), -LINUX_EINVAL);
}

TEST_F(SyscallTest, Identity) {
    for (unsigned long number : {LINUX_NR_GETPID, LINUX_NR_GETTID, LINUX_NR_SET_TID_ADDRESS}) {
        EXPECT_EQ(Call(number, kNowhere), TASK_ID);
    }
    for (unsigned long number : {LINUX_NR_GETUID, LINUX_NR_GETEUID, LINUX_NR_GETGID, LINUX_NR_GETEGID}) {
        EXPECT_EQ(Call(number), 0);
    }
    EXPECT_EQ(Call(LINUX_NR_SET_ROBUST_LIST, kNowhere, 24), 0);
    EXPECT_EQ(Call(LINUX_NR_SET_ROBUST_LIST, kNowhere, 23), -LINUX_EINVAL);
    EXPECT_EQ(Call(LINUX_NR_UNAME, kData), 0);
    EXPECT_STREQ(Peek<linux_utsname>(kData).machine, "riscv64");
    EXPECT_EQ(Call(LINUX_NR_UNAME, kNowhere - 1), -LINUX_EFAULT);
}

TEST_F(SyscallTest, ExitEndsOnceWithAByte) {
    EXPECT_EQ(Call(LINUX_NR_EXIT_GROUP, 0x1ff), 0);
    EXPECT_EQ(process.state, TASK_EXITED);
    EXPECT_EQ(process.value, 0xff);
    Call(LINUX_NR_EXIT, 3);
    EXPECT_EQ(process.value, 0xff) << "the first one counts";
}

TEST_F(SyscallTest, Sigaction) {
    linux_sigaction action{0x12345, 0x4000000, {5, 6}};
    Poke(kData, action);
    EXPECT_EQ(Call(LINUX_NR_RT_SIGACTION, 15, kData, 0, 8), 0);
    EXPECT_EQ(Call(LINUX_NR_RT_SIGACTION, 15, 0, kData + 64, 8), 0);
    EXPECT_EQ(Peek<linux_sigaction>(kData + 64).handler, 0x12345u);
    EXPECT_EQ(Call(LINUX_NR_RT_SIGACTION, 9, kData, 0, 8), -LINUX_EINVAL);
    EXPECT_EQ(Call(LINUX_NR_RT_SIGACTION, 9, 0, kData, 8), 0);
    EXPECT_EQ(Call(LINUX_NR_RT_SIGACTION, 0, 0, 0, 8), -LINUX_EINVAL);
    EXPECT_EQ(Call(LINUX_NR_RT_SIGACTION, 65, 0, 0, 8), -LINUX_EINVAL);
    EXPECT_EQ(Call(LINUX_NR_RT_SIGACTION, 64, 0, 0, 8), 0);
    EXPECT_EQ(Call(LINUX_NR_RT_SIGACTION, 15, 0, 0, 16), -LINUX_EINVAL);
    EXPECT_EQ(Call(LINUX_NR_RT_SIGACTION, 15, kNowhere, 0, 8), -LINUX_EFAULT);
    EXPECT_EQ(Call(LINUX_NR_RT_SIGACTION, 15, kData + 128, kNowhere, 8), -LINUX_EFAULT);
    EXPECT_EQ(process.actions[14].handler, 0x12345u) << "a refused call changes nothing";
}

TEST_F(SyscallTest, Sigprocmask) {
    uint64_t set = 0x1ff;
    Poke(kData, set);
    EXPECT_EQ(Call(LINUX_NR_RT_SIGPROCMASK, LINUX_SIG_BLOCK, kData, 0, 8), 0);
    EXPECT_EQ(process.signal_mask, 0xffu) << "SIGKILL cannot be blocked";
    set = 0xf;
    Poke(kData, set);
    EXPECT_EQ(Call(LINUX_NR_RT_SIGPROCMASK, LINUX_SIG_UNBLOCK, kData, kData + 8, 8), 0);
    EXPECT_EQ(Peek<uint64_t>(kData + 8), 0xffu);
    EXPECT_EQ(process.signal_mask, 0xf0u);
    EXPECT_EQ(Call(LINUX_NR_RT_SIGPROCMASK, LINUX_SIG_SETMASK, kData, kNowhere, 8), -LINUX_EFAULT);
    EXPECT_EQ(process.signal_mask, 0xf0u);
    EXPECT_EQ(Call(LINUX_NR_RT_SIGPROCMASK, 3, kData, 0, 8), -LINUX_EINVAL);
    EXPECT_EQ(Call(LINUX_NR_RT_SIGPROCMASK, 3, 0, 0, 8), 0);
    EXPECT_EQ(Call(LINUX_NR_RT_SIGPROCMASK, 0, kNowhere, 0, 8), -LINUX_EFAULT);
    EXPECT_EQ(Call(LINUX_NR_RT_SIGPROCMASK, 0, kData, 0, 4), -LINUX_EINVAL);
}

TEST_F(SyscallTest, Kill) {
    EXPECT_EQ(Call(LINUX_NR_KILL, TASK_ID, 0), 0);
    EXPECT_EQ(Call(LINUX_NR_KILL, TASK_ID, LINUX_SIGCHLD), 0);
    EXPECT_EQ(Call(LINUX_NR_KILL, TASK_ID, 65), -LINUX_EINVAL);
    EXPECT_EQ(Call(LINUX_NR_KILL, 77, 6), -LINUX_ESRCH);
    EXPECT_EQ(Call(LINUX_NR_TGKILL, 77, TASK_ID, 6), -LINUX_ESRCH);
    process.actions[5].handler = LINUX_SIG_IGN;
    EXPECT_EQ(Call(LINUX_NR_TKILL, TASK_ID, 6), 0);
    EXPECT_EQ(process.state, TASK_RUNNING);
    process.actions[5].handler = LINUX_SIG_DFL;
    EXPECT_EQ(Call(LINUX_NR_TGKILL, TASK_ID, TASK_ID, 6), 0);
    EXPECT_EQ(process.state, TASK_KILLED);
    EXPECT_EQ(process.value, 6);
}

TEST_F(SyscallTest, Time) {
    EXPECT_EQ(Call(LINUX_NR_CLOCK_GETTIME, 1, kData), 0);
    EXPECT_EQ(Peek<linux_timespec>(kData).seconds, 2);
    EXPECT_EQ(Peek<linux_timespec>(kData).nanoseconds, 500000000);
    EXPECT_EQ(Call(LINUX_NR_CLOCK_GETTIME, 8, kData), -LINUX_EINVAL);
    EXPECT_EQ(Call(LINUX_NR_CLOCK_GETTIME, 0, kReadOnly), -LINUX_EFAULT);
}

TEST_F(SyscallTest, Getrandom) {
    EXPECT_EQ(Call(LINUX_NR_GETRANDOM, kData, 16, 0), 16);
    EXPECT_NE(PeekText(kData, 16), std::string(16, 0));
    EXPECT_EQ(Call(LINUX_NR_GETRANDOM, kData, 256, LINUX_GRND_NONBLOCK), 256);
    EXPECT_EQ(Call(LINUX_NR_GETRANDOM, kData, 0, 0), 0);
    EXPECT_EQ(Call(LINUX_NR_GETRANDOM, kReadOnly, 16, 0), -LINUX_EFAULT);
    EXPECT_EQ(Call(LINUX_NR_GETRANDOM, kData, 16, 8), -LINUX_EINVAL);
    generator.is_seeded = false;
    EXPECT_EQ(Call(LINUX_NR_GETRANDOM, kData, 16, 0), -LINUX_EAGAIN);
    EXPECT_EQ(Call(LINUX_NR_GETRANDOM, kData, 16, LINUX_GRND_INSECURE), 16);
}

TEST_F(SyscallTest, EveryStatusIsAnErrorCode) {
#define STATUS_NEGATIVE(name, value, text) EXPECT_LE(syscall_error(STATUS_##name), 0) << text;
    STATUS_LIST(STATUS_NEGATIVE)
#undef STATUS_NEGATIVE
    EXPECT_EQ(syscall_error(STATUS_OK), 0);
}

// Every number with every kind of argument that a hostile program has. The sanitizers and the destructor's page count
// watch.
TEST_F(SyscallTest, SurvivesNonsense) {
    const unsigned long interesting[] = {0,
                                         1,
                                         2,
                                         7,
                                         8,
                                         0x1000,
                                         kData,
                                         kData + 0xfff,
                                         kReadOnly,
                                         kNowhere - 1,
                                         kNowhere,
                                         kLimit - 1,
                                         kLimit,
                                         ~0ul,
                                         ~0ul >> 1,
                                         1ul << 63,
                                         0xffffffc000000000,
                                         0x22,
                                         0x32};
    std::vector<unsigned long> numbers = {0, LINUX_NR_LIMIT, ~0ul};
    for (unsigned long number = 0; number < LINUX_NR_LIMIT; number++) {
        if (syscall_find(number, sizeof(long)) != nullptr) {
            numbers.push_back(number);
        }
    }
    std::mt19937 random(1);
    auto pick = [&] { return interesting[random() % std::size(interesting)]; };
    for (int round = 0; round < 200000; round++) {
        unsigned long number = numbers[random() % numbers.size()];
        unsigned long arguments[6] = {pick(), pick(), pick(), pick(), pick(), pick()};
        long result = syscall_dispatch(&process, number, arguments);
        ASSERT_TRUE(result >= -LINUX_ENOSYS || result < -4095) << number << " gave " << result;
        screen.clear();
        process.descriptors = 7;
    }
}

} // namespace
