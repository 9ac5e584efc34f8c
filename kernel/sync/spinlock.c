/*
 * The ticket lock of spinlock.h. The acquiring load pairs with the releasing store of spinlock_unlock: what the last
 * holder wrote is seen by the next.
 */
#include "kernel/sync/spinlock.h"

#include "kernel/arch/relax.h"

enum { BOUNDED_TRY_COUNT = 2000000 }; /* tenths of a second on QEMU */

SYNC_UNCHECKED void spinlock_lock(struct spinlock *lock) {
    uint32_t ticket = __atomic_fetch_add(&lock->next_ticket, 1, __ATOMIC_RELAXED);

    while (__atomic_load_n(&lock->now_serving, __ATOMIC_ACQUIRE) != ticket) {
        arch_relax();
    }
}

SYNC_UNCHECKED bool spinlock_try(struct spinlock *lock) {
    /*
     * If next_ticket still equals what now_serving was, nobody held the lock in between: now_serving never passes
     * next_ticket and neither goes back.
     */
    uint32_t ticket = __atomic_load_n(&lock->now_serving, __ATOMIC_ACQUIRE);

    return __atomic_compare_exchange_n(&lock->next_ticket, &ticket, ticket + 1, false, __ATOMIC_ACQUIRE,
                                       __ATOMIC_RELAXED);
}

SYNC_UNCHECKED bool spinlock_lock_bounded(struct spinlock *lock) {
    for (uint32_t count = 0; count < BOUNDED_TRY_COUNT; count++) {
        if (spinlock_try(lock)) {
            return true;
        }
        arch_relax();
    }
    return false;
}

SYNC_UNCHECKED void spinlock_unlock(struct spinlock *lock) {
    /* Only the holder writes now_serving, so its own read needs no order. */
    uint32_t ticket = __atomic_load_n(&lock->now_serving, __ATOMIC_RELAXED);

    __atomic_store_n(&lock->now_serving, ticket + 1, __ATOMIC_RELEASE);
}
