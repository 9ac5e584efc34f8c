/* Traps by kind (priv. spec, table "mcause values"). */
#include "kernel/guest/exits.h"

#include "kernel/arch/context.h"

enum { IRQ_NUMBER_SOFTWARE = 3, IRQ_NUMBER_TIMER = 7 };

/* Looked up rather than decided: this is on the way of every trap. */
static const uint8_t exception_kinds[] = {
    [CAUSE_FETCH_MISALIGNED] = EXIT_OTHER,
    [CAUSE_FETCH_ACCESS] = EXIT_ACCESS,
    [CAUSE_ILLEGAL_INSTRUCTION] = EXIT_INSTRUCTION,
    [CAUSE_BREAKPOINT] = EXIT_OTHER,
    [CAUSE_LOAD_MISALIGNED] = EXIT_MISALIGNED,
    [CAUSE_LOAD_ACCESS] = EXIT_ACCESS,
    [CAUSE_STORE_MISALIGNED] = EXIT_MISALIGNED,
    [CAUSE_STORE_ACCESS] = EXIT_ACCESS,
    [CAUSE_ECALL_U] = EXIT_OTHER,
    [CAUSE_ECALL_S] = EXIT_CALL,
};

enum exit_kind exit_kind_of(bool is_interrupt, unsigned long cause) {
    if (!is_interrupt) {
        return cause < sizeof exception_kinds ? (enum exit_kind)exception_kinds[cause] : EXIT_OTHER;
    }
    if (__builtin_expect(cause == IRQ_NUMBER_TIMER, true)) {
        return EXIT_TIMER;
    }
    return cause == IRQ_NUMBER_SOFTWARE ? EXIT_IPI : EXIT_EXTERNAL;
}

const char *exit_kind_text(enum exit_kind kind) {
    static const char *const texts[EXIT_KIND_COUNT] = {
        [EXIT_TIMER] = "timer",
        [EXIT_IPI] = "ipi",
        [EXIT_EXTERNAL] = "device interrupt",
        [EXIT_CALL] = "call",
        [EXIT_INSTRUCTION] = "instruction",
        [EXIT_ACCESS] = "access",
        [EXIT_MISALIGNED] = "misaligned",
        [EXIT_OTHER] = "other",
    };
    return texts[kind];
}
