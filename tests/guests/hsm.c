/*
 * All harts start, stop, suspend, wake and ask about each other at random, at the same time, and keep books: no two
 * starts of a hart succeed without a stop between them; each brings it to life once, where it was told and with the
 * ticket that it was given (tickets.h); a hart that says that it is stopped or suspended has asked for that; whoever
 * sleeps is woken.
 *
 * Needs two to four harts. Hart 0 lives throughout. Boot arguments: seed=N; ms=N, how long.
 */
#include "tests/guests/innocent.h"
#include "tests/guests/runtime/random.h"
#include "tests/guests/tickets.h"

enum { MS_DEFAULT = 600, SLEEP_TICKS = 500, LIVES_MS = 1, EARLY_MAX = 2, EARLY_ONE_OF = 50 };

#define SUSPEND_RETENTIVE 0ul

/* The books of a hart; all atomic. What it does itself is written down before it does it. */
struct books {
    uint32_t started; /* by those who started it, afterwards */
    uint32_t lives;
    uint32_t stopped;   /* a hart that has not been started yet is stopped once */
    uint32_t suspended; /* odd: it is about to be suspended, or is, or has just been */
    uint32_t early;     /* how often it woke up without a reason that can be seen */
    uint32_t step;      /* its own: where it is in its random numbers */
    uint64_t wake_at;   /* its own: when its timer goes off */
};

static struct books books[HART_COUNT_MAX];
static uint32_t seed;
static uint64_t end;

static uint32_t read(const uint32_t *count) {
    return __atomic_load_n(count, __ATOMIC_SEQ_CST);
}

static uint32_t add(uint32_t *count) {
    return __atomic_add_fetch(count, 1, __ATOMIC_SEQ_CST);
}

static struct books *own_books(void) {
    return &books[hart_self()->id];
}

static void live(void *ticket);
static void resume(void *ticket);

static void start_somebody(uint32_t id) {
    if (id == hart_self()->id) {
        long error = SBI(SBI_HSM, SBI_HSM_HART_START, id, hart_entry_address()).error;
        check_quietly(error == SBI_ERR_ALREADY_AVAILABLE, "a hart does not start itself: %ld", error);
        return;
    }
    long error = ticket_start(id, live).error;
    if (error == SBI_SUCCESS) {
        uint32_t started = add(&books[id].started);
        uint32_t stopped = read(&books[id].stopped);
        check_quietly(stopped >= started, "hart %u is started for the %uth time and was stopped %u times", (unsigned)id,
                      (unsigned)started, (unsigned)stopped);
    } else {
        check_quietly(error == SBI_ERR_ALREADY_AVAILABLE, "a hart that cannot be started is there: %ld", error);
    }
}

static void ask_about_somebody(uint32_t id) {
    uint32_t started = read(&books[id].started);
    uint32_t suspended = read(&books[id].suspended);
    struct sbi_result result = SBI(SBI_HSM, SBI_HSM_HART_GET_STATUS, id);
    bool may_be_suspended = suspended % 2 == 1 || read(&books[id].suspended) != suspended;
    uint32_t stopped = read(&books[id].stopped);
    bool is_own = id == hart_self()->id;
    check_quietly(result.error == SBI_SUCCESS && result.value <= SBI_HART_RESUME_PENDING, "a state: %ld, %lu",
                  result.error, result.value);
    check_quietly(!is_own || result.value == SBI_HART_STARTED, "whoever asks is started: %lu", result.value);
    check_quietly(result.value != SBI_HART_STOPPED || stopped > started,
                  "hart %u is stopped: it was started %u times and has stopped %u times", (unsigned)id,
                  (unsigned)started, (unsigned)stopped);
    check_quietly(result.value != SBI_HART_SUSPENDED || may_be_suspended,
                  "hart %u is suspended and has not asked for it", (unsigned)id);
}

/* At a time of its own at the latest, or when somebody sends an IPI. */
static void prepare_to_sleep(struct random *random) {
    csr_clear(sip, INTERRUPT_SOFTWARE);
    own_books()->wake_at = timer_now() + random_below(random, SLEEP_TICKS);
    timer_set(own_books()->wake_at);
    add(&own_books()->suspended);
}

static void wake_up(void) {
    add(&own_books()->suspended);
    /* By the clock, not by sip, where a timer may take a moment to show; and where one that has been set anew may still
     * show: QEMU's timers run beside its harts. So it is not said of each time that it has a reason. */
    if ((csr_read(sip) & INTERRUPT_SOFTWARE) == 0 && timer_now() < own_books()->wake_at) {
        add(&own_books()->early);
    }
}

static void sleep(struct random *random) {
    prepare_to_sleep(random);
    long error = SBI(SBI_HSM, SBI_HSM_HART_SUSPEND, SUSPEND_RETENTIVE).error;
    check_quietly(error == SBI_SUCCESS, "a retentive suspend returns: %ld", error);
    wake_up();
}

/* Hart 0 has something to come back to. */
static void sleep_deeply(struct random *random) {
    if (hart_self()->id == 0) {
        return;
    }
    prepare_to_sleep(random);
    long error = ticket_suspend(resume).error;
    check_quietly(false, "a non-retentive suspend does not return: %ld", error);
}

static void stop(void) {
    if (hart_self()->id != 0) {
        add(&own_books()->stopped);
        long error = SBI(SBI_HSM, SBI_HSM_HART_STOP).error;
        check_quietly(false, "a hart that stops does not go on: %ld", error);
    }
}

static void disturb_all(void) {
    bool sent = SBI(SBI_IPI, SBI_IPI_SEND_IPI, 0, -1ul).error == SBI_SUCCESS;
    bool fenced = SBI(SBI_RFENCE, SBI_RFENCE_SFENCE_VMA, 0, -1ul, 0, -1ul).error == SBI_SUCCESS;
    check_quietly(sent && fenced, "IPIs and fences go to harts in every state");
}

static void act(void) {
    struct random random = random_begin(seed, (uint32_t)hart_self()->id, own_books()->step++);
    uint32_t id = random_below(&random, machine.hart_count);
    switch (random_below(&random, 8)) {
    case 0:
        stop();
        break;
    case 1:
        sleep(&random);
        break;
    case 2:
        sleep_deeply(&random);
        break;
    case 3:
        disturb_all();
        break;
    case 4:
    case 5:
        ask_about_somebody(id);
        break;
    default:
        start_somebody(id);
        break;
    }
}

static void act_until_end(void) {
    while (timer_now() < end) {
        act();
    }
    add(&own_books()->stopped); /* it returns, and stops */
}

static void check_arrival(struct ticket *ticket) {
    ticket_arrive(ticket);
    check_quietly(csr_read(satp) == 0 && (csr_read(sstatus) & SSTATUS_SIE) == 0,
                  "a hart arrives with translation and interrupts off");
    csr_write(sie, INTERRUPT_SOFTWARE | INTERRUPT_TIMER);
}

static void live(void *argument) {
    uint32_t lives = add(&own_books()->lives);
    uint32_t stopped = read(&own_books()->stopped);
    check_quietly(lives == stopped, "hart %lu lives for the %uth time and has stopped %u times", hart_self()->id,
                  (unsigned)lives, (unsigned)stopped);
    check_arrival(argument);
    act_until_end();
}

static void resume(void *argument) {
    check_quietly(read(&own_books()->suspended) % 2 == 1, "hart %lu resumes from a suspend", hart_self()->id);
    check_arrival(argument);
    wake_up();
    act_until_end();
}

/* How often all together were started, if they are stopped; else 0. */
static uint32_t starts_if_all_are_stopped(void) {
    uint32_t starts = 1;
    for (uint32_t id = 1; id < machine.hart_count; id++) {
        if (SBI(SBI_HSM, SBI_HSM_HART_GET_STATUS, id).value != SBI_HART_STOPPED) {
            return 0;
        }
        starts += read(&books[id].started);
    }
    return starts;
}

/* The same twice: one that was found stopped may have been started by one that was not yet. */
static void wait_until_all_are_stopped(void) {
    uint32_t before = 0;
    for (uint32_t starts = 0; starts == 0 || starts != before; starts = starts_if_all_are_stopped()) {
        before = starts;
        timer_wait_ms(LIVES_MS);
    }
}

static void check_sleep(uint32_t id) {
    uint32_t sleeps = books[id].suspended / 2;
    check(books[id].early <= EARLY_MAX + sleeps / EARLY_ONE_OF, "hart %u woke up without a reason %u times of %u",
          (unsigned)id, (unsigned)books[id].early, (unsigned)sleeps);
}

static void check_books(void) {
    check_sleep(0);
    for (uint32_t id = 1; id < machine.hart_count; id++) {
        const struct books *book = &books[id];
        check_equal(book->lives, book->started, "a hart lived as often as it was started");
        check_equal(book->stopped, book->lives + 1, "and stopped as often");
        print("hart %u lived %u times and was suspended %u times", (unsigned)id, (unsigned)book->lives,
              (unsigned)book->suspended / 2);
        check(book->lives > 1 && book->suspended > 0, "which is something");
        check_sleep(id);
    }
    check(ticket_all_arrived(), "every ticket that was good has been used");
}

void payload_main(void) {
    seed = (uint32_t)machine_number("seed", 1);
    end = timer_ticks_of_ms(INNOCENT_READY_MS + (unsigned)machine_number("ms", MS_DEFAULT));
    for (uint32_t id = 1; id < machine.hart_count; id++) {
        books[id].stopped = 1;
    }
    timer_wait_until(timer_ticks_of_ms(INNOCENT_READY_MS));
    csr_write(sie, INTERRUPT_SOFTWARE | INTERRUPT_TIMER);
    act_until_end();
    wait_until_all_are_stopped();
    check_books();
    for (uint32_t id = 1; id < machine.hart_count; id++) {
        start_somebody(id);
    }
    wait_until_all_are_stopped();
    check_books();
}
