/* The policy of restart.h. */
#include "kernel/guest/restart.h"

static bool is_wanted(enum manifest_restart policy, enum restart_end end) {
    switch (end) {
    case RESTART_SHUTDOWN:
        return policy == MANIFEST_RESTARTS_ALWAYS;
    case RESTART_CRASH:
        return policy != MANIFEST_RESTARTS_NEVER;
    case RESTART_REBOOT:
    case RESTART_ORDERED:
        return true;
    case RESTART_FINAL:
        return false;
    }
    return false;
}

/* Twice as long for each restart of the row so far. */
static uint32_t backoff(uint32_t first_ms, uint32_t in_row) {
    uint64_t wait = first_ms;
    for (uint32_t count = 0; count < in_row && wait < MANIFEST_BACKOFF_MAX_MS; count++) {
        wait *= 2;
    }
    return wait < MANIFEST_BACKOFF_MAX_MS ? (uint32_t)wait : (uint32_t)MANIFEST_BACKOFF_MAX_MS;
}

struct restart_verdict restart_decide(const struct manifest_guest *manifest, enum restart_end end, uint64_t lived_ms,
                                      uint32_t *in_row) {
    bool is_stable = lived_ms >= RESTART_STABLE_MS;
    if (is_stable || end == RESTART_ORDERED) {
        *in_row = 0;
    }
    if (!is_wanted(manifest->restart, end)) {
        return (struct restart_verdict){.starts_again = false};
    }
    if (end == RESTART_ORDERED) {
        return (struct restart_verdict){.starts_again = true};
    }
    if (manifest->restart_limit != 0 && *in_row >= manifest->restart_limit) {
        return (struct restart_verdict){.limit_reached = true};
    }
    uint32_t wait = is_stable ? 0 : backoff(manifest->backoff_ms, *in_row);
    *in_row += *in_row < UINT32_MAX;
    return (struct restart_verdict){.starts_again = true, .backoff_ms = wait};
}
