/*
 * All harts make random calls of the kernel, each of them wrong in some way more often than not. After each call: the
 * result is one that the SBI v3.0 text allows, and no register but a0 and a1 has changed. Now and then, and at the end
 * throughout: the guest's memory is as it was left.
 *
 * What is legal and takes a hart away is done, too: harts stop and suspend themselves, and each other's calls and hart
 * 0, which never does, bring them back; they go on with the call after that.
 *
 * Boot arguments: seed=N; count=N, calls of each hart; first=N, the number of the first one. A failure names hart and
 * number, and the arguments seed=, first= and count=1 do the same call again.
 */
#include "tests/guests/chaos.h"

#include "tests/guests/innocent.h"
#include "tests/guests/tickets.h"

enum {
    COUNT_DEFAULT = 1000,
    KEEP_EVERY = 16,      /* calls of hart 0 between looks at the others */
    LOOK_EVERY = 64,      /* calls between looks at memory, */
    LOOK_WORDS = 1024,    /* at so many words */
    SAY_EVERY = 1u << 18, /* calls of all */
    END_MS = 1,           /* between looks whether the others are done */
    SP = 2,
    A0 = 10,
    A1 = 11,
    A6 = 16,
    A7 = 17,
    SCRATCH = 31,
};

/* What goes on when a hart is started anew. */
struct worker {
    uint32_t number; /* of the next call */
    uint32_t is_done;
};

static struct worker workers[HART_COUNT_MAX];
static uint32_t seed;
static uint32_t end;

void sbi_call_registers(unsigned long *x); /* sbi_registers.S */

static uint32_t pattern(const volatile uint32_t *word) {
    return (uint32_t)(uintptr_t)word * 2654435761u;
}

static void fill_memory(void) {
    volatile uint32_t *memory_end = (volatile uint32_t *)machine_free_end();
    for (volatile uint32_t *word = (volatile uint32_t *)machine_free_start(); word < memory_end; word++) {
        *word = pattern(word);
    }
}

static size_t memory_words(void) {
    return (machine_free_end() - machine_free_start()) / sizeof(uint32_t);
}

/* So many words, from one on. */
static void look_at_memory(size_t first, size_t count) {
    const volatile uint32_t *word = (const volatile uint32_t *)machine_free_start() + first;
    for (size_t index = 0; index < count; index++, word++) {
        check_quietly(*word == pattern(word), "memory at %p is as it was left", (const void *)(uintptr_t)word);
    }
}

static void say_failure(const struct call *call, const struct worker *worker, struct sbi_result result,
                        const char *what) {
    const unsigned long *a = call->arguments;
    check_quietly(false,
                  "%s: seed=%u hart %lu first=%u: SBI 0x%lx, 0x%lx (0x%lx, 0x%lx, 0x%lx, 0x%lx): error %ld, 0x%lx",
                  what, (unsigned)seed, hart_self()->id, (unsigned)worker->number, call->extension, call->function,
                  a[0], a[1], a[2], a[3], result.error, result.value);
}

static bool is_allowed(const struct call *call, long error) {
    return error <= 0 && error > -32 && (call->may_return & CALL_ERROR(error)) != 0;
}

/* "All registers except a0 & a1 must be preserved across an SBI call by the callee." */
static bool call_and_compare(const struct call *call, struct random *random, struct sbi_result *out_result) {
    unsigned long x[32], before[32];
    for (unsigned index = 0; index < 32; index++) {
        x[index] = random_long(random);
    }
    memcpy(x + A0, call->arguments, sizeof call->arguments);
    x[A6] = call->function;
    x[A7] = call->extension;
    memcpy(before, x, sizeof x);
    sbi_call_registers(x);
    *out_result = (struct sbi_result){.error = (long)x[A0], .value = x[A1]};
    x[A0] = before[A0];
    x[A1] = before[A1];
    return memcmp(x, before, sizeof x) == 0;
}

static bool are_csrs_kept(void) {
    return csr_read(sscratch) == (unsigned long)(uintptr_t)hart_self() && csr_read(satp) == 0 &&
           (csr_read(sstatus) & SSTATUS_SIE) == 0 && csr_read(sie) == (INTERRUPT_SOFTWARE | INTERRUPT_TIMER);
}

static void live(void *ticket);

static struct sbi_result make(const struct call *call, struct random *random, bool *out_are_kept) {
    struct sbi_result result;
    *out_are_kept = true;
    if (call->starts) {
        return ticket_start(call->arguments[0], live);
    }
    if (call->suspends) {
        return ticket_suspend(live);
    }
    *out_are_kept = call_and_compare(call, random, &result);
    return result;
}

static void make_one(struct worker *worker) {
    struct random random = random_begin(seed, (uint32_t)hart_self()->id, worker->number);
    struct call call;
    bool are_kept;
    chaos_choose(&call, &random);
    if (random_below(&random, 2) == 0) {
        csr_clear(sip, INTERRUPT_SOFTWARE); /* so that a suspend does not always end at once */
    }
    worker->number++; /* before the call, which may not come back here */
    struct sbi_result result = make(&call, &random, &are_kept);
    worker->number--;
    check_quietly(true, "");
    if (!is_allowed(&call, result.error)) {
        say_failure(&call, worker, result, "not a result of this call");
    }
    if (!are_kept || !are_csrs_kept()) {
        say_failure(&call, worker, result, "a register changed");
    }
    worker->number++;
}

static unsigned long status_of(unsigned long id) {
    return SBI(SBI_HSM, SBI_HSM_HART_GET_STATUS, id).value;
}

/* For hart 0: the others come back. */
static void keep(void) {
    for (uint32_t id = 1; id < machine.hart_count; id++) {
        if (status_of(id) == SBI_HART_SUSPENDED) {
            (void)SBI(SBI_IPI, SBI_IPI_SEND_IPI, 1, id);
        } else if (status_of(id) == SBI_HART_STOPPED && __atomic_load_n(&workers[id].is_done, __ATOMIC_SEQ_CST) == 0) {
            (void)ticket_start(id, live);
        }
    }
}

static void say_progress(void) {
    static uint32_t said;
    uint32_t sum = 0;
    for (uint32_t id = 0; id < machine.hart_count; id++) {
        sum += __atomic_load_n(&workers[id].number, __ATOMIC_RELAXED);
    }
    if (sum - said >= SAY_EVERY) {
        said = sum;
        print("%u calls so far", (unsigned)sum);
    }
}

static void work(struct worker *worker) {
    bool is_keeper = hart_self()->id == 0;
    while (worker->number != end) {
        make_one(worker);
        if (worker->number % LOOK_EVERY == 0) {
            look_at_memory(worker->number / LOOK_EVERY * LOOK_WORDS % (memory_words() - LOOK_WORDS), LOOK_WORDS);
        }
        if (is_keeper && worker->number % KEEP_EVERY == 0) {
            keep();
            say_progress();
        }
    }
}

static void live(void *argument) {
    struct worker *worker = &workers[hart_self()->id];
    ticket_arrive(argument);
    csr_write(sie, INTERRUPT_SOFTWARE | INTERRUPT_TIMER);
    work(worker);
    __atomic_store_n(&worker->is_done, 1, __ATOMIC_SEQ_CST);
}

static bool are_all_done(void) {
    for (uint32_t id = 1; id < machine.hart_count; id++) {
        bool is_done = __atomic_load_n(&workers[id].is_done, __ATOMIC_SEQ_CST) != 0;
        if (!is_done || status_of(id) != SBI_HART_STOPPED) {
            return false;
        }
    }
    return true;
}

/* Twice in a row: somebody who was still at it may have started somebody who was not any more. */
static void wait_until_all_are_done(void) {
    unsigned quiet = 0;
    while (quiet < 2) {
        keep();
        say_progress();
        quiet = are_all_done() ? quiet + 1 : 0;
        timer_wait_ms(END_MS);
    }
}

void payload_main(void) {
    uint32_t first = (uint32_t)machine_number("first", 0);
    seed = (uint32_t)machine_number("seed", 1);
    end = first + (uint32_t)machine_number("count", COUNT_DEFAULT);
    chaos_prepare_text();
    fill_memory();
    for (uint32_t id = 0; id < machine.hart_count; id++) {
        workers[id].number = first;
    }
    while (timer_now() < timer_ticks_of_ms(INNOCENT_READY_MS)) {
    }
    csr_write(sie, INTERRUPT_SOFTWARE | INTERRUPT_TIMER);
    keep();
    work(&workers[0]);
    wait_until_all_are_done();
    check_quietly(ticket_all_arrived(), "every start that succeeded brought a hart");
    look_at_memory(0, memory_words());
    print("\n%u harts made %u calls each, seed %u", machine.hart_count, (unsigned)(end - first), (unsigned)seed);
}
