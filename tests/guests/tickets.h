/*
 * Starting harts from anywhere, by many at once. A ticket goes with each start and resume as its `opaque`: it leads the
 * hart to its stack, and says who started it, so that a hart that arrives with somebody else's, or twice with the same,
 * is noticed.
 *
 * Each hart has two for every other one, of which it uses one until a start succeeds, and then the other: when the
 * next start succeeds, the life that the first one began is over.
 */
#pragma once

#include "tests/guests/runtime/payload.h"

struct ticket {
    struct hart hart; /* first: what the runtime's entry takes for `opaque` */
    unsigned long from;
    unsigned long to;
    uint32_t arrived; /* since it was written */
};

/* Calls hart_start for `to`, which then runs `live`. The starter has to be the hart that runs this. */
struct sbi_result ticket_start(unsigned long to, void (*live)(void *ticket));

/* Suspends this hart non-retentively; it goes on in `live`. Returns if the call does. */
struct sbi_result ticket_suspend(void (*live)(void *ticket));

/* For `live`: whether a hart comes with this ticket for the first time, and is the one that it is for. */
bool ticket_arrive(struct ticket *ticket);

/* Whether the ticket of every start that succeeded has arrived. For when all other harts are stopped. */
bool ticket_all_arrived(void);
