/*
 * More harts than the machine has, which work and wait by turns, so that they go from one of the machine's harts to
 * another all the time. Meanwhile each keeps values in all its registers, has its timer, sends interrupts to the others
 * and asks them for fences; and every one looks whether what it was promised is so wherever it is.
 */
#include "tests/guests/runtime/payload.h"

#include "tests/guests/race_tables.h"

enum {
    ROUNDS = 150,
    TRIES = 3000,
    VERSIONS = 2048,
    REGISTERS = 32,
    HELD = 30,
    FUNCTIONS = 64,
    EARLY_MAX = 8, /* of all, of which there are many hundreds */
    CODE_A0 = 0x513,
    CODE_RET = 0x8067
};

/* nomads_registers.S */
struct nomads_area {
    unsigned long values[REGISTERS];
    unsigned long seen[REGISTERS];
    unsigned long sp;
};
void nomads_hold_working(struct nomads_area *area);
void nomads_hold_waiting(struct nomads_area *area);

/* fp_registers.S */
void fp_registers_write(const uint64_t *values, unsigned long fcsr);
unsigned long fp_registers_read(uint64_t *out_values);

struct nomad {
    struct nomads_area area;
    uint64_t random_state;
    uint32_t asked;    /* atomic: interrupts that others have sent */
    uint32_t answered; /* atomic: of these, when it last took one */
};

static struct nomad nomads[HART_COUNT_MAX];

/* What is changed for all: a page behind the window, and a function. */
static struct {
    uint8_t is_changing; /* atomic, a lock */
    uint32_t page;       /* atomic: the version that all see since the last fence */
    uint32_t code;       /* atomic: likewise */
} version;

/* So many that no hart executes the one that is written: QEMU would go on with what it had translated in between. */
static uint32_t code[FUNCTIONS][2];

static bool has_sstc;
static uint32_t early_count; /* atomic: timers that were pending before their time */

static uint32_t begun; /* atomic: harts; an interrupt for one that has not would be nobody's */
static uint32_t ended; /* atomic */

static unsigned long random_of(struct nomad *nomad) {
    uint64_t state = nomad->random_state;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    nomad->random_state = state;
    return (unsigned long)(state >> 16);
}

/* A page with the next version takes the place of the one with the last. */
static void change_page(void) {
    uint32_t next = version.page + 1;
    *race_tables_word(next % 2) = next;
    race_tables_show(next % 2);
    check_quietly(SBI(SBI_RFENCE, SBI_RFENCE_SFENCE_VMA, 0, -1ul, RACE_WINDOW, RACE_PAGE_SIZE).error == SBI_SUCCESS,
                  "a fence on all harts");
    __atomic_store_n(&version.page, next, __ATOMIC_RELEASE);
}

static void change_code(void) {
    uint32_t next = version.code + 1;
    code[next % FUNCTIONS][0] = CODE_A0 | next % VERSIONS << 20; /* li a0, ... */
    code[next % FUNCTIONS][1] = CODE_RET;
    check_quietly(SBI(SBI_RFENCE, SBI_RFENCE_FENCE_I, 0, -1ul).error == SBI_SUCCESS, "a fence.i on all harts");
    __atomic_store_n(&version.code, next, __ATOMIC_RELEASE);
}

static void change(struct nomad *nomad) {
    if (__atomic_exchange_n(&version.is_changing, 1, __ATOMIC_ACQUIRE) != 0) {
        return;
    }
    if (random_of(nomad) % 2 == 0) {
        change_page();
    } else {
        change_code();
    }
    __atomic_store_n(&version.is_changing, 0, __ATOMIC_RELEASE);
}

/* What was published; of the page, or newer. */
static void look(void) {
    uint32_t least = __atomic_load_n(&version.page, __ATOMIC_ACQUIRE);
    uint32_t seen = *(volatile uint32_t *)RACE_WINDOW;
    check_quietly((int32_t)(seen - least) >= 0, "version %u is behind the window, and was %u already", seen, least);
    least = __atomic_load_n(&version.code, __ATOMIC_ACQUIRE);
    uint32_t result = (uint32_t)((unsigned long (*)(void))(uintptr_t)code[least % FUNCTIONS])();
    check_quietly(result == least % VERSIONS, "version %u of the code is version %u", least, result);
}

/* Nobody is asked twice, so what gets lost is not made good by the next one. */
static void ask(struct nomad *nomad) {
    unsigned long other = random_of(nomad) % machine.hart_count;
    uint32_t answered = __atomic_load_n(&nomads[other].answered, __ATOMIC_SEQ_CST);
    if (!__atomic_compare_exchange_n(&nomads[other].asked, &answered, answered + 1, false, __ATOMIC_SEQ_CST,
                                     __ATOMIC_SEQ_CST)) {
        return;
    }
    check_quietly(SBI(SBI_IPI, SBI_IPI_SEND_IPI, 1, other).error == SBI_SUCCESS, "an IPI");
}

static void answer(struct nomad *nomad) {
    if (random_of(nomad) % 2 == 0) {
        timer_set(timer_now() + timer_ticks_of_ms(1));
        csr_write(sie, INTERRUPT_TIMER | INTERRUPT_SOFTWARE);
        __asm__ volatile("wfi" : : : "memory");
        csr_write(sie, INTERRUPT_TIMER);
    }
    if ((csr_read(sip) & INTERRUPT_SOFTWARE) != 0) {
        csr_clear(sip, INTERRUPT_SOFTWARE);
        uint32_t asked = __atomic_load_n(&nomad->asked, __ATOMIC_SEQ_CST);
        __atomic_store_n(&nomad->answered, asked, __ATOMIC_SEQ_CST);
    }
}

static unsigned long value_of(unsigned long id, unsigned index, unsigned round) {
    return (id + 1) * 0x9e3779b1ul + index * 0x10001ul + round;
}

static void compare(unsigned long id, unsigned round, const struct nomads_area *area) {
    unsigned wrong = 0;
    for (unsigned index = 1; index < HELD; index++) {
        wrong += area->seen[index] != area->values[index];
    }
    check_quietly(wrong == 0, "registers are as they were");
    check_quietly(csr_read(sepc) == (value_of(id, 40, round) & ~3ul) && csr_read(stval) == value_of(id, 41, round) &&
                      csr_read(scause) == id % 8,
                  "supervisor CSRs are as they were");
}

static uint64_t stimecmp(void) {
#if __riscv_xlen == 32
    return (uint64_t)csr_read(CSR_STIMECMPH) << 32 | csr_read(CSR_STIMECMP);
#else
    return csr_read(CSR_STIMECMP);
#endif
}

/* Whether it may be pending before its time: with Sstc, what stimecmp was before may show a moment longer, whoever has
 * changed it (priv. spec, "Supervisor Timer (stimecmp) Register"), and QEMU's timers run beside its harts. It is the
 * guest's own deadline all the same. */
static bool may_be_early(uint64_t deadline) {
    return has_sstc && stimecmp() == deadline;
}

static bool may_be_early_again(void) {
    return __atomic_add_fetch(&early_count, 1, __ATOMIC_RELAXED) <= EARLY_MAX;
}

/* Until the timer is pending; returns when it was. */
static uint64_t hold_once(unsigned long id, unsigned round, bool is_working) {
    struct nomad *nomad = &nomads[id];
    if (is_working) {
        nomads_hold_working(&nomad->area);
    } else {
        nomads_hold_waiting(&nomad->area);
    }
    uint64_t pending_at = timer_now();
    compare(id, round, &nomad->area);
    return pending_at;
}

/* With interrupts off, and values everywhere, until the timer is pending; others may use the hart meanwhile, or the
 * guest's hart goes elsewhere. */
static void hold(unsigned long id, unsigned round) {
    struct nomad *nomad = &nomads[id];
    uint64_t fp[REGISTERS];
    uint64_t fp_seen[REGISTERS];
    for (unsigned index = 0; index < REGISTERS; index++) {
        nomad->area.values[index] = value_of(id, index, round);
        fp[index] = (uint64_t)value_of(id, 50 + index, round) << 8;
    }
    uint64_t deadline = timer_now() + random_of(nomad) % timer_ticks_of_ms(3);
    timer_set(deadline);
    fp_registers_write(fp, id % 5 << 5);
    csr_write(sepc, value_of(id, 40, round) & ~3ul);
    csr_write(stval, value_of(id, 41, round));
    csr_write(scause, id % 8);
    bool is_working = random_of(nomad) % 3 == 0;
    uint64_t pending_at = hold_once(id, round, is_working);
    while (pending_at < deadline && may_be_early(deadline) && may_be_early_again()) {
        timer_set(deadline);
        pending_at = hold_once(id, round, is_working);
    }
    check_quietly(pending_at >= deadline, "the timer is not early");
    unsigned long fcsr = fp_registers_read(fp_seen);
    check_quietly(memcmp(fp, fp_seen, sizeof fp) == 0 && (fcsr & 0xff) == id % 5 << 5, "FP registers are as they were");
    timer_set(TIMER_NEVER);
}

static void roam(void *) {
    unsigned long id = hart_self()->id;
    struct nomad *nomad = &nomads[id];
    nomad->random_state = 0x9e3779b97f4a7c15 + id;
    csr_set(sstatus, SSTATUS_FS_INITIAL);
    csr_write(sie, INTERRUPT_TIMER);
    race_tables_on();
    __atomic_add_fetch(&begun, 1, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&begun, __ATOMIC_SEQ_CST) != machine.hart_count) {
        timer_wait_ms(1);
    }
    for (unsigned round = 0; round < ROUNDS; round++) {
        if (id == 0 && round == ROUNDS / 2) {
            print("half way");
        }
        hold(id, round);
        answer(nomad);
        ask(nomad);
        change(nomad);
        look();
    }
    __atomic_add_fetch(&ended, 1, __ATOMIC_SEQ_CST);
}

static bool is_over(void) {
    return __atomic_load_n(&ended, __ATOMIC_SEQ_CST) == machine.hart_count;
}

static bool all_have_answered(void) {
    for (uint32_t id = 0; id < machine.hart_count; id++) {
        if (__atomic_load_n(&nomads[id].answered, __ATOMIC_SEQ_CST) !=
            __atomic_load_n(&nomads[id].asked, __ATOMIC_SEQ_CST)) {
            return false;
        }
    }
    return true;
}

/* Answers to interrupts and to nothing else, so that one that was lost stays so. Patience begins when nobody asks any
 * more. */
static void answer_until_the_end(void *) {
    unsigned long id = hart_self()->id;
    roam(nullptr);
    for (unsigned tries = 0; tries < TRIES && !(is_over() && all_have_answered());) {
        answer(&nomads[id]);
        timer_wait_ms(1);
        tries += is_over();
    }
}

void payload_main(void) {
    has_sstc = machine_has_extension("sstc");
    race_tables_make();
    race_tables_show(false);
    *race_tables_word(false) = 0;
    code[0][0] = CODE_A0;
    code[0][1] = CODE_RET;
    for (uint32_t id = 1; id < machine.hart_count; id++) {
        check_equal((unsigned long)hart_run(id, answer_until_the_end, nullptr), SBI_SUCCESS, "a hart starts");
    }
    answer_until_the_end(nullptr);
    check_equal(ended, machine.hart_count, "all harts came to their end");
    check(all_have_answered(), "no interrupt was lost");
    check(version.page > 0 && version.code > 0, "%u versions of the page, %u of the code", version.page, version.code);
}
