/* loader, guest and report: a guest's lives, each from scrubbed RAM and the same image, and what a person reads of
 * them. */
#include "kernel/kernel_fixture.h"

#include <libfdt.h>

#include <algorithm>

extern "C" {
#include "kernel/guest/report.h"
}

namespace {

class Loader : public KernelFixture {
  public:
    static std::string Hex(uint64_t value) {
        char text[17];
        std::snprintf(text, sizeof text, "%llx", static_cast<unsigned long long>(value));
        return text;
    }

    void Reboot(struct vcpu *vcpu, unsigned long type = 1) {
        ASSERT_EQ(CallAway(vcpu, SBI_SRST, 0, {type, 0}), vcpu);
    }
};

TEST_F(Loader, PutsEveryImageInItsPlaceAndStartsHartZero) {
    Start(1);
    has_ramdisk = true;
    kernel = MakeImage(3 << 20, 4 << 20, 0x1000); /* several steps */
    MakeGuests({{.memory = 8 << 20}});
    struct vcpu *vcpu = Resume();
    struct guest *guest = guests[0];
    ASSERT_EQ(vcpu, guest->vcpus[0]);
    const struct placement &placement = guest->load.placement;
    EXPECT_EQ(vcpu->context.pc, guest->base.value + 0x1000);
    EXPECT_EQ(vcpu->context.x[REG_A0], 0u);
    EXPECT_EQ(vcpu->context.x[REG_A1], placement.fdt_base);
    EXPECT_EQ(std::memcmp(Memory(placement.kernel_base), kernel.data(), kernel.size()), 0);
    EXPECT_EQ(std::memcmp(Memory(placement.ramdisk_base), ramdisk.data(), ramdisk.size()), 0);
    EXPECT_EQ(fdt_check_full(Memory(placement.fdt_base), PLACEMENT_FDT_SIZE), 0);
    EXPECT_EQ(Registers(0)->fetch_flushes, 1u) << "the code is new to this hart";
    EXPECT_EQ(Log(),
              "guest one             1 vcpu   8 MiB at 0x" + Hex(guest->base.value) + "  pmp\nguest one: started\n");
}

TEST_F(Loader, NoByteOfTheFirstLifeIsLeftInTheSecond) {
    Start(1);
    has_ramdisk = true;
    struct guest *guest = RunGuest({});
    std::vector<uint8_t> first(Memory(guest->base.value), Memory(guest->base.value) + kGuestSize);
    std::memset(Memory(guest->base.value), 0xdb, kGuestSize);
    Reboot(guest->vcpus[0]);
    const uint8_t *second = Memory(guest->base.value);
    uint64_t fdt = guest->load.placement.fdt_base - guest->base.value;
    EXPECT_EQ(std::memcmp(first.data(), second, fdt), 0) << "the same as at first but for the tree";
    EXPECT_EQ(std::count(second + fdt, second + kGuestSize, 0xdb), 0);
    EXPECT_EQ(guest->boots, 2u);
}

TEST_F(Loader, ManyLivesLookAlike) {
    Start(1);
    struct guest *guest = RunGuest({});
    uint64_t wait = 100;
    for (unsigned life = 2; life < 20; life++) {
        Memory(guest->base.value)[life * 4096] = 1;
        DropLog();
        Reboot(guest->vcpus[0], 1 + life % 2);
        EXPECT_EQ(Memory(guest->base.value)[life * 4096], life * 4096 < kernel.size() ? kernel[life * 4096] : 0);
        std::string kind = life % 2 ? "warm" : "cold";
        EXPECT_EQ(Log(), "guest one: " + kind + " reboot (no reason given) by vcpu 0; it starts again in " +
                             std::to_string(wait) + " ms\nguest one: started again from its image, boot " +
                             std::to_string(life) + "\n");
        wait = std::min<uint64_t>(2 * wait, 60000);
    }
}

TEST_F(Loader, AGuestLoadsInItsOwnTimeBesideAnother) {
    Start(1);
    MakeGuests({{.name = "small"}, {.name = "large", .memory = 32 << 20}});
    host_clock_set_step(kMillisecond); /* for a decision, and so for a step */
    struct vcpu *small = guests[0]->vcpus[0];
    struct vcpu *large = guests[1]->vcpus[0];
    ASSERT_EQ(Resume(), small);
    uint64_t ran = small->runner.ticks_run;
    uint64_t loaded = large->runner.ticks_run;
    unsigned entries = 0;
    while (guests[1]->state == GUEST_CREATED && entries < 1000) {
        ASSERT_EQ(Interrupt(small), small);
        entries++;
    }
    EXPECT_EQ(guests[1]->state, static_cast<uint32_t>(GUEST_RUNNING));
    ran = small->runner.ticks_run - ran;
    loaded = large->runner.ticks_run - loaded;
    EXPECT_GT(loaded, 20 * kMillisecond);
    EXPECT_NEAR(static_cast<double>(ran), static_cast<double>(loaded), 6.0 * kMillisecond) << "by turns";
}

TEST_F(Loader, TheConsoleAndTheUartOfTheNextLifeAreNew) {
    Start(1);
    struct guest *guest = RunGuest({});
    vuart_write(&guest->vuart, 7, 0x55);
    port_put_input(&guest->port, "typed before", 12);
    Reboot(guest->vcpus[0]);
    EXPECT_EQ(vuart_read(&guest->vuart, 7), 0);
    EXPECT_EQ(port_input_pending(&guest->port), 0u);
}

TEST_F(Loader, AnImageThatDoesNotFitIsRefusedAndTheOthersRun) {
    Start(1);
    kernel = MakeImage(4096, 6 << 20);
    MakeGuests({{.name = "tight"}, {.name = "roomy", .memory = 8 << 20}});
    struct vcpu *vcpu = Resume();
    ASSERT_EQ(vcpu, guests[1]->vcpus[0]);
    EXPECT_EQ(guests[0]->state, static_cast<uint32_t>(GUEST_STOPPED));
    EXPECT_NE(Log().find("guest tight: not started: its RAM is too small"), std::string::npos);
}

TEST_F(Loader, WithoutAnyGuestTheMachineGoesOff) {
    Start(1);
    kernel = std::vector<uint8_t>(100, 1);
    MakeGuests({{}});
    EXPECT_EQ(end, HOST_HALTED);
    EXPECT_EQ(board.finisher, 0x5555u);
}

TEST_F(Loader, GuestsThatThereIsNoRamForAreLeftOut) {
    Start(1);
    MakeGuests({{.name = "huge", .memory = 1ul << 40}, {.name = "one"}});
    EXPECT_EQ(guest_count, 1u);
    EXPECT_NE(Log().find("guest huge: not started: no piece of RAM that large is left"), std::string::npos);
    EXPECT_NE(Resume(), nullptr);
}

TEST_F(Loader, HartsWithAPmpTooCoarseOrTooSmallAreNotTrusted) {
    Start(1);
    harts[0]->pmp_granule_bits = 21;
    isolate_init();
    MakeGuests({{.name = "odd", .memory = 3 << 20}, {.name = "even"}});
    EXPECT_NE(Log().find("guest odd: not started: its RAM cannot be told apart"), std::string::npos);
    EXPECT_EQ(guest_count, 1u);
    EXPECT_NE(Resume(), nullptr);
}

TEST_F(Loader, OwnsItsRamToTheByte) {
    Start(1);
    struct guest *guest = RunGuest({});
    uint64_t base = guest->base.value;
    EXPECT_TRUE(guest_owns(guest, gpaddr(base), kGuestSize));
    EXPECT_TRUE(guest_owns(guest, gpaddr(base + kGuestSize - 1), 1));
    EXPECT_FALSE(guest_owns(guest, gpaddr(base), kGuestSize + 1));
    EXPECT_FALSE(guest_owns(guest, gpaddr(base - 1), 1));
    EXPECT_FALSE(guest_owns(guest, gpaddr(base + kGuestSize), 1));
    EXPECT_FALSE(guest_owns(guest, gpaddr(base + 1), UINT64_MAX));
    EXPECT_FALSE(guest_owns(guest, gpaddr(UINT64_MAX), 2));
}

TEST_F(Loader, TheStateHasAWord) {
    Start(1);
    MakeGuests({{.name = "one"}, {.name = "two"}});
    EXPECT_STREQ(guest_state_text(guests[0]), "created");
    for (unsigned pass = 0; pass < 100 && guests[0]->state == GUEST_CREATED; pass++) {
        ASSERT_NE(Resume(), nullptr);
        host_clock_set(host_clock() + 5 * kMillisecond);
    }
    EXPECT_STREQ(guest_state_text(guests[0]), "running");
    struct guest_end end = {};
    guest_stop(guests[0], &end);
    EXPECT_STREQ(guest_state_text(guests[0]), "stopping");
    (void)Resume();
    EXPECT_STREQ(guest_state_text(guests[0]), "stopped");
    end.kind = GUEST_END_CRASH;
    guest_stop(guests[1], &end);
    guest_stop(guests[1], &end);
    (void)Resume();
    EXPECT_STREQ(guest_state_text(guests[1]), "crashed");
}

TEST_F(Loader, EveryWayToEndHasItsSentence) {
    auto end_of = [](enum guest_end_kind kind, uint32_t reason, unsigned long cause = 0) {
        struct guest_end end = {};
        end.kind = kind;
        end.reset_reason = reason;
        end.cause = cause;
        end.pc = 0x1234;
        end.value = 0x77;
        return end;
    };
    const struct restart_verdict stays_off = {};
    const std::vector<std::pair<struct guest_end, std::string>> ends = {
        {end_of(GUEST_END_SHUTDOWN, 0), "guest one: shut down (no reason given) by vcpu 0; it stays off"},
        {end_of(GUEST_END_SHUTDOWN, 1), "guest one: shut down (system failure)"},
        {end_of(GUEST_END_SHUTDOWN, 0xe0000000), "guest one: shut down (a reason of its own)"},
        {end_of(GUEST_END_CRASH, 0, 5), "cannot take a trap: load access fault (cause 5, value 0x77) at 0x1234"},
        {end_of(GUEST_END_CRASH, 0, 63), "cannot take a trap: exception (cause 63"},
        {end_of(GUEST_END_ENDLESS, 0, 13), "crashed: its vcpu 0 traps for ever in its trap handler: load page fault"},
        {end_of(GUEST_END_DOUBLE_TRAP, 0, 3), "took a trap inside its trap handler: breakpoint (cause 3"},
        {end_of(GUEST_END_HUNG, 0), "had the hart for 0 ms without a sign of life, last at 0x1234; it stays off"},
        {end_of(GUEST_END_STOPPED, 0), "guest one: stopped from the console; it stays off"},
        {end_of(GUEST_END_RESTARTED, 0), "guest one: restarted from the console"},
    };
    Start(1);
    MakeGuests({{.name = "one"}, {.name = "rest"}});
    for (const auto &[reason, sentence] : ends) {
        struct guest *guest = guests[0];
        guest->state = GUEST_RUNNING;
        guest->end = reason;
        DropLog();
        report_ended(guest, &stays_off);
        EXPECT_NE(Log().find(sentence), std::string::npos) << sentence;
    }
    guests[0]->state = GUEST_CREATED;
    guests[0]->end = {};
    ASSERT_NE(Resume(), nullptr);
}

} // namespace
