/*
 * Whether a guest that ended starts again, and when: its manifest's policy, over what has happened so far. Pure
 * arithmetic; kernel/guest/guest.c acts on it.
 *
 * Restarts are counted in a row: a life of RESTART_STABLE_MS ends the row. Within one, each wait is twice as long as
 * the one before, up to a minute. So a guest that ends again and again, even by asking for it, costs the others a
 * bounded number of lines and loads, and one that ends once is back at once.
 */
#pragma once

#include <stdint.h>

#include "lib/manifest/manifest.h"

enum { RESTART_STABLE_MS = 10 * 1000 };

/* What the end of a guest is to its policy. */
enum restart_end {
    RESTART_SHUTDOWN, /* in good order */
    RESTART_CRASH,
    RESTART_REBOOT,  /* it asks for it: every policy grants it */
    RESTART_ORDERED, /* a person asks for it: at once, and the row begins anew */
    RESTART_FINAL,   /* it stays off whatever the policy says */
};

struct restart_verdict {
    bool starts_again;
    bool limit_reached;  /* that is why it does not */
    uint32_t backoff_ms; /* how long to wait first */
};

/* `lived_ms` is how long the life that ended was; *in_row counts the restarts of the row, this one included. */
struct restart_verdict restart_decide(const struct manifest_guest *manifest, enum restart_end end, uint64_t lived_ms,
                                      uint32_t *in_row);
