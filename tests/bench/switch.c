/*
 * Two of these share a hart, and each uses all that it gets. Both count, in the same span of time, the instructions of
 * their own and how often they lost the hart; what is left of the span is what the kernel needed to switch between
 * them, which bench.sh works out from the two lines "share switch SPAN OWN TIMES".
 */
#include "tests/bench/measure.h"
#include "tests/guests/runtime/payload.h"

/* In ticks since the machine's reset: from when both have long been started, and as long as some eighty slices. */
enum { SPAN_START = 1u << 20, SPAN = 1u << 22 };

/* A round of the loop below: 16 times addi and bnez, and 8 more. The kernel's own work between two of them is never as
 * long as GAP ticks. */
enum { INNER_COUNT = 16, ROUND_INSTRUCTIONS = 2 * INNER_COUNT + 8, GAP = 1000 };

struct share {
    unsigned long rounds;
    unsigned long gaps;
};

/* The CSR's low half is enough on rv32: the span is over in seconds. */
static struct share spin(unsigned long end) {
    struct share share = {0};
    unsigned long now, last = csr_read(time);
    __asm__ volatile(".option push\n"
                     ".option norvc\n"
                     "1: li t0, %[inner]\n"
                     "2: addi t0, t0, -1\n"
                     "   bnez t0, 2b\n"
                     "   csrr %[now], time\n"
                     "   sub t0, %[now], %[last]\n"
                     "   sltu t0, %[gap], t0\n"
                     "   add %[gaps], %[gaps], t0\n"
                     "   mv %[last], %[now]\n"
                     "   addi %[rounds], %[rounds], 1\n"
                     "   bltu %[now], %[end], 1b\n"
                     ".option pop\n"
                     : [now] "=&r"(now), [last] "+&r"(last), [gaps] "+&r"(share.gaps), [rounds] "+&r"(share.rounds)
                     : [inner] "i"(INNER_COUNT), [gap] "r"(GAP), [end] "r"(end)
                     : "t0");
    return share;
}

void payload_main(void) {
    if (!check_quietly(csr_read(time) < SPAN_START, "it was started before the span begins")) {
        return;
    }
    spin(SPAN_START);
    struct share share = spin(SPAN_START + SPAN);
    print("share switch %lu %lu %lu", (unsigned long)SPAN * TICK_INSTRUCTIONS, share.rounds * ROUND_INSTRUCTIONS,
          share.gaps);
}
