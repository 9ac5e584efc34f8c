/* The hart of run_queue_simulation.h. */
#include "kernel/sched/run_queue_simulation.h"

Simulation::Guest &Simulation::Add(const struct policy &policy, Habit habit) {
    guests_.push_back(std::make_unique<Guest>());
    Guest &guest = *guests_.back();
    runner_init(&guest.runner, &policy, kSecond);
    guest.habit = habit;
    Wake(guest);
    return guest;
}

void Simulation::Wake(Guest &guest) {
    guest.work_left = guest.habit.work;
    guest.woke_at = now;
    run_queue_ready(&queue, &guest.runner);
}

void Simulation::Run(uint64_t ticks) {
    uint64_t end = now + ticks;
    while (now < end) {
        Decide();
        uint64_t next = run_queue_deadline(&queue, queue.running);
        next = next > now ? next : now + 1;
        next = next == UINT64_MAX ? next : next + random_() % (lateness_ + 1);
        Guest *running = Find(queue.running);
        if (running != nullptr && running->work_left < next - now) {
            next = now + running->work_left;
        }
        next = next < end ? next : end;
        Pass(running, next);
    }
    run_queue_charge(&queue, now);
}

Simulation::Guest *Simulation::Find(const struct runner *runner) {
    for (const auto &guest : guests_) {
        if (&guest->runner == runner) {
            return guest.get();
        }
    }
    return nullptr;
}

void Simulation::Decide() {
    run_queue_charge(&queue, now);
    while (struct runner *runner = run_queue_expire(&queue)) {
        Wake(*Find(runner));
    }
    const struct runner *before = queue.running;
    (void)run_queue_choose(&queue);
    decisions++;
    switches += before != queue.running;
}

void Simulation::Pass(Guest *running, uint64_t next) {
    if (running == nullptr) {
        idle += next - now;
        now = next;
        return;
    }
    running->work_left -= running->work_left == UINT64_MAX ? 0 : next - now;
    now = next;
    if (running->work_left == 0) {
        run_queue_charge(&queue, now);
        if (now - running->woke_at > running->worst_response) {
            running->worst_response = now - running->woke_at;
        }
        run_queue_wait(&queue, &running->runner, now + running->habit.sleep);
    }
}
