/* The kinds of traps by which a vcpu comes to the kernel, for the counters that a person reads. Calls of BASE that are
 * answered on the fast path are not among them. */
#pragma once

#include <stdint.h>

enum exit_kind {
    EXIT_TIMER,       /* the kernel's timer */
    EXIT_IPI,         /* from another hart of the machine */
    EXIT_EXTERNAL,    /* from the interrupt controller */
    EXIT_CALL,        /* SBI */
    EXIT_INSTRUCTION, /* illegal, or one that the kernel carries out: WFI, time */
    EXIT_ACCESS,      /* access fault: a device, or nothing */
    EXIT_MISALIGNED,
    EXIT_OTHER,
    EXIT_KIND_COUNT,
};

enum exit_kind exit_kind_of(bool is_interrupt, unsigned long cause);

/* What a person reads. */
const char *exit_kind_text(enum exit_kind kind);
