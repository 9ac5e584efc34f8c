/*
 * What a backend is to isolate.c. `place` and `prepare` run once, in this order, when a guest is made; `map` and
 * `unmap` each time it is opened and closed.
 */
#pragma once

#include "kernel/isolate/isolate.h"

struct isolate_backend {
    const char *name;

    /* Gets RAM and fills in base and pieces. Nothing is held unless STATUS_OK. */
    status_t (*place)(struct isolation *isolation, const struct manifest_guest *guest, const char **out_sentence);

    /* Gets what else it needs, and names the ranges that PMP has to grant: at most ISOLATE_RANGES_MAX. */
    status_t (*prepare)(struct isolation *isolation, struct pmp_range *out_ranges, uint32_t *out_count,
                        const char **out_sentence);
    void (*release)(struct isolation *isolation);

    void (*map)(struct isolation *isolation);
    void (*unmap)(struct isolation *isolation);
};

/* The pieces, the tables, and the way into a guest. */
enum { ISOLATE_RANGES_MAX = ISOLATION_PIECES_MAX + 2 };

extern const struct isolate_backend isolate_pmp;
extern const struct isolate_backend isolate_gstage;

/* The modes of the second stage that all harts have; bit n: hgatp.MODE n. */
uint32_t isolate_modes(void);
