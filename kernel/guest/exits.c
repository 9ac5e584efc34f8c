/* Traps by kind (priv. spec, table "mcause values"). */
#include "kernel/guest/exits.h"

#include "kernel/arch/context.h"

enum { IRQ_NUMBER_SOFTWARE = 3, IRQ_NUMBER_TIMER = 7 };

static enum exit_kind kind_of_exception(unsigned long cause) {
    switch (cause) {
    case CAUSE_ECALL_S:
        return EXIT_CALL;
    case CAUSE_ILLEGAL_INSTRUCTION:
        return EXIT_INSTRUCTION;
    case CAUSE_FETCH_ACCESS:
    case CAUSE_LOAD_ACCESS:
    case CAUSE_STORE_ACCESS:
        return EXIT_ACCESS;
    case CAUSE_LOAD_MISALIGNED:
    case CAUSE_STORE_MISALIGNED:
        return EXIT_MISALIGNED;
    default:
        return EXIT_OTHER;
    }
}

enum exit_kind exit_kind_of(bool is_interrupt, unsigned long cause) {
    if (!is_interrupt) {
        return kind_of_exception(cause);
    }
    return cause == IRQ_NUMBER_TIMER ? EXIT_TIMER : cause == IRQ_NUMBER_SOFTWARE ? EXIT_IPI : EXIT_EXTERNAL;
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
