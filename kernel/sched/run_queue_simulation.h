/*
 * A hart for tests of the run queue: its runners spin, or work and sleep by turns, and every event is noticed a little
 * late, as interrupts are. Ten seconds take a moment.
 */
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <random>
#include <vector>

extern "C" {
#include "kernel/sched/run_queue.h"
}

class Simulation {
  public:
    static constexpr uint64_t kMicrosecond = 10;
    static constexpr uint64_t kMillisecond = 1000 * kMicrosecond;
    static constexpr uint64_t kSecond = 1000 * kMillisecond;

    /* Ticks of work, then ticks of sleep, over and over; no sleep: it spins. */
    struct Habit {
        uint64_t work;
        uint64_t sleep;
    };

    static constexpr Habit kSpins = {UINT64_MAX, 0};

    struct Guest {
        struct runner runner = {};
        Habit habit = kSpins;
        uint64_t work_left = 0;
        uint64_t woke_at = 0;
        uint64_t worst_response = 0; /* from waking to the end of the work */
    };

    explicit Simulation(uint64_t lateness = 20 * kMicrosecond) : lateness_(lateness) {
        run_queue_init(&queue);
    }

    static struct policy Weight(uint32_t weight) {
        struct policy policy = {};
        policy.weight = weight;
        policy.affinity = 1;
        return policy;
    }

    static struct policy Priority(uint32_t priority) {
        struct policy policy = {};
        policy.priority = priority;
        policy.affinity = 1;
        return policy;
    }

    static struct policy Reservation(uint64_t budget, uint64_t period, uint32_t weight = 0) {
        struct policy policy = Weight(weight);
        policy.budget = budget;
        policy.period = period;
        return policy;
    }

    /* A runner that wants the hart from now on. */
    Guest &Add(const struct policy &policy, Habit habit = kSpins);

    void Wake(Guest &guest);

    /* Lets that much time pass. */
    void Run(uint64_t ticks);

    static double Share(const Guest &guest, uint64_t of) {
        return static_cast<double>(guest.runner.ticks_run) / static_cast<double>(of);
    }

    struct run_queue queue;
    uint64_t now = 0;
    uint64_t idle = 0;
    unsigned decisions = 0;
    unsigned switches = 0;

  private:
    Guest *Find(const struct runner *runner);
    void Decide();
    void Pass(Guest *running, uint64_t next);

    uint64_t lateness_;
    std::mt19937 random_{1};
    std::vector<std::unique_ptr<Guest>> guests_;
};
