/* Results until they are printed. */
#include "tests/bench/measure.h"

#include "tests/guests/runtime/check.h"
#include "tests/guests/runtime/print.h"

enum { RESULT_COUNT_MAX = 16 };

struct result {
    const char *name;
    uint32_t tenths; /* of an instruction */
};

static struct result results[RESULT_COUNT_MAX];
static uint32_t result_count;

void measure_keep(const char *name, uint32_t ticks, uint32_t ticks_without, uint32_t known) {
    static_assert(TICK_INSTRUCTIONS * 10 == ROUND_COUNT,
                  "a tick more for all rounds is a tenth of an instruction for one");
    if (result_count == RESULT_COUNT_MAX || ticks < ticks_without + 10 * known) {
        check(false, "%s: no room, or a loop that was faster than without it", name);
        return;
    }
    results[result_count++] = (struct result){.name = name, .tenths = ticks - ticks_without - 10 * known};
}

void measure_print(void) {
    for (uint32_t index = 0; index < result_count; index++) {
        print("bench %s %u.%u", results[index].name, results[index].tenths / 10, results[index].tenths % 10);
    }
}
