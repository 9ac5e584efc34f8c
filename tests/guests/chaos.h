/* One call of the payload chaos: which, with what, and what may come of it. */
#pragma once

#include "tests/guests/runtime/payload.h"
#include "tests/guests/runtime/random.h"

struct call {
    unsigned long extension;
    unsigned long function;
    unsigned long arguments[SBI_ARGUMENT_COUNT];
    uint32_t may_return; /* CALL_ERROR of each error that the SBI v3.0 text and the arguments allow */
    bool starts;         /* it may start this hart, or another one (arguments[0]): by a ticket (tickets.h) */
    bool suspends;       /* it may suspend this hart non-retentively: by a ticket, too */
};

#define CALL_ERROR(error) (1u << -(error))

/* A call with random arguments, most of them wrong in one way or other. */
void chaos_choose(struct call *call, struct random *random);

/* Something that DBCN may show: the only bytes that a call asks it to. */
void chaos_prepare_text(void);
