/*
 * balance with harts as threads: more vcpus than harts, which sleep, wake, fence each other and so wander about. What
 * has to hold whatever the order of events: a vcpu is on one hart at a time, an IPI that it waits for comes, a fence
 * that was waited for is done wherever the target is, and a hart that it comes to has forgotten what it had fetched.
 */
#include "kernel/kernel_fixture.h"

#include <array>
#include <atomic>
#include <random>
#include <thread>

namespace {

constexpr uint32_t kHarts = 4;
constexpr uint32_t kVcpus = 7;
constexpr unsigned kPasses = 60000;
constexpr unsigned long kWfi = 0x10500073;

/* What a hart holds of memory that others change: as long as it is not flushed. */
struct Cache {
    uint32_t flushes = UINT32_MAX;
    unsigned value = 0;

    unsigned Read(uint32_t flushes_now, unsigned memory) {
        if (flushes != flushes_now) {
            flushes = flushes_now;
            value = memory;
        }
        return value;
    }
};

class BalanceThreads : public KernelFixture {
  public:
    struct Vcpu {
        std::atomic<int> on = -1;            /* the hart that executes it */
        std::atomic<bool> has_token = false; /* what it waits for */
        std::atomic<unsigned> code = 0;      /* its own, which it changes now and then */
    };

    /* The guest's software on one hart, from one entry to the next trap. */
    struct guest_trap Execute(struct vcpu *vcpu, uint32_t index) {
        Vcpu &self = vcpus_[vcpu->id];
        int nobody = -1;
        EXPECT_TRUE(self.on.compare_exchange_strong(nobody, static_cast<int>(index))) << "on two harts at a time";
        EXPECT_EQ(vcpu->hart, harts[index]);
        CheckCaches(vcpu, index);
        Registers(index)->sie = INTERRUPT_SOFTWARE;
        Registers(index)->mip = 0;
        struct guest_trap trap = {CAUSE_ECALL_S, 0};
        if (self.has_token.exchange(false)) {
            PassOn(vcpu);
        } else if (random_[index]() % 3 != 0) {
            trap = {CAUSE_ILLEGAL_INSTRUCTION, kWfi};
        } else {
            DoSomething(vcpu, index);
        }
        self.on = -1;
        return trap;
    }

    void CheckCaches(const struct vcpu *vcpu, uint32_t index) {
        unsigned required = fenced_;
        unsigned seen = tlb_[index].Read(__atomic_load_n(&Registers(index)->tlb_flushes, __ATOMIC_SEQ_CST), page_);
        EXPECT_GE(seen, required) << "a translation from before a fence";
        uint32_t fetch_flushes = __atomic_load_n(&Registers(index)->fetch_flushes, __ATOMIC_SEQ_CST);
        unsigned code = vcpus_[vcpu->id].code;
        EXPECT_EQ(fetched_[index][vcpu->id].Read(fetch_flushes, code), code) << "code from its last time here";
    }

    void PassOn(struct vcpu *vcpu) {
        uint32_t target = (vcpu->id + 1 + random_[vcpu->hart->index]() % (kVcpus - 1)) % kVcpus;
        vcpus_[target].has_token = true;
        passes_++;
        SetCall(vcpu, SBI_IPI, 0, {1ul << target, 0});
    }

    void DoSomething(struct vcpu *vcpu, uint32_t index) {
        fences_++; /* before the look at is_over_, so that who ends the test waits for this one */
        unsigned choice = is_over_ ? 1 : random_[index]() % 3;
        fences_ -= choice == 1;
        switch (choice) {
        case 0:
            page_++;
            fencing_[index] = page_;
            SetCall(vcpu, SBI_RFENCE, 1, {(1ul << kVcpus) - 1, 0, 0, 0});
            break;
        case 1:
            vcpus_[vcpu->id].code++;
            arch_fetch_flush();
            SetCall(vcpu, SBI_BASE, 0, {});
            break;
        default:
            SetCall(vcpu, SBI_RFENCE, 0, {(1ul << kVcpus) - 1, 0, 0, 0});
            break;
        }
    }

    /* The call has returned: from now on nobody may use what it was about. */
    void Fenced(uint32_t index) {
        unsigned version = fencing_[index];
        unsigned before = fenced_;
        while (before < version && !fenced_.compare_exchange_weak(before, version)) {
        }
        fences_--;
    }

    void RunHart(uint32_t index) {
        Become(index);
        struct context *context = nullptr;
        enum host_end ended = Run([&] { sched_resume(harts[index]); }, &context);
        while (ended == HOST_ENTERED) {
            struct vcpu *vcpu = vcpu_of_context(context);
            struct guest_trap trap = Execute(vcpu, index);
            bool is_fence = trap.cause == CAUSE_ECALL_S && vcpu->context.x[REG_A7] == SBI_RFENCE;
            auto handle = [&] {
                if (is_fence) {
                    sbi_call(vcpu);
                    Fenced(index);
                    sched_resume(harts[index]);
                }
                guest_trap_slow(&vcpu->context, &trap);
            };
            ended = Run(handle, &context);
            EndInTime();
        }
        EXPECT_EQ(ended, HOST_HALTED);
    }

    /* A hart that has halted does no more fences, so nobody may be waiting for one then. */
    void EndInTime() {
        if (passes_ >= kPasses) {
            is_over_ = true;
        }
        if (is_over_ && fences_ == 0 && !is_halting_.exchange(true)) {
            for (uint32_t index = 0; index < kHarts; index++) {
                hart_notify(harts[index], HART_EVENT_HALT);
            }
        }
    }

    std::array<Vcpu, kVcpus> vcpus_;
    std::array<std::mt19937, kHarts> random_{std::mt19937(1), std::mt19937(2), std::mt19937(3), std::mt19937(4)};
    std::array<Cache, kHarts> tlb_;
    std::array<std::array<Cache, kVcpus>, kHarts> fetched_;
    std::array<unsigned, kHarts> fencing_ = {};
    std::atomic<unsigned> page_ = 1;
    std::atomic<unsigned> fenced_ = 0;
    std::atomic<unsigned> passes_ = 0;
    std::atomic<unsigned> fences_ = 0;
    std::atomic<bool> is_over_ = false;
    std::atomic<bool> is_halting_ = false;
};

TEST_F(BalanceThreads, VcpusWanderAndNothingIsLost) {
    Start(kHarts);
    struct guest *guest = RunGuest({.vcpus = kVcpus});
    for (uint32_t id = 1; id < kVcpus; id++) {
        StartVcpu(guest->vcpus[0], id);
    }
    for (uint32_t id = 0; id < 3; id++) {
        vcpus_[id].has_token = true;
    }
    host_wait_for_threads(true);
    host_clock_set_step(40);
    std::vector<std::thread> threads;
    for (uint32_t index = 1; index < kHarts; index++) {
        threads.emplace_back([this, index] { RunHart(index); });
    }
    RunHart(0);
    for (std::thread &thread : threads) {
        thread.join();
    }
    Become(0);
    host_wait_for_threads(false);
    uint64_t moves = 0;
    for (uint32_t index = 0; index < kHarts; index++) {
        hart_notify(harts[index], HART_EVENT_MAIL); /* which the halt may have swallowed */
        moves += harts[index]->moves;
    }
    EXPECT_GT(moves, 100u) << "or this has shown nothing";
}

} // namespace
