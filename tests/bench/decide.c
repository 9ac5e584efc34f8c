/*
 * Any number of these, with any number of harts each, share one hart of the machine, and each uses all that it gets
 * (spin.h). sched.awk works out from their lines "share decide SPAN OWN TIMES" what it costs to decide and to go from
 * one to the next. An instruction takes 32 ns here (bench.sh --shift 5), so that the span is long enough for hundreds
 * of vcpus.
 */
#include "tests/bench/spin.h"
#include "tests/guests/runtime/payload.h"

/* In ticks of 100 ns since the machine's reset: from when all have long been started, and for more than a thousand
 * slices. */
enum { SPAN_START = 1u << 25, SPAN = 1u << 26 };

static struct spin_share shares[HART_COUNT_MAX];
static uint32_t done_count; /* atomic */

static void share_hart(void *) {
    spin_until(SPAN_START);
    shares[hart_self()->id] = spin_until(SPAN_START + SPAN);
    __atomic_add_fetch(&done_count, 1, __ATOMIC_RELEASE);
}

static void report(void) {
    uint64_t rounds = 0;
    unsigned long gaps = 0;
    for (uint32_t id = 0; id < machine.hart_count; id++) {
        rounds += shares[id].rounds;
        gaps += shares[id].gaps;
    }
    print("share decide %llu %llu %lu", (unsigned long long)SPAN * 25 / 8,
          (unsigned long long)rounds * SPIN_ROUND_INSTRUCTIONS, gaps);
}

void payload_main(void) {
    for (uint32_t id = 1; id < machine.hart_count; id++) {
        check_quietly(hart_run(id, share_hart, nullptr) == SBI_SUCCESS, "hart %u starts", id);
    }
    if (!check_quietly(csr_read(time) < SPAN_START, "all were started before the span begins")) {
        return;
    }
    share_hart(nullptr);
    while (__atomic_load_n(&done_count, __ATOMIC_ACQUIRE) != machine.hart_count) {
        timer_wait_ms(10);
    }
    report();
}
