/*
 * A booted kernel on the build machine (arch/host): harts, RAM, a console, and guests made from images as on a real
 * machine. Tests play the guests: they write registers and guest memory, and trap.
 */
#pragma once

#include <gtest/gtest.h>

#include <sys/mman.h>

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "kernel/arch/host/board.h"

extern "C" {
#include "kernel/arch/hart.h"
#include "kernel/boot/entropy.h"
#include "kernel/boot/machine.h"
#include "kernel/console/kernel_log.h"
#include "kernel/dev/kernel_console.h"
#include "kernel/dev/reset.h"
#include "kernel/guest/guest.h"
#include "kernel/guest/trap.h"
#include "kernel/irq/timer.h"
#include "kernel/isolate/isolate.h"
#include "kernel/mem/memory.h"
#include "kernel/sbi/sbi.h"
#include "kernel/sched/sched.h"
}

/* RAM of the machine: an address range of this process, the same for all tests of a binary, zero when asked for. */
class Ram {
  public:
    static constexpr uint64_t kSize = 64 << 20;

    static uint64_t Base() {
        static const uint64_t base = Map();
        return base;
    }

    static void Clear() {
        ASSERT_EQ(madvise(reinterpret_cast<void *>(Base()), kSize, MADV_DONTNEED), 0);
    }

  private:
    static uint64_t Map() {
        constexpr uint64_t kAlignment = 4 << 20;
        void *memory = mmap(nullptr, kSize + kAlignment, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        return (reinterpret_cast<uint64_t>(memory) + kAlignment - 1) / kAlignment * kAlignment;
    }
};

/* A Linux Image: the header, then `size` bytes of 0x5a. */
inline std::vector<uint8_t> MakeImage(size_t size, uint64_t memory_size, uint64_t text_offset = 0) {
    std::vector<uint8_t> image(64 + size, 0x5a);
    std::fill(image.begin(), image.begin() + 64, uint8_t{0});
    std::memcpy(&image[8], &text_offset, 8);
    std::memcpy(&image[16], &memory_size, 8);
    image[32] = 2;
    std::memcpy(&image[48], "RISCV\0\0\0", 8);
    std::memcpy(&image[56], "RSC\x05", 4);
    return image;
}

/* What an SBI call gave back. */
struct SbiAnswer {
    long error;
    unsigned long value;

    bool operator==(const SbiAnswer &) const = default;
};

class KernelFixture : public testing::Test {
  public:
    static constexpr uint64_t kTicksPerSecond = 10000000;
    static constexpr uint64_t kMillisecond = kTicksPerSecond / 1000;
    static constexpr uint64_t kGuestSize = 4 << 20;
    static constexpr uint32_t kFeatures = HART_S | HART_FP | HART_TIME | HART_ENVCFG;

    struct GuestPlan {
        std::string name = "one";
        uint32_t vcpus = 1;
        uint64_t memory = kGuestSize;
        bool has_keyboard = false;
        std::string hidden = {}; /* a NUL after each */
        uint32_t priority = 0;
        uint32_t weight = MANIFEST_WEIGHT_DEFAULT;
        uint32_t budget = 0; /* microseconds */
        uint32_t period = 0;
        std::string affinity = {}; /* hart ids, four bytes each, the highest first */
        enum manifest_isolation isolation = MANIFEST_ISOLATION_AUTO;
        uint64_t ram_address = UINT64_MAX; /* none */
        enum manifest_restart restart = MANIFEST_RESTARTS_NEVER;
        uint32_t backoff_ms = MANIFEST_BACKOFF_DEFAULT_MS;
        uint32_t restart_limit = 0;
        uint32_t watchdog_ms = 0;
    };

    /* A machine of that many harts and no guest. The calling thread is hart 0. */
    void Start(uint32_t count, uint32_t features = kFeatures) {
        Ram::Clear();
        host_harts_reset(features);
        host_clock_set(kTicksPerSecond);
        DropLog();
        machine = {};
        machine.ticks_per_second = kTicksPerSecond;
        isa_init(&machine.guest_isa, 64);
        for (enum isa_extension extension : {ISA_I, ISA_M, ISA_A, ISA_F, ISA_D, ISA_C, ISA_ZICSR, ISA_ZIFENCEI}) {
            isa_add(&machine.guest_isa, extension);
        }
        if (features & HART_SSTC) {
            isa_add(&machine.guest_isa, ISA_SSTC);
        }
        struct reset_device device = {paddr(Board::kFinisher), 0x5555, 0x13333};
        reset_init(&device);
        timer_init(paddr(Board::kMtime), kTicksPerSecond);
        memory_init();
        ASSERT_EQ(memory_add_ram(paddr(Ram::Base()), Ram::kSize), STATUS_OK);
        kernel_console_init();
        StartHarts(count);
        isolate_init();
    }

    /* Ends what the test left, so that the kernel's counters are as before it. */
    void TearDown() override {
        host_clock_set_step(0);
        host_wait_for_threads(false);
        for (uint32_t index = 0; index < guest_count; index++) {
            EndGuest(*guests[index]);
        }
        guest_count = 0;
        hart_count = 0;
    }

    /* Makes guests as boot does; they load and start when their harts are resumed. Without any, the machine goes off.
     */
    void MakeGuests(const std::vector<GuestPlan> &plans) {
        manifest_ = {};
        plans_ = plans;
        for (const GuestPlan &plan : plans_) {
            struct manifest_guest &guest = manifest_.guests[manifest_.guest_count++];
            guest.name = plan.name.c_str();
            guest.kernel = "kernel";
            guest.bootargs = "console=ttyS0";
            guest.memory = plan.memory;
            guest.vcpus = plan.vcpus;
            guest.has_keyboard = plan.has_keyboard;
            guest.hidden = plan.hidden.data();
            guest.hidden_size = plan.hidden.size();
            guest.priority = plan.priority;
            guest.weight = plan.weight;
            guest.budget = plan.budget;
            guest.period = plan.period;
            guest.affinity = reinterpret_cast<const uint8_t *>(plan.affinity.data());
            guest.affinity_count = static_cast<uint32_t>(plan.affinity.size() / 4);
            guest.isolation = plan.isolation;
            guest.has_ram_address = plan.ram_address != UINT64_MAX;
            guest.ram_address = plan.ram_address;
            guest.restart = plan.restart;
            guest.backoff_ms = plan.backoff_ms;
            guest.restart_limit = plan.restart_limit;
            guest.watchdog_ms = plan.watchdog_ms;
            guest.kernel_image = &kernel_image_;
            guest.ramdisk_image = has_ramdisk ? &ramdisk_image_ : nullptr;
        }
        kernel_image_ = {};
        kernel_image_.data = kernel.data();
        kernel_image_.size = kernel.size();
        ramdisk_image_ = {};
        ramdisk_image_.data = ramdisk.data();
        ramdisk_image_.size = ramdisk.size();
        end = Run([this] { guests_create(&manifest_); });
    }

    /* One guest that runs: vcpu 0 is live on hart 0. */
    struct guest *RunGuest(const GuestPlan &plan) {
        MakeGuests({plan});
        EXPECT_NE(Resume(), nullptr);
        return guests[0];
    }

    /* Starts another vcpu of a guest by SBI, and runs it on its home as far as its first instruction. */
    void StartVcpu(struct vcpu *starter, uint32_t id) {
        struct guest *guest = starter->guest;
        ASSERT_EQ(Call(starter, SBI_HSM, 0, {id, guest->base.value, 0}), (SbiAnswer{0, 0}));
    }

    /* The hart whose code this thread executes from now on. */
    void Become(uint32_t index) {
        host_hart_become(harts[index]);
    }

    /* Runs the scheduler of the current hart; null: it sleeps for ever, or was halted. */
    struct vcpu *Resume() {
        return RunInto([] { sched_resume(arch_hart_self()); });
    }

    /* The live vcpu traps, as its hart would say; returns what runs next. */
    struct vcpu *Trap(struct vcpu *vcpu, unsigned long cause, unsigned long value = 0) {
        EXPECT_EQ(arch_hart_self(), vcpu->hart) << "a vcpu traps on its own hart";
        struct guest_trap trap = {cause, value};
        return RunInto([&] { guest_trap_slow(&vcpu->context, &trap); });
    }

    struct vcpu *Interrupt(struct vcpu *vcpu) {
        EXPECT_EQ(arch_hart_self(), vcpu->hart) << "a vcpu is interrupted on its own hart";
        return RunInto([&] { guest_interrupted(&vcpu->context, 7); });
    }

    /* An SBI call of the live vcpu that returns to it. */
    SbiAnswer Call(struct vcpu *vcpu, unsigned long extension, unsigned long function,
                   std::vector<unsigned long> arguments) {
        unsigned long pc = vcpu->context.pc;
        SetCall(vcpu, extension, function, arguments);
        struct vcpu *next = Trap(vcpu, CAUSE_ECALL_S);
        EXPECT_EQ(next, vcpu);
        EXPECT_EQ(vcpu->context.pc, pc + 4);
        return {static_cast<long>(vcpu->context.x[REG_A0]), vcpu->context.x[REG_A1]};
    }

    /* An SBI call after which something else may run. */
    struct vcpu *CallAway(struct vcpu *vcpu, unsigned long extension, unsigned long function,
                          const std::vector<unsigned long> &arguments) {
        SetCall(vcpu, extension, function, arguments);
        return Trap(vcpu, CAUSE_ECALL_S);
    }

    static void SetCall(struct vcpu *vcpu, unsigned long extension, unsigned long function,
                        const std::vector<unsigned long> &arguments) {
        for (size_t index = 0; index < 6; index++) {
            vcpu->context.x[REG_A0 + index] = index < arguments.size() ? arguments[index] : 0;
        }
        vcpu->context.x[REG_A6] = function;
        vcpu->context.x[REG_A7] = extension;
    }

    /* Calls what need not return on the current hart. */
    template <typename Function> static enum host_end Run(Function function, struct context **out_entered) {
        return host_run([](void *argument) { (*static_cast<Function *>(argument))(); }, &function, out_entered);
    }

    template <typename Function> static enum host_end Run(Function function) {
        struct context *entered;
        return Run(function, &entered);
    }

    /* Calls what leaves for a guest on the current hart: the vcpu that runs next; null: none does. */
    template <typename Function> struct vcpu *RunInto(Function function) {
        struct context *entered;
        end = Run(function, &entered);
        return entered != nullptr ? vcpu_of_context(entered) : nullptr;
    }

    static struct host_hart *Registers(uint32_t index) {
        return host_hart_of(harts[index]);
    }

    /* The lines of the kernel since the last call. */
    static std::string Log() {
        std::string lines;
        char text[LOG_LINE_SIZE];
        while (log_take(&kernel_log, text)) {
            lines += std::string(text) + "\n";
        }
        return lines;
    }

    static void DropLog() {
        (void)Log();
    }

    /* Guest memory, which is memory of this process. */
    static uint8_t *Memory(uint64_t address) {
        return reinterpret_cast<uint8_t *>(address);
    }

    template <typename T> static void Put(uint64_t address, T value) {
        std::memcpy(Memory(address), &value, sizeof value);
    }

    Board board;
    std::vector<uint8_t> kernel = MakeImage(4096, 8192);
    std::vector<uint8_t> ramdisk = std::vector<uint8_t>(5000, 0x7b);
    bool has_ramdisk = false;
    enum host_end end = HOST_RETURNED;

  private:
    void StartHarts(uint32_t count) {
        storage_.clear();
        hart_count = count;
        for (uint32_t index = 0; index < count; index++) {
            storage_.push_back(std::make_unique<struct hart>());
            struct hart *hart = storage_.back().get();
            hart->id = index;
            hart->index = index;
            hart->ipi = paddr(Board::kClint + index * 4);
            hart->timer = paddr(Board::kMtimecmp + index * 8);
            hart->online = 1;
            hart->interrupts = IRQ_SOFTWARE | IRQ_TIMER | (index == 0 ? IRQ_EXTERNAL : 0);
            harts[index] = hart;
            host_hart_become(hart);
            arch_hart_probe(hart);
            sched_init_hart(hart);
            timer_init_hart(hart);
        }
        host_hart_become(harts[0]);
    }

    void EndGuest(struct guest &guest) {
        for (unsigned pass = 0; pass < 1000 && !guest_is_off(&guest); pass++) {
            host_clock_set(host_clock() + 3 * kMillisecond); /* jobs load what is to be ended, beside others */
            guest_obey(&guest, GUEST_ORDER_STOP);
            for (uint32_t index = 0; index < hart_count; index++) {
                Become(index);
                (void)Resume();
            }
        }
        EXPECT_TRUE(guest_is_off(&guest)) << guest_state_text(&guest);
    }

    std::vector<std::unique_ptr<struct hart>> storage_;
    std::vector<GuestPlan> plans_;
    struct manifest manifest_ = {};
    struct fit_image kernel_image_ = {};
    struct fit_image ramdisk_image_ = {};
};
