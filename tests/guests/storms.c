/*
 * All harts at once do one thing, as often as they can, which costs the kernel work: IPIs, fences, timers, traps,
 * sleep, output. The boot arguments name the storms, which come one after the other (all, if they name none), and how
 * long each takes: ms=N. Each is checked to have done something.
 */
#include "tests/guests/innocent.h"
#include "tests/guests/runtime/payload.h"

enum { MS_DEFAULT = 600, NEAR_TICKS = 40 };

#define NOBODYS 0x1000ul /* QEMU's boot ROM */

/* What a storm has done; of one hart. */
struct tally {
    uint32_t rounds;
    uint32_t effects; /* IPIs that came, traps that were taken, ... */
};

static struct tally tallies[HART_COUNT_MAX];
static uint32_t done; /* harts that have been through all storms */

static void expect_success(struct sbi_result result, const char *what) {
    check_quietly(result.error == SBI_SUCCESS, "%s: error %ld", what, result.error);
}

static uint32_t is_pending(unsigned long interrupt) {
    return (csr_read(sip) & interrupt) != 0;
}

static void storm_ipi(struct tally *tally) {
    expect_success(SBI(SBI_IPI, SBI_IPI_SEND_IPI, 0, -1ul), "an IPI to all");
    tally->effects += is_pending(INTERRUPT_SOFTWARE);
    csr_clear(sip, INTERRUPT_SOFTWARE);
}

static void storm_fence(struct tally *tally) {
    static const struct {
        unsigned long function, start, size;
    } fences[] = {
        {SBI_RFENCE_FENCE_I, 0, 0},
        {SBI_RFENCE_SFENCE_VMA, 0, -1ul},
        {SBI_RFENCE_SFENCE_VMA, 0x1000, 0x40000},
        {SBI_RFENCE_SFENCE_VMA, 0x1001, 1},
        {SBI_RFENCE_SFENCE_VMA_ASID, 0, 0},
        {SBI_RFENCE_SFENCE_VMA_ASID, -0x1000ul, 0x1000},
    };
    size_t index = tally->rounds % (sizeof fences / sizeof fences[0]);
    expect_success(SBI(SBI_RFENCE, fences[index].function, 0, -1ul, fences[index].start, fences[index].size, 1),
                   "a fence on all");
    tally->effects++;
}

static void take_timer(unsigned long) {
    tallies[hart_self()->id].effects++;
    timer_set(TIMER_NEVER);
}

/* In the past, now, soon: taken as an interrupt each time. */
static void storm_timer(struct tally *tally) {
    hart_self()->on_interrupt = take_timer;
    csr_write(sie, INTERRUPT_TIMER);
    csr_set(sstatus, SSTATUS_SIE);
    timer_set(0);
    timer_set(timer_now());
    timer_set(timer_now() + NEAR_TICKS);
    tally->rounds += 2;
    csr_clear(sstatus, SSTATUS_SIE);
}

static void load_nobodys(void *) {
    (void)*(volatile uint8_t *)NOBODYS;
}

static void jump_to_nobodys(void *) {
    ((void (*)(void))NOBODYS)();
}

static void do_something_illegal(void *) {
    (void)csr_read(mstatus);
}

static void storm_trap(struct tally *tally) {
    static const struct {
        void (*function)(void *);
        unsigned long cause;
    } traps[] = {
        {do_something_illegal, CAUSE_ILLEGAL_INSTRUCTION},
        {load_nobodys, CAUSE_LOAD_ACCESS},
        {jump_to_nobodys, CAUSE_FETCH_ACCESS},
    };
    for (size_t index = 0; index < sizeof traps / sizeof traps[0]; index++) {
        struct trap trap = trap_catch(traps[index].function, nullptr);
        check_quietly(trap.came && trap.cause == traps[index].cause, "trap %u comes: %lu", (unsigned)index, trap.cause);
        tally->effects++;
    }
    check_quietly(SBI(0x12345678, 0).error == SBI_ERR_NOT_SUPPORTED, "a call of no extension");
}

/* By the time, not by sip, in which QEMU 7.2 does not show VS-mode its timer. */
static void storm_sleep(struct tally *tally) {
    uint64_t deadline = timer_now() + NEAR_TICKS;
    timer_set(deadline);
    __asm__ volatile("wfi" : : : "memory");
    tally->effects += timer_now() >= deadline;
}

/* Everybody wakes everybody. The timer is for who is the last to sleep. */
static void storm_wake(struct tally *tally) {
    storm_ipi(tally);
    timer_set(timer_now() + timer_ticks_of_ms(1));
    __asm__ volatile("wfi" : : : "memory");
}

static const char noise[] = "~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~\n";

static void storm_dbcn(struct tally *tally) {
    unsigned long at = (unsigned long)(uintptr_t)noise;
    struct sbi_result result = SBI(SBI_DBCN, SBI_DBCN_WRITE, sizeof noise - 1, at);
    expect_success(result, "a line of output");
    tally->effects += result.value != 0;
}

static void storm_byte(struct tally *tally) {
    expect_success(SBI(SBI_DBCN, SBI_DBCN_WRITE_BYTE, noise[tally->rounds % (sizeof noise - 1)]), "a byte of output");
    tally->effects++;
}

static void storm_uart(struct tally *tally) {
    uart_put(noise, sizeof noise - 1);
    tally->effects++;
}

static const struct storm {
    const char *name;
    void (*round)(struct tally *tally);
} storms[] = {
    {"ipi", storm_ipi},   {"fence", storm_fence}, {"timer", storm_timer}, {"trap", storm_trap}, {"sleep", storm_sleep},
    {"wake", storm_wake}, {"dbcn", storm_dbcn},   {"byte", storm_byte},   {"uart", storm_uart},
};

enum { STORM_COUNT = sizeof storms / sizeof storms[0], LATE_ROUNDS_MAX = 1000 };

static bool any_is_named(void) {
    for (size_t index = 0; index < STORM_COUNT; index++) {
        if (machine_has_word(storms[index].name)) {
            return true;
        }
    }
    return false;
}

static void rage(const struct storm *storm, uint64_t end) {
    struct hart *hart = hart_self();
    struct tally *tally = &tallies[hart->id];
    *tally = (struct tally){0};
    csr_write(sie, INTERRUPT_SOFTWARE | INTERRUPT_TIMER);
    /* A hart that did not get to run in time is late, and not excused. */
    do {
        storm->round(tally);
        tally->rounds++;
    } while (timer_now() < end || (tally->effects == 0 && tally->rounds < LATE_ROUNDS_MAX));
    timer_set(TIMER_NEVER);
    check_quietly(tally->rounds > 0 && tally->effects > 0, "hart %lu in the storm \"%s\": %u rounds, %u effects",
                  hart->id, storm->name, (unsigned)tally->rounds, (unsigned)tally->effects);
}

/* All harts look at the same clock, so each storm is one of all harts. */
static void rage_in_turn(void *) {
    uint64_t end = timer_ticks_of_ms(INNOCENT_READY_MS);
    uint64_t duration = timer_ticks_of_ms((unsigned)machine_number("ms", MS_DEFAULT));
    bool all = !any_is_named();
    timer_wait_until(end);
    for (size_t index = 0; index < STORM_COUNT; index++) {
        if (all || machine_has_word(storms[index].name)) {
            end += duration;
            rage(&storms[index], end);
        }
    }
    __atomic_add_fetch(&done, 1, __ATOMIC_SEQ_CST);
}

static void say_rounds(void) {
    for (uint32_t id = 0; id < machine.hart_count; id++) {
        print("hart %u: %u rounds of the last storm", (unsigned)id, (unsigned)tallies[id].rounds);
    }
}

void payload_main(void) {
    for (unsigned long id = 1; id < machine.hart_count; id++) {
        check_equal((unsigned long)hart_run(id, rage_in_turn, nullptr), SBI_SUCCESS, "a hart starts");
    }
    rage_in_turn(nullptr);
    while (__atomic_load_n(&done, __ATOMIC_SEQ_CST) < machine.hart_count) {
        timer_wait_ms(1);
    }
    print_text("\n", 1);
    say_rounds();
}
