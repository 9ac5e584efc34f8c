/*
 * A ticket lock between harts: those who wait are served in the order in which they came, so that no hart starves
 * however many contend. It suits sections of a few hundred instructions; nothing waits for a device or a guest
 * under one (docs/lock-order.md).
 *
 * The kernel runs in M-mode with interrupts off, so there is no variant that masks them. Zeroed memory is an open
 * lock.
 */
#pragma once

#include <stdint.h>

#include "kernel/sync/annotations.h"

struct SYNC_CAPABILITY("spinlock") spinlock {
    uint32_t next_ticket; /* what the next hart to come draws */
    uint32_t now_serving; /* whose turn it is; the lock is open while this equals next_ticket */
};

void spinlock_lock(struct spinlock *lock) SYNC_ACQUIRES(*lock);

/* Takes the lock if it is open and returns whether it did. Never waits. */
bool spinlock_try(struct spinlock *lock) SYNC_ACQUIRES_IF_TRUE(*lock);

/*
 * As spinlock_lock, but gives up in the end, and returns whether it did not: for last words, when the holder may be the
 * very code that failed. A holder that is all right lets go long before, even if its hart is an emulator's and has to
 * wait for a processor.
 */
bool spinlock_lock_bounded(struct spinlock *lock) SYNC_ACQUIRES_IF_TRUE(*lock);

void spinlock_unlock(struct spinlock *lock) SYNC_RELEASES(*lock);

/* How often it was taken, of a moment just now; wraps. The tickets count that anyway. */
static inline uint32_t spinlock_count(const struct spinlock *lock) {
    return __atomic_load_n(&lock->next_ticket, __ATOMIC_RELAXED);
}
