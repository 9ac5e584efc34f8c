/*
 * The first program of the Linux that is measured, under ours and under OpenSBI: says when it was reached, measures
 * what Linux does every day, and powers off. All by instret, which counts every instruction of the machine: the
 * program's, Linux's and the kernel's below it (trampoline.c makes sure of that), but not the time that passes idle.
 * Lines for linux.awk: "bench NAME NUMBER", in instructions.
 */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

enum { PAGE_SIZE = 4096 };
enum { SETTLE_SECONDS = 3, CALL_COUNT = 20000, FAULT_COUNT = 8192, FORK_COUNT = 1000, ROUND_TRIP_COUNT = 2000 };

/* A round of spin(): 16 times addi and bnez, and 4 more. */
enum {
    INNER_COUNT = 16,
    ROUND_INSTRUCTIONS = 2 * INNER_COUNT + 4,
    TIMER_PERIOD_US = 1000,
    SPIN_INSTRUCTIONS = 300000000,
    MS_INSTRUCTIONS = 1000000
};

static uint64_t now(void) {
    uint64_t instructions;
    __asm__ volatile("csrr %0, instret" : "=r"(instructions) : : "memory");
    return instructions;
}

static void need(int holds, const char *what) {
    if (!holds) {
        perror(what);
        reboot(RB_POWER_OFF);
    }
}

/* Waits until it has gone out, so that no printing disturbs what is measured next. */
static void say(const char *name, uint64_t instructions, uint64_t count) {
    printf("bench %s %.1f\n", name, (double)instructions / (double)count);
    tcdrain(STDOUT_FILENO);
}

static void measure_getpid(void) {
    uint64_t start = now();
    for (unsigned index = 0; index < CALL_COUNT; index++) {
        syscall(SYS_getpid);
    }
    say("getpid", now() - start, CALL_COUNT);
}

/* Pages that were never there before: each is a fault, a page found and cleared. */
static void measure_fault(void) {
    size_t size = (size_t)FAULT_COUNT * PAGE_SIZE;
    volatile char *memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    need(memory != MAP_FAILED && madvise((void *)memory, size, MADV_NOHUGEPAGE) == 0, "mmap");
    uint64_t start = now();
    for (size_t offset = 0; offset < size; offset += PAGE_SIZE) {
        memory[offset] = 1;
    }
    say("page_fault", now() - start, FAULT_COUNT);
    munmap((void *)memory, size);
}

static void measure_fork(void) {
    uint64_t start = now();
    for (unsigned index = 0; index < FORK_COUNT; index++) {
        int status;
        pid_t child = fork();
        if (child == 0) {
            _exit(0);
        }
        need(child > 0 && waitpid(child, &status, 0) == child, "fork");
    }
    say("fork_exit_wait", now() - start, FORK_COUNT);
}

static void pass(int from, int to) {
    char byte;
    need(read(from, &byte, 1) == 1 && write(to, &byte, 1) == 1, "pipe");
}

/* Two processes that wait for each other: four system calls and two switches a round trip. */
static void measure_pipe(void) {
    int there[2], back[2];
    need(pipe(there) == 0 && pipe(back) == 0, "pipe");
    pid_t child = fork();
    if (child == 0) {
        for (unsigned index = 0; index < ROUND_TRIP_COUNT + 1; index++) {
            pass(there[0], back[1]);
        }
        _exit(0);
    }
    need(child > 0 && write(there[1], "", 1) == 1, "fork");
    pass(back[0], there[1]); /* the child runs */
    uint64_t start = now();
    for (unsigned index = 0; index < ROUND_TRIP_COUNT - 1; index++) {
        pass(back[0], there[1]);
    }
    say("pipe_round_trip", now() - start, ROUND_TRIP_COUNT - 1);
    need(waitpid(child, nullptr, 0) == child, "waitpid");
}

static volatile sig_atomic_t alarms;

static void on_alarm(int) {
    alarms = alarms + 1;
}

/* Computes until then; returns the rounds. */
static uint64_t spin(uint64_t end) {
    uint64_t time, rounds = 0;
    __asm__ volatile(".option push\n"
                     ".option norvc\n"
                     "1: li t0, %[inner]\n"
                     "2: addi t0, t0, -1\n"
                     "   bnez t0, 2b\n"
                     "   csrr %[time], instret\n"
                     "   addi %[rounds], %[rounds], 1\n"
                     "   bltu %[time], %[end], 1b\n"
                     ".option pop\n"
                     : [time] "=&r"(time), [rounds] "+&r"(rounds)
                     : [inner] "i"(INNER_COUNT), [end] "r"(end)
                     : "t0");
    return rounds;
}

/* What the rest of the machine needs while a program computes: Linux's ticks and its polls of the UART, and timers. */
static uint64_t measure_spin(void) {
    uint64_t start = now();
    uint64_t own = spin(start + SPIN_INSTRUCTIONS) * ROUND_INSTRUCTIONS;
    return now() - start - own;
}

/*
 * The same program, interrupted by its interval timer every millisecond: the interrupt, the signal, its handler, and
 * setting the timer again.
 */
static void measure_timer(void) {
    struct itimerval every = {{0, TIMER_PERIOD_US}, {0, TIMER_PERIOD_US}};
    uint64_t background = measure_spin();
    signal(SIGALRM, on_alarm);
    need(setitimer(ITIMER_REAL, &every, nullptr) == 0, "setitimer");
    uint64_t taken = measure_spin();
    need(setitimer(ITIMER_REAL, &(struct itimerval){0}, nullptr) == 0, "setitimer");
    say("background_of_1_ms", background, SPIN_INSTRUCTIONS / MS_INSTRUCTIONS);
    say("timer", taken - background, (uint64_t)alarms);
}

int main(void) {
    uint64_t reached = now();
    sleep(SETTLE_SECONDS);
    uint64_t settled = now();
    measure_getpid();
    measure_fault();
    measure_fork();
    measure_pipe();
    measure_timer();
    say("init_reached", reached, 1);
    say("all_settled", settled, 1);
    reboot(RB_POWER_OFF);
    return EXIT_FAILURE;
}
