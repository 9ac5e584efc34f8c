/*
 * An innocent guest, for tests in which others attack it. Each of its harts goes round its part of the memory, looks
 * whether all of it is as it was left, and leaves it different: so much for its memory. Each block of that takes
 * equally many instructions; how long one takes that nothing comes in between is seen before the attack begins. So the
 * number of blocks says how much of a hart the guest had.
 *
 * That is for -icount and one hart. With several the time of all passes when one of them runs, and only the kernel can
 * tell.
 *
 * Boot arguments: share=N, what it was promised in thousandths of a hart; ms=N, how long it looks at least; "long":
 * until a key is typed. Attacks begin after INNOCENT_READY_MS.
 */
#include "tests/guests/innocent.h"

#include "tests/guests/runtime/payload.h"

enum {
    MS_DEFAULT = 1000,
    WINDOW_MS = 500,    /* it has to have its share in each of these, not only on average */
    KEPT_PERCENT = 95,  /* of what was promised */
    BLOCK_WORDS = 2048, /* about 0.2 ms of work with -icount shift=3 */
    BLOCKS_MAX = 512,   /* 4 MiB */
    TRIALS = 20,        /* blocks at least, to see how long one takes */
    PAUSE_MS = 100,     /* before it begins to measure: many periods of a reservation */
    CACHE_LINE = 64,
};

/* What belongs to one hart. Others may read the second half. */
struct part {
    alignas(CACHE_LINE) volatile uint32_t *words;
    uint32_t block_count;

    uint32_t done;    /* blocks, one after the other, round and round */
    uint32_t fastest; /* ticks */
    uint32_t changed; /* words that were not as they had been left */
    const volatile void *first_changed;
};

struct window {
    uint64_t begin;
    uint32_t done;
};

/* In thousandths. */
struct shares {
    uint32_t all;
    uint32_t worst;
    uint32_t worst_at_ms;
};

static struct part parts[HART_COUNT_MAX];
static uint64_t begin; /* when all harts begin to measure */
static uint32_t begin_is_known;
static uint32_t is_over;

/* Different for each word and round, so that a copy from elsewhere or of another time shows, too. */
static uint32_t pattern(const volatile uint32_t *word, uint32_t round) {
    return (uint32_t)(uintptr_t)word * 2654435761u + round;
}

static void note_changed(struct part *part, const volatile uint32_t *word) {
    if (part->changed++ == 0) {
        part->first_changed = word;
    }
}

static void look_at_block(struct part *part) {
    uint32_t round = part->done / part->block_count;
    volatile uint32_t *word = part->words + part->done % part->block_count * BLOCK_WORDS;
    for (volatile uint32_t *end = word + BLOCK_WORDS; word < end; word++) {
        if (*word != pattern(word, round)) {
            note_changed(part, word);
        }
        *word = pattern(word, round + 1);
    }
}

static void work(struct part *part) {
    uint64_t before = timer_now();
    look_at_block(part);
    uint64_t ticks = timer_now() - before;
    if (ticks < part->fastest) {
        __atomic_store_n(&part->fastest, (uint32_t)ticks, __ATOMIC_RELAXED);
    }
    __atomic_store_n(&part->done, part->done + 1, __ATOMIC_RELAXED);
}

static void fill(struct part *part) {
    for (volatile uint32_t *word = part->words; word < part->words + part->block_count * BLOCK_WORDS; word++) {
        *word = pattern(word, 0);
    }
}

/* Not in WFI, which the kernel does not see of a guest that is alone: when this wait ends, a new period begins. */
static void suspend_until(uint64_t deadline) {
    csr_write(sie, INTERRUPT_TIMER);
    timer_set(deadline);
    while (timer_now() < deadline) {
        check_quietly(SBI(SBI_HSM, SBI_HSM_HART_SUSPEND, 0).error == SBI_SUCCESS, "a hart suspends");
    }
    timer_set(TIMER_NEVER);
}

static void work_until_over(void *argument) {
    struct part *part = argument;
    fill(part);
    while (__atomic_load_n(&begin_is_known, __ATOMIC_ACQUIRE) == 0) {
        work(part);
    }
    suspend_until(begin);
    while (__atomic_load_n(&is_over, __ATOMIC_RELAXED) == 0) {
        work(part);
    }
}

static void divide_memory(void) {
    size_t size = machine_free_end() - machine_free_start();
    size_t blocks = size / sizeof(uint32_t) / BLOCK_WORDS;
    blocks = (blocks < BLOCKS_MAX ? blocks : BLOCKS_MAX) / machine.hart_count;
    for (uint32_t id = 0; id < machine.hart_count; id++) {
        parts[id].words = (volatile uint32_t *)machine_free_start() + id * blocks * BLOCK_WORDS;
        parts[id].block_count = (uint32_t)blocks;
        parts[id].fastest = UINT32_MAX;
    }
}

static uint32_t blocks_done(void) {
    uint32_t done = 0;
    for (uint32_t id = 0; id < machine.hart_count; id++) {
        done += __atomic_load_n(&parts[id].done, __ATOMIC_RELAXED);
    }
    return done;
}

static uint32_t ticks_of_block(void) {
    uint32_t ticks = UINT32_MAX;
    for (uint32_t id = 0; id < machine.hart_count; id++) {
        uint32_t fastest = __atomic_load_n(&parts[id].fastest, __ATOMIC_RELAXED);
        ticks = fastest < ticks ? fastest : ticks;
    }
    return ticks;
}

static struct window window_open(uint64_t now) {
    return (struct window){.begin = now, .done = blocks_done()};
}

static uint32_t window_share(const struct window *window, uint64_t now) {
    uint64_t worked = (uint64_t)(blocks_done() - window->done) * ticks_of_block();
    return (uint32_t)(worked * 1000 / (now - window->begin));
}

static void note_share(struct shares *shares, const struct window *window, uint64_t now) {
    uint32_t share = window_share(window, now);
    if (share < shares->worst) {
        shares->worst = share;
        shares->worst_at_ms = (uint32_t)(window->begin / timer_ticks_of_ms(1));
    }
}

static struct shares measure(void) {
    struct shares shares = {.worst = UINT32_MAX};
    uint64_t now = timer_now();
    uint64_t end = now + timer_ticks_of_ms((unsigned)machine_number("ms", MS_DEFAULT));
    bool is_told = !machine_has_word("long");
    const struct window whole = window_open(now);
    struct window window = whole;
    while (now < end || !is_told) {
        work(&parts[0]);
        now = timer_now();
        if (now - window.begin >= timer_ticks_of_ms(WINDOW_MS)) {
            note_share(&shares, &window, now);
            window = window_open(now);
            is_told = is_told || uart_get() >= 0;
        }
    }
    shares.all = window_share(&whole, now);
    return shares;
}

static void check_memory(void) {
    for (uint32_t id = 0; id < machine.hart_count; id++) {
        const struct part *part = &parts[id];
        check_quietly(part->done > part->block_count, "all memory of hart %u was looked at: %u of %u blocks",
                      (unsigned)id, (unsigned)part->done, (unsigned)part->block_count);
        check_quietly(part->changed == 0, "memory is as it was left: %u words are not, the first at %p",
                      (unsigned)part->changed, (const void *)(uintptr_t)part->first_changed);
    }
}

/* For hart 0, which says when. */
static void begin_together(void) {
    fill(&parts[0]);
    while (timer_now() < timer_ticks_of_ms(INNOCENT_READY_MS - 2 * PAUSE_MS) || parts[0].done < TRIALS) {
        work(&parts[0]);
    }
    begin = timer_now() + timer_ticks_of_ms(PAUSE_MS);
    __atomic_store_n(&begin_is_known, 1, __ATOMIC_RELEASE);
    suspend_until(begin);
}

void payload_main(void) {
    divide_memory();
    for (uint32_t id = 1; id < machine.hart_count; id++) {
        check_equal((unsigned long)hart_run(id, work_until_over, &parts[id]), SBI_SUCCESS, "a hart starts");
    }
    begin_together();
    print("a block takes %u ticks", (unsigned)ticks_of_block());
    struct shares shares = measure();
    __atomic_store_n(&is_over, 1, __ATOMIC_RELAXED);
    check_memory();
    unsigned long promised = (unsigned long)machine_number("share", 0);
    print("had %u of 1000 in all", (unsigned)shares.all);
    check(shares.worst * 100ul >= promised * KEPT_PERCENT, "%u of 1000 in the worst %u ms, at %u ms; promised %lu",
          (unsigned)shares.worst, WINDOW_MS, (unsigned)shares.worst_at_ms, promised);
}
