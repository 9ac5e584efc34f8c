/*
 * The same calls by all harts, one after the other and together: if they share a lock, or anything else that they have
 * to wait for, a call together costs the machine more instructions. Lines "bench NAME NUMBER": instructions of the
 * whole machine for a call, the loop subtracted. An instruction takes 8 ns (bench.sh --shift 3). If the boot arguments
 * say "stay", the guest does not end, so that one can look at the kernel's counters (tests/system/locks_test.cc).
 */
#include "tests/bench/measure.h"
#include "tests/guests/runtime/payload.h"

/* An hour from now is not near, and not the value for never either. */
enum { DEADLINE_SECONDS = 3600, PAGE_SIZE = 4096, KIND_COUNT = 4, TENTHS_IN_TICK = 125 };

struct kind {
    const char *name;
    enum sbi_extension extension;
    enum sbi_function function;
    bool names_self; /* a0 and a1 are a mask of the calling hart */
};

static const struct kind kinds[KIND_COUNT] = {
    {"get_spec_version", SBI_BASE, SBI_BASE_GET_SPEC_VERSION, false},
    {"set_timer", SBI_TIME, SBI_TIME_SET_TIMER, false},
    {"sfence_self", SBI_RFENCE, SBI_RFENCE_SFENCE_VMA, true},
    {"ipi_self", SBI_IPI, SBI_IPI_SEND_IPI, true},
};

/* What all are to do next. Written by hart 0 while nobody does anything. */
static struct {
    const struct kind *kind; /* null: nothing more */
    bool calls;              /* or goes through the loop without */
    uint32_t first;          /* of the harts that take part */
    uint32_t count;
} task;

static uint32_t task_number;  /* atomic: counts the tasks */
static uint32_t ready_count;  /* atomic: harts that wait for the first one */
static uint32_t part_count;   /* atomic: harts that have taken part in this one */
static unsigned long done_at; /* when the last of them was done, in ticks */
static uint32_t seen_count;   /* atomic: harts that wait for the next one */

/* What sets the arguments is the same in both; ipi_self leaves its interrupt pending, which csrci takes back. */
#define CALL_LOOP(operation, a0_, a1_)                                                             \
    MEASURE_LOOP(                                                                                  \
        "mv a0, %[first]\n mv a1, %[second]\n mv a2, %[page]\n li a3, 4096\n mv a6, %[function]\n" \
        "mv a7, %[extension]\n" operation "csrci sip, 2\n",                                        \
        [first] "r"(a0_), [second] "r"(a1_), [page] "r"(machine_free_start()),                     \
        [function] "r"((unsigned long)task.kind->function), [extension] "r"((unsigned long)task.kind->extension))

static void make_calls(void) {
    uint64_t deadline = (uint64_t)machine.ticks_per_second * DEADLINE_SECONDS;
    unsigned long first = task.kind->names_self ? 1 : (unsigned long)deadline;
    unsigned long second = task.kind->names_self ? hart_self()->id : (unsigned long)(deadline >> 32);
    if (task.calls) {
        (void)CALL_LOOP("ecall\n", first, second);
    } else {
        (void)CALL_LOOP("", first, second);
    }
}

static void wake(unsigned long harts) {
    (void)SBI(SBI_IPI, SBI_IPI_SEND_IPI, harts, 0);
}

static void wait_for(const uint32_t *count, uint32_t value) {
    while (__atomic_load_n(count, __ATOMIC_ACQUIRE) != value) {
        __asm__ volatile("wfi\n csrci sip, 2" : : : "memory");
    }
}

static void take_part(void) {
    if (hart_self()->id - task.first < task.count) {
        make_calls();
        if (__atomic_add_fetch(&part_count, 1, __ATOMIC_ACQ_REL) == task.count) {
            done_at = csr_read(time);
        }
    }
    if (__atomic_add_fetch(&seen_count, 1, __ATOMIC_ACQ_REL) == machine.hart_count) {
        wake(1);
    }
}

/* Everybody but hart 0; interrupts are off, so that one only ends WFI. */
static void follow(void *) {
    csr_write(sie, INTERRUPT_SOFTWARE);
    __atomic_add_fetch(&ready_count, 1, __ATOMIC_RELEASE);
    for (uint32_t number = 1;; number++) {
        wait_for(&task_number, number);
        if (task.kind == nullptr) {
            return;
        }
        take_part();
    }
}

/* Ticks that the machine needs for a task. */
static unsigned long run(const struct kind *kind, bool calls, uint32_t first, uint32_t count) {
    task.kind = kind;
    task.calls = calls;
    task.first = first;
    task.count = count;
    __atomic_store_n(&part_count, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&seen_count, 0, __ATOMIC_RELAXED);
    unsigned long start = csr_read(time);
    __atomic_add_fetch(&task_number, 1, __ATOMIC_RELEASE);
    wake((1ul << machine.hart_count) - 2);
    take_part();
    wait_for(&seen_count, machine.hart_count);
    return done_at - start;
}

static unsigned long run_calls(const struct kind *kind, uint32_t first, uint32_t count) {
    unsigned long without = run(kind, false, first, count);
    return run(kind, true, first, count) - without;
}

static void keep(const struct kind *kind, const char *how, unsigned long ticks) {
    uint32_t tenths = (uint32_t)(ticks * TENTHS_IN_TICK / (machine.hart_count * ROUND_COUNT));
    print("bench %s_%s %u.%u", kind->name, how, tenths / 10, tenths % 10);
}

static void measure(const struct kind *kind) {
    unsigned long ticks = 0;
    for (uint32_t id = 0; id < machine.hart_count; id++) {
        ticks += run_calls(kind, id, 1);
    }
    keep(kind, "in_turn", ticks);
    keep(kind, "together", run_calls(kind, 0, machine.hart_count));
}

void payload_main(void) {
    csr_write(sie, INTERRUPT_SOFTWARE);
    for (uint32_t id = 1; id < machine.hart_count; id++) {
        check_quietly(hart_run(id, follow, nullptr) == SBI_SUCCESS, "hart %u starts", id);
    }
    while (__atomic_load_n(&ready_count, __ATOMIC_ACQUIRE) != machine.hart_count - 1) {
    }
    for (uint32_t index = 0; index < KIND_COUNT; index++) {
        measure(&kinds[index]);
    }
    task.kind = nullptr;
    __atomic_add_fetch(&task_number, 1, __ATOMIC_RELEASE);
    wake((1ul << machine.hart_count) - 2);
    print("%u calls were made", 2 * KIND_COUNT * ROUND_COUNT * machine.hart_count);
    while (machine_has_word("stay")) {
        __asm__ volatile("wfi");
    }
}
