/* HSM: starting, stopping, suspending in both ways, and asking about it. */
#include "tests/guests/sbi_harts.h"

#include "tests/guests/runtime/payload.h"

/* Kinds of suspend. */
#define RETENTIVE 0ul
#define NON_RETENTIVE 0x80000000ul

enum { MARK = 0x600d };

static volatile unsigned long seen_sstatus;
static volatile unsigned long seen_satp;
static volatile long retentive_error;
static uint32_t marks;
static uint32_t may_stop;

static void check_error(struct sbi_result result, enum sbi_error expected, const char *what) {
    if (result.error == expected) {
        check(true, "%s", what);
    } else {
        check(false, "%s: error %ld instead of %d", what, result.error, expected);
    }
}

static unsigned long status_of(unsigned long id) {
    return SBI(SBI_HSM, SBI_HSM_HART_GET_STATUS, id).value;
}

static void wait_for_status(unsigned long id, unsigned long status, const char *what) {
    while (status_of(id) != status) {
        timer_wait_ms(1);
    }
    check(true, "%s", what);
}

static void wait_for_mark(uint32_t count) {
    while (__atomic_load_n(&marks, __ATOMIC_SEQ_CST) < count) {
    }
}

static void mark(void) {
    seen_sstatus = csr_read(sstatus);
    seen_satp = csr_read(satp);
    __atomic_add_fetch(&marks, 1, __ATOMIC_SEQ_CST);
}

static void run_until_told(void *argument) {
    check_equal((unsigned long)(uintptr_t)argument, MARK, "a started hart gets its argument");
    mark();
    while (__atomic_load_n(&may_stop, __ATOMIC_SEQ_CST) == 0) {
    }
}

static void check_bad_starts(void) {
    unsigned long end = machine.memory_base + machine.memory_size;
    check_error(SBI(SBI_HSM, SBI_HSM_HART_START, machine.hart_count, hart_entry_address()), SBI_ERR_INVALID_PARAM,
                "no start of a hart that is not there");
    check_error(SBI(SBI_HSM, SBI_HSM_HART_START, -1ul, hart_entry_address()), SBI_ERR_INVALID_PARAM,
                "nor of the last number");
    check_error(SBI(SBI_HSM, SBI_HSM_HART_START, 1, 0), SBI_ERR_INVALID_ADDRESS, "no start at 0");
    check_error(SBI(SBI_HSM, SBI_HSM_HART_START, 1, end), SBI_ERR_INVALID_ADDRESS, "nor behind RAM");
    check_error(SBI(SBI_HSM, SBI_HSM_HART_START, 1, hart_entry_address() + 1), SBI_ERR_INVALID_ADDRESS,
                "nor at an odd address");
    check_error(SBI(SBI_HSM, SBI_HSM_HART_START, 0, hart_entry_address()), SBI_ERR_ALREADY_AVAILABLE, "nor of oneself");
    check_equal(status_of(1), SBI_HART_STOPPED, "a hart that was not started is stopped");
}

static void check_start_and_stop(void) {
    check_equal(status_of(0), SBI_HART_STARTED, "this hart is started");
    check_error(SBI(SBI_HSM, SBI_HSM_HART_GET_STATUS, machine.hart_count), SBI_ERR_INVALID_PARAM,
                "no status of a hart that is not there");
    check_equal((unsigned long)hart_run(1, run_until_told, (void *)MARK), SBI_SUCCESS, "hart_start");
    wait_for_mark(1);
    check_equal(status_of(1), SBI_HART_STARTED, "the hart is started");
    check_equal(seen_satp, 0, "its translation is off");
    check_equal(seen_sstatus & SSTATUS_SIE, 0, "its interrupts are off");
    check_error(SBI(SBI_HSM, SBI_HSM_HART_START, 1, hart_entry_address()), SBI_ERR_ALREADY_AVAILABLE,
                "it cannot be started twice");
    check_error(SBI(SBI_RFENCE, SBI_RFENCE_SFENCE_VMA, 2, 0, 0, -1ul), SBI_SUCCESS, "a running hart does a fence");
    check_error(SBI(SBI_RFENCE, SBI_RFENCE_FENCE_I, 2, 0), SBI_SUCCESS, "of both kinds");
    __atomic_store_n(&may_stop, 1, __ATOMIC_SEQ_CST);
    wait_for_status(1, SBI_HART_STOPPED, "hart_stop stops it");
    check_equal((unsigned long)hart_run(1, run_until_told, (void *)MARK), SBI_SUCCESS, "and it can be started anew");
    wait_for_status(1, SBI_HART_STOPPED, "and stops again");
}

static void suspend_retentively(void *) {
    csr_write(sie, INTERRUPT_SOFTWARE);
    retentive_error = SBI(SBI_HSM, SBI_HSM_HART_SUSPEND, RETENTIVE).error;
    check((csr_read(sip) & INTERRUPT_SOFTWARE) != 0, "an IPI ended the suspend and is pending");
    mark();
}

static void resumed(void *argument) {
    check_equal((unsigned long)(uintptr_t)argument, MARK, "a resumed hart gets its argument");
    mark();
}

static void suspend_non_retentively(void *) {
    csr_write(sie, INTERRUPT_SOFTWARE);
    csr_set(sstatus, SSTATUS_SPIE);
    struct hart *hart = hart_prepare(hart_self()->id, resumed, (void *)MARK);
    SBI(SBI_HSM, SBI_HSM_HART_SUSPEND, NON_RETENTIVE, hart_entry_address(), (unsigned long)(uintptr_t)hart);
    check(false, "a non-retentive suspend does not return");
}

static void check_suspend(void (*how)(void *), const char *what) {
    uint32_t before = marks;
    check_equal((unsigned long)hart_run(2, how, nullptr), SBI_SUCCESS, what);
    wait_for_status(2, SBI_HART_SUSPENDED, "the hart is suspended");
    check_error(SBI(SBI_IPI, SBI_IPI_SEND_IPI, 1, 2), SBI_SUCCESS, "an IPI wakes it");
    wait_for_mark(before + 1);
    check_equal(seen_satp, 0, "its translation is off");
    check_equal(seen_sstatus & SSTATUS_SIE, 0, "its interrupts are off");
    wait_for_status(2, SBI_HART_STOPPED, "and it comes to its end");
}

/* With a reason to wake up pending, a suspend ends at once. */
static void check_suspend_of_oneself(void) {
    csr_write(sie, INTERRUPT_SOFTWARE);
    csr_set(sip, INTERRUPT_SOFTWARE);
    check_error(SBI(SBI_HSM, SBI_HSM_HART_SUSPEND, RETENTIVE), SBI_SUCCESS,
                "a suspend with an interrupt pending returns");
    csr_clear(sip, INTERRUPT_SOFTWARE);
    csr_write(sie, INTERRUPT_TIMER);
    timer_set(timer_now() + timer_ticks_of_ms(5));
    check_error(SBI(SBI_HSM, SBI_HSM_HART_SUSPEND, RETENTIVE), SBI_SUCCESS, "the timer ends one");
    timer_set(TIMER_NEVER);
    csr_write(sie, 0);
}

/* "suspend_type is reserved or is platform-specific and unimplemented": INVALID_PARAM. */
static void check_bad_suspends(void) {
    static const unsigned long types[] = {1,          0x0fffffff, 0x10000000, 0x7fffffff,
                                          0x80000001, 0x8fffffff, 0x90000000, 0xffffffff};
    for (size_t index = 0; index < sizeof types / sizeof types[0]; index++) {
        struct sbi_result result = SBI(SBI_HSM, SBI_HSM_HART_SUSPEND, types[index], hart_entry_address());
        check(result.error == SBI_ERR_INVALID_PARAM, "no suspend of type 0x%lx (error %ld)", types[index],
              result.error);
    }
    check_error(SBI(SBI_HSM, SBI_HSM_HART_SUSPEND, NON_RETENTIVE, 0), SBI_ERR_INVALID_ADDRESS, "no resume at 0");
    check_error(SBI(SBI_HSM, 4), SBI_ERR_NOT_SUPPORTED, "HSM has four functions");
}

void sbi_check_harts(void) {
    check_bad_starts();
    check_start_and_stop();
    check_suspend(suspend_retentively, "a hart that suspends retentively starts");
    check_equal((unsigned long)retentive_error, SBI_SUCCESS, "a retentive suspend returns success");
    check_suspend(suspend_non_retentively, "a hart that suspends non-retentively starts");
    check_suspend_of_oneself();
    check_bad_suspends();
}
