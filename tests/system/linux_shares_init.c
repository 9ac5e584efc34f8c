/*
 * The first program of a Linux that shares harts with others: a process on each of its harts computes, and counts its
 * rounds in a window of ten seconds of the machine's time, which is the same for all guests and begins when all have
 * booted. It says when the window begins and when it is over, so that a test can look at the kernel's counters in
 * between, and goes on for a while after that.
 */
#define _GNU_SOURCE /* sched_setaffinity */

#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

/* Milliseconds of the machine's time, since its reset. */
enum { BEGIN_MS = 60000, END_MS = 70000, LAST_MS = 76000, LEAD_MS = 200 };
enum { TICKS_PER_MS = 10000, CPUS_MAX = 8 };

static uint64_t now_ms(void) {
    uint64_t ticks;
    __asm__ volatile("rdtime %0" : "=r"(ticks));
    return ticks / TICKS_PER_MS;
}

static void need(int holds, const char *what) {
    if (!holds) {
        perror(what);
        reboot(RB_POWER_OFF);
    }
}

static void sleep_until(uint64_t ms) {
    while (now_ms() < ms) {
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, nullptr);
    }
}

static uint64_t count_until(uint64_t ms) {
    uint64_t rounds = 0;
    while (now_ms() < ms) {
        rounds++;
    }
    return rounds;
}

static void compute_on(unsigned cpu, volatile uint64_t *out_rounds) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    need(sched_setaffinity(0, sizeof set, &set) == 0, "sched_setaffinity");
    sleep_until(BEGIN_MS - LEAD_MS);
    count_until(BEGIN_MS);
    *out_rounds = count_until(END_MS);
    count_until(LAST_MS);
    _exit(0);
}

/* Waits until it has gone out: what follows may be the end. */
static void say(const char *text) {
    puts(text);
    tcdrain(STDOUT_FILENO);
}

int main(void) {
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    volatile uint64_t *rounds =
        mmap(nullptr, CPUS_MAX * sizeof *rounds, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    need(rounds != MAP_FAILED && cpus <= CPUS_MAX && now_ms() < BEGIN_MS - LEAD_MS, "time, memory or harts");
    for (unsigned cpu = 0; cpu < (unsigned)cpus; cpu++) {
        pid_t child = fork();
        need(child >= 0, "fork");
        if (child == 0) {
            compute_on(cpu, &rounds[cpu]);
        }
    }
    printf("booted after %u ms\n", (unsigned)now_ms());
    sleep_until(BEGIN_MS);
    say("the window begins");
    sleep_until(END_MS);
    say("the window is over");
    uint64_t sum = 0;
    for (unsigned cpu = 0; cpu < (unsigned)cpus; cpu++) {
        need(wait(nullptr) > 0, "wait");
    }
    for (unsigned cpu = 0; cpu < (unsigned)cpus; cpu++) {
        sum += rounds[cpu];
    }
    printf("had %llu rounds\n", (unsigned long long)sum);
    tcdrain(STDOUT_FILENO);
    reboot(RB_POWER_OFF);
    return EXIT_FAILURE;
}
