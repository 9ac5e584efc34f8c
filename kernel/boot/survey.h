/*
 * Where everything that the kernel reads stands in the machine's device tree. Found in one walk, since each costs as
 * much as all that is read from the nodes.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "abi/status.h"
#include "lib/fdt_read.h"

enum survey_kind {
    SURVEY_MEMORY, /* RAM: its device_type says so, and it is below the root */
    SURVEY_UART,
    SURVEY_CLINT,
    SURVEY_MSWI,
    SURVEY_MTIMER,
    SURVEY_PLIC,
    SURVEY_FINISHER,
    SURVEY_POWEROFF,
};

/* More than any machine has. */
enum { SURVEY_NODES_MAX = 64 };

struct survey_node {
    enum survey_kind kind;
    struct fdt_place place;
};

struct survey {
    const void *fdt;
    /* Nodes of these names below the root; negative: there is none. */
    int chosen;
    int cpus;
    int reserved_memory;
    struct survey_node nodes[SURVEY_NODES_MAX]; /* in the order of the tree */
    uint32_t count;
};

/* fdt_check_full has accepted the tree. STATUS_TOO_BIG: there are more nodes than have room; the first are there. */
status_t survey_take(const void *fdt, struct survey *out_survey);

/* The next node of a kind, from *index on, which moves behind it; null: there are no more. */
const struct fdt_place *survey_next(const struct survey *survey, enum survey_kind kind, uint32_t *index);
