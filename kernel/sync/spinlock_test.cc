/* spinlock: mutual exclusion between threads, and try, which never waits. */
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

extern "C" {
#include "kernel/sync/spinlock.h"
}

TEST(Spinlock, ZeroedMemoryIsAnOpenLock) {
    struct spinlock lock = {};
    if (!spinlock_try(&lock)) {
        FAIL() << "it is open";
    }
    spinlock_unlock(&lock);
    spinlock_lock(&lock);
    spinlock_unlock(&lock);
}

TEST(Spinlock, TryRefusesAHeldLock) {
    struct spinlock lock = {};
    spinlock_lock(&lock);
    std::thread([&] {
        if (spinlock_try(&lock)) {
            ADD_FAILURE() << "two holders";
            spinlock_unlock(&lock);
        }
    }).join();
    spinlock_unlock(&lock);
    if (!spinlock_try(&lock)) {
        FAIL() << "it is open";
    }
    spinlock_unlock(&lock);
}

TEST(Spinlock, BoundedWaitsForWhoLetsGoAndGivesUpOnWhoDoesNot) {
    struct spinlock lock = {};
    std::atomic<bool> is_there = false;
    spinlock_lock(&lock);
    std::thread waiter([&] {
        is_there = true;
        if (!spinlock_lock_bounded(&lock)) {
            ADD_FAILURE() << "it was let go";
            return;
        }
        spinlock_unlock(&lock);
    });
    while (!is_there) {
        std::this_thread::yield();
    }
    spinlock_unlock(&lock);
    waiter.join();

    spinlock_lock(&lock);
    std::thread([&] {
        if (spinlock_lock_bounded(&lock)) {
            ADD_FAILURE() << "two holders";
            spinlock_unlock(&lock);
        }
    }).join();
    spinlock_unlock(&lock);
}

TEST(Spinlock, SurvivesTheWrapOfItsTickets) {
    struct spinlock lock = {UINT32_MAX, UINT32_MAX};
    for (int round = 0; round < 3; round++) {
        spinlock_lock(&lock);
        EXPECT_NE(lock.next_ticket, lock.now_serving);
        spinlock_unlock(&lock);
    }
    EXPECT_EQ(lock.now_serving, 2u);
}

TEST(Spinlock, OneHolderAtATime) {
    constexpr int THREAD_COUNT = 4;
    constexpr int ROUND_COUNT = 2000;
    struct spinlock lock = {};
    long counter = 0;
    std::vector<std::thread> threads;
    for (int index = 0; index < THREAD_COUNT; index++) {
        threads.emplace_back([&lock, &counter, index] {
            for (int round = 0; round < ROUND_COUNT; round++) {
                if (index % 2 == 0) {
                    spinlock_lock(&lock);
                    counter = counter + 1;
                    spinlock_unlock(&lock);
                } else {
                    while (!spinlock_try(&lock)) {
                        std::this_thread::yield();
                    }
                    counter = counter + 1;
                    spinlock_unlock(&lock);
                }
            }
        });
    }
    for (auto &thread : threads) {
        thread.join();
    }
    EXPECT_EQ(counter, THREAD_COUNT * ROUND_COUNT);
}
