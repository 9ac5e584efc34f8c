/* isolate: which backend a guest gets, where its RAM goes, and what of it a hart can reach when. */
#include "kernel/kernel_fixture.h"

extern "C" {
#include "kernel/arch/guest_memory.h"
#include "kernel/isolate/gstage_walk.h"
#include "kernel/isolate/pmp_match.h"
}

namespace {

constexpr uint64_t kMiB = 1 << 20;
constexpr uint64_t kRamAddress = 0x80000000;

class Isolate : public KernelFixture {
  public:
    static constexpr uint32_t kWithH = kFeatures | HART_H;

    void BootArgument(const char *text) {
        std::strncpy(machine.bootargs, text, sizeof machine.bootargs - 1);
    }

    /* Takes a page out of the machine's RAM. */
    void Reserve(uint64_t offset) {
        ASSERT_EQ(memory_reserve(paddr(Ram::Base() + offset), 4096), STATUS_OK);
    }

    /* Why the only guest is not there. */
    std::string Refusal(const GuestPlan &plan) {
        uint64_t owned = memory_statistics().owned;
        DropLog();
        MakeGuests({plan});
        EXPECT_EQ(guest_count, 0u);
        /* What the kernel takes for its own objects comes in chunks and stays. */
        EXPECT_LE(memory_statistics().owned - owned, kMiB);
        return Log();
    }

    /* Whether the guest that is live on this hart reaches a byte of its guest-physical memory. */
    static bool Reaches(const struct vcpu *vcpu, uint64_t address) {
        uint8_t byte = 0x77;
        bool reads = arch_guest_read_physical(&vcpu->context, gpaddr(address), &byte, 1) == STATUS_OK;
        bool writes = arch_guest_write_physical(&vcpu->context, gpaddr(address), &byte, 1) == STATUS_OK;
        EXPECT_EQ(reads, writes);
        return reads;
    }

    static uint8_t *HostMemory(const struct guest *guest, uint64_t address) {
        paddr_t place;
        uint64_t left;
        EXPECT_TRUE(isolate_translate(&guest->isolation, gpaddr(address), &place, &left));
        return Memory(place.value);
    }
};

TEST_F(Isolate, AutoIsGstageWhereAllHartsHaveIt) {
    Start(2, kWithH);
    EXPECT_STREQ(isolate_default_text(), "gstage (Sv39x4)");
    struct guest *guest = RunGuest({});
    EXPECT_STREQ(isolate_name(&guest->isolation), "gstage");
    EXPECT_EQ(guest->base.value, kRamAddress);
    EXPECT_EQ(guest->vcpus[0]->context.pc, kRamAddress);
    EXPECT_EQ(Log(), "guest one             1 vcpu   4 MiB at 0x80000000  gstage\nguest one: started\n");
}

TEST_F(Isolate, AutoIsPmpWhereOneHartHasNone) {
    host_harts_reset(kWithH);
    Start(2, kFeatures);
    EXPECT_STREQ(isolate_default_text(), "pmp (16 entries)");
    struct guest *guest = RunGuest({});
    EXPECT_STREQ(isolate_name(&guest->isolation), "pmp");
    EXPECT_GE(guest->base.value, Ram::Base());
}

TEST_F(Isolate, ModesThatHartsDoNotShareAreNone) {
    Start(2, kWithH);
    harts[1]->gstage_modes = 1u << 9;
    isolate_init();
    EXPECT_STREQ(isolate_default_text(), "pmp (16 entries)");
    EXPECT_NE(Refusal({.isolation = MANIFEST_ISOLATION_GSTAGE}).find("which hart 0 does not have"), std::string::npos);
}

TEST_F(Isolate, BootArgumentsDecideForGuestsThatDoNot) {
    Start(1, kWithH);
    BootArgument("quiet isolation=pmp");
    isolate_init();
    MakeGuests({{.name = "either"}, {.name = "stage", .isolation = MANIFEST_ISOLATION_GSTAGE}});
    ASSERT_EQ(guest_count, 2u);
    EXPECT_STREQ(isolate_name(&guests[0]->isolation), "pmp");
    EXPECT_STREQ(isolate_name(&guests[1]->isolation), "gstage");
}

TEST_F(Isolate, BootArgumentsThatCannotBeAreRefused) {
    Start(1, kFeatures);
    for (const char *text : {"isolation=gstage", "isolation=none", "isolation", "isolation="}) {
        BootArgument(text);
        EXPECT_EQ(Run([] { isolate_init(); }), HOST_HALTED) << text;
    }
    machine.bootargs[0] = '\0';
    BootArgument("isolation=auto");
    EXPECT_EQ(Run([] { isolate_init(); }), HOST_RETURNED);
}

TEST_F(Isolate, GstageTakesIt) {
    Start(1, kFeatures);
    EXPECT_EQ(
        Refusal({.isolation = MANIFEST_ISOLATION_GSTAGE}),
        "guest one: not started: its isolation gstage takes two-stage translation (H extension), which hart 0 does "
        "not have\nno guest is left: powering off\n");
}

TEST_F(Isolate, ARamAddressTakesGstage) {
    Start(1, kFeatures);
    EXPECT_EQ(Refusal({.ram_address = 0x40000000}),
              "guest one: not started: its ram-address takes isolation gstage: under pmp, RAM is where the machine has "
              "it\nno guest is left: powering off\n");
}

TEST_F(Isolate, RamIsWhereTheGuestWantsIt) {
    Start(1, kWithH);
    struct guest *guest = RunGuest({.ram_address = 0x40000000});
    EXPECT_EQ(guest->vcpus[0]->context.pc, 0x40000000u);
    EXPECT_TRUE(Reaches(guest->vcpus[0], 0x40000000));
    EXPECT_TRUE(Reaches(guest->vcpus[0], 0x40000000 + kGuestSize - 1));
    EXPECT_FALSE(Reaches(guest->vcpus[0], 0x40000000 - 1));
    EXPECT_FALSE(Reaches(guest->vcpus[0], 0x40000000 + kGuestSize));
    EXPECT_FALSE(Reaches(guest->vcpus[0], kRamAddress));
}

TEST_F(Isolate, RamAddressesThatCannotBeAreRefused) {
    Start(1, kWithH);
    EXPECT_NE(Refusal({.ram_address = 0x10000000}).find("puts RAM where its UART is"), std::string::npos);
    EXPECT_NE(Refusal({.memory = 8 * kMiB, .ram_address = 0x0fc00000}).find("puts RAM where its UART is"),
              std::string::npos);
    EXPECT_NE(Refusal({.ram_address = UINT64_C(1) << 41}).find("beyond the guest-physical addresses"),
              std::string::npos);
    EXPECT_NE(Refusal({.ram_address = (UINT64_C(1) << 41) - kGuestSize + 4 * kMiB}).find("beyond the guest-physical"),
              std::string::npos);
}

/* Of 64 MiB, with pages here and there that are somebody else's. */
TEST_F(Isolate, RamInPiecesIsOneToTheGuest) {
    Start(1, kWithH);
    for (uint64_t offset : {6, 12, 20, 30}) {
        Reserve(offset * kMiB);
    }
    constexpr uint64_t kSize = 50 * kMiB + 8192;
    struct guest *guest = RunGuest({.memory = kSize});
    const struct isolation *isolation = &guest->isolation;
    EXPECT_GT(isolation->piece_count, 2u);
    uint64_t next = kRamAddress;
    for (uint32_t index = 0; index < isolation->piece_count; index++) {
        EXPECT_EQ(isolation->pieces[index].from.value, next);
        next += isolation->pieces[index].size;
    }
    EXPECT_EQ(next, kRamAddress + kSize);
    for (uint64_t offset = 0; offset < kSize; offset += 4096) {
        ASSERT_TRUE(Reaches(guest->vcpus[0], kRamAddress + offset));
    }
    EXPECT_FALSE(Reaches(guest->vcpus[0], kRamAddress + kSize));
    EXPECT_FALSE(Reaches(guest->vcpus[0], kRamAddress - 1));
}

/* The loader writes a ramdisk across the pieces, and scrubs them all. */
TEST_F(Isolate, ImagesGoAcrossPieces) {
    Start(1, kWithH);
    Reserve(20 * kMiB);
    for (uint64_t offset = 0; offset < Ram::kSize; offset += 4096) {
        if (offset != 20 * kMiB) {
            Memory(Ram::Base())[offset] = 0xdb;
        }
    }
    has_ramdisk = true;
    ramdisk.resize(48 * kMiB);
    for (size_t index = 0; index < ramdisk.size(); index++) {
        ramdisk[index] = static_cast<uint8_t>(index >> 12);
    }
    struct guest *guest = RunGuest({.memory = 56 * kMiB});
    ASSERT_GT(guest->isolation.piece_count, 1u);
    uint64_t base = guest->load.placement.ramdisk_base;
    for (size_t offset = 0; offset < ramdisk.size(); offset += 4096) {
        ASSERT_EQ(*HostMemory(guest, base + offset), static_cast<uint8_t>(offset >> 12));
    }
    for (uint64_t address = kRamAddress + 64 * 1024; address < base; address += 4096) {
        ASSERT_EQ(*HostMemory(guest, address), 0);
    }
}

TEST_F(Isolate, MorePiecesThanCanBeToldApartAreRefused) {
    Start(1, kWithH);
    for (uint64_t offset = 4; offset < 64; offset += 4) {
        Reserve(offset * kMiB);
    }
    EXPECT_NE(Refusal({.memory = 28 * kMiB}).find("only in more pieces than"), std::string::npos);
}

TEST_F(Isolate, SaysHowManyPmpEntriesItTakes) {
    Start(1, kFeatures);
    harts[0]->pmp_count = 1;
    isolate_init();
    EXPECT_EQ(Refusal({.memory = 6 * kMiB}),
              "guest one: not started: it takes 2 PMP entries, and the harts have 1\nno guest is left: powering off\n");
    MakeGuests({{.memory = 4 * kMiB}});
    EXPECT_EQ(guest_count, 1u) << "a power of two is one entry, and what was refused holds no RAM";
}

TEST_F(Isolate, PmpShowsTablesForReadingAndNothingElse) {
    Start(1, kWithH);
    struct guest *guest = RunGuest({});
    const struct pmp_layout *pmp = &Registers(0)->pmp;
    paddr_t tables = paddr(reinterpret_cast<uint64_t>(guest->isolation.gstage.tables));
    EXPECT_TRUE(pmp_match(pmp, tables, 8, PMP_READ));
    EXPECT_FALSE(pmp_match(pmp, tables, 8, PMP_WRITE));
    EXPECT_FALSE(pmp_match(pmp, tables, 4, PMP_EXECUTE));
    EXPECT_FALSE(pmp_match(pmp, paddr(tables.value - 8), 8, PMP_READ));
    EXPECT_FALSE(pmp_match(pmp, paddr(tables.value + guest->isolation.gstage.size), 8, PMP_READ));
}

TEST_F(Isolate, TheWayInIsForExecutingOnly) {
    alignas(64) static const uint8_t code[64] = {};
    paddr_t place = paddr(reinterpret_cast<uint64_t>(code));
    for (uint32_t features : {kFeatures, kWithH}) {
        Start(1, features);
        Registers(0)->entry_base = place;
        Registers(0)->entry_size = sizeof code;
        struct guest *guest = RunGuest({});
        const struct pmp_layout *pmp = &Registers(0)->pmp;
        EXPECT_TRUE(pmp_match(pmp, place, sizeof code, PMP_EXECUTE));
        EXPECT_FALSE(pmp_match(pmp, place, 1, PMP_READ));
        EXPECT_FALSE(pmp_match(pmp, place, 1, PMP_WRITE));
        EXPECT_TRUE(Reaches(guest->vcpus[0], guest->base.value));
        TearDown();
    }
}

TEST_F(Isolate, AGuestThatStoppedIsOutOfReach) {
    for (uint32_t features : {kFeatures, kWithH}) {
        Start(2, features);
        struct guest *guest = RunGuest({.vcpus = 2});
        struct vcpu *first = guest->vcpus[0];
        StartVcpu(first, 1);
        Become(1);
        ASSERT_EQ(Resume(), guest->vcpus[1]);
        Become(0);
        EXPECT_EQ(CallAway(first, SBI_SRST, 0, {0, 0}), nullptr);
        EXPECT_EQ(Registers(0)->pmp.count, 0u);
        EXPECT_EQ(Registers(0)->gstage_mode, 0u);
        EXPECT_NE(Registers(1)->pmp.count, 0u) << "it has not been there yet";
        Become(1);
        (void)Resume();
        EXPECT_EQ(Registers(1)->pmp.count, 0u);
        EXPECT_EQ(Registers(1)->gstage_mode, 0u);
        EXPECT_EQ(harts[1]->isolation, nullptr);
        if (features & HART_H) {
            paddr_t place;
            uint64_t page_size;
            paddr_t root = paddr(reinterpret_cast<uint64_t>(guest->isolation.gstage.tables));
            EXPECT_FALSE(gstage_walk(8, root, gpaddr(kRamAddress), &place, &page_size));
        }
        TearDown();
    }
}

/* A hart may translate ahead at any time, so a flush is good for what is in force already: a guest is not entered
 * before one of all that confines it. */
TEST_F(Isolate, WhatAGuestIsEnteredWithIsInForceBeforeTheLastFlush) {
    for (uint32_t features : {kFeatures, kWithH}) {
        Start(1, features);
        MakeGuests({{.name = "a", .vcpus = 2},
                    {.name = "b", .isolation = features & HART_H ? MANIFEST_ISOLATION_PMP : MANIFEST_ISOLATION_AUTO}});
        struct vcpu *vcpu = Resume();
        for (unsigned long turn = 0; turn < 24; turn++) {
            ASSERT_NE(vcpu, nullptr);
            const struct host_hart *live = Registers(0);
            EXPECT_EQ(live->translated.satp, live->satp);
            EXPECT_EQ(std::memcmp(&live->translated.pmp, &live->pmp, sizeof live->pmp), 0);
            EXPECT_EQ(std::memcmp(&live->pmp, &vcpu->guest->isolation.pmp, sizeof live->pmp), 0);
            EXPECT_EQ(live->translated.gstage_mode, live->gstage_mode);
            EXPECT_EQ(live->translated.gstage_root.value, live->gstage_root.value);
            /* The guest changes its satp, and flushes for itself. */
            Registers(0)->satp = Registers(0)->translated.satp = 0x1000 + 16 * turn + vcpu->id;
            if (turn % 9 == 8) {
                vcpu = CallAway(vcpu, SBI_SRST, 0, {1, 0});
            } else if (vcpu == guests[0]->vcpus[0]) {
                vcpu =
                    CallAway(vcpu, SBI_HSM, 0, {1, guests[0]->base.value, 0}); /* its other one, if it is not there */
            } else {
                host_clock_set(host_clock() + 10 * kMillisecond);
                vcpu = Interrupt(vcpu);
            }
        }
        TearDown();
    }
}

/* RAM that a hart could still reach is nobody's to clear or to fill. */
TEST_F(Isolate, RamIsLeftAloneUntilEveryHartHasLetGo) {
    for (uint32_t features : {kFeatures, kWithH}) {
        Start(2, features);
        struct guest *guest = RunGuest({.vcpus = 2});
        struct vcpu *first = guest->vcpus[0];
        StartVcpu(first, 1);
        Become(1);
        ASSERT_EQ(Resume(), guest->vcpus[1]);
        uint8_t *byte = Memory(guest->isolation.pieces[0].to.value + kGuestSize / 2);
        *byte = 0x77;
        Become(0);
        EXPECT_EQ(CallAway(first, SBI_SRST, 0, {1, 0}), nullptr);
        for (unsigned pass = 0; pass < 20; pass++) {
            host_clock_set(host_clock() + kMillisecond);
            EXPECT_EQ(Resume(), nullptr);
        }
        EXPECT_EQ(*byte, 0x77) << "the other hart is in it";
        uint32_t flushes = Registers(1)->tlb_flushes;
        Become(1);
        (void)Resume();
        EXPECT_EQ(Registers(1)->translated.pmp.count, 0u);
        EXPECT_EQ(Registers(1)->translated.gstage_mode, 0u);
        EXPECT_GT(Registers(1)->tlb_flushes, flushes);
        for (unsigned pass = 0; pass < 20 && guest->boots == 1; pass++) {
            Become(pass % 2);
            host_clock_set(host_clock() + kMillisecond);
            (void)Resume();
        }
        EXPECT_EQ(guest->boots, 2u);
        EXPECT_EQ(*byte, 0);
        TearDown();
    }
}

TEST_F(Isolate, AGuestThatStartsAgainHasItsRamBack) {
    Start(1, kWithH);
    struct guest *guest = RunGuest({});
    struct vcpu *vcpu = guest->vcpus[0];
    EXPECT_EQ(CallAway(vcpu, SBI_SRST, 0, {1, 0}), vcpu);
    EXPECT_EQ(guest->boots, 2u);
    EXPECT_TRUE(Reaches(vcpu, kRamAddress));
    EXPECT_TRUE(Reaches(vcpu, kRamAddress + kGuestSize - 1));
}

/* A hart that had it before, and was not asked since, does not go on with what it had. */
TEST_F(Isolate, AHartNoticesThatTheIsolationWasClosedMeanwhile) {
    Start(1, kWithH);
    struct guest *guest = RunGuest({});
    Registers(0)->gstage_mode = 0;
    isolate_activate(harts[0], &guest->isolation);
    EXPECT_EQ(Registers(0)->gstage_mode, 0u) << "the same epoch: it is in force";
    isolate_close(&guest->isolation);
    isolate_open(&guest->isolation);
    isolate_activate(harts[0], &guest->isolation);
    EXPECT_EQ(Registers(0)->gstage_mode, 8u);
}

/* Even the vcpu that ran last flushes then: what the TLB knows was allowed by the limits of before. */
TEST_F(Isolate, WhoeverComesAfterAChangeFlushesTheTlb) {
    Start(1);
    struct guest *guest = RunGuest({});
    ASSERT_EQ(harts[0]->tlb_owner, guest->vcpus[0]);
    isolate_activate(harts[0], &guest->isolation);
    EXPECT_EQ(harts[0]->tlb_owner, guest->vcpus[0]) << "nothing changed";
    uint32_t flushes = Registers(0)->tlb_flushes;
    isolate_leave(harts[0], &guest->isolation);
    EXPECT_GT(Registers(0)->tlb_flushes, flushes);
    EXPECT_EQ(Registers(0)->pmp.count, 0u);
    harts[0]->tlb_owner = guest->vcpus[0];
    isolate_activate(harts[0], &guest->isolation);
    EXPECT_EQ(harts[0]->tlb_owner, nullptr);
    EXPECT_EQ(Registers(0)->pmp.count, guest->isolation.pmp.count);
    harts[0]->tlb_owner = guest->vcpus[0];
}

TEST_F(Isolate, TwoGuestsOfDifferentBackendsOnOneHart) {
    Start(1, kWithH);
    MakeGuests(
        {{.name = "a", .isolation = MANIFEST_ISOLATION_GSTAGE}, {.name = "b", .isolation = MANIFEST_ISOLATION_PMP}});
    ASSERT_EQ(guest_count, 2u);
    struct vcpu *vcpu = Resume();
    ASSERT_NE(vcpu, nullptr);
    for (unsigned turn = 0; turn < 6; turn++) {
        const struct guest *other = guests[vcpu->guest == guests[0] ? 1 : 0];
        EXPECT_TRUE(Reaches(vcpu, vcpu->guest->base.value));
        EXPECT_FALSE(Reaches(vcpu, other->base.value));
        EXPECT_FALSE(Reaches(vcpu, other->isolation.pieces[0].to.value));
        EXPECT_EQ(Registers(0)->gstage_mode, vcpu->guest == guests[0] ? 8u : 0u);
        host_clock_set(host_clock() + 10 * kMillisecond);
        vcpu = Interrupt(vcpu);
        ASSERT_NE(vcpu, nullptr);
    }
}

using IsolateDeathTest = Isolate;

TEST_F(IsolateDeathTest, AHartThatDoesNotTakeTheSecondStageIsAPanic) {
    EXPECT_EXIT(
        {
            Start(1, kWithH);
            MakeGuests({{}});
            harts[0]->gstage_modes = 0;
            (void)Run([] { isolate_activate(harts[0], &guests[0]->isolation); });
            std::fputs(board.finisher == 0x13333 ? "ended with a failure" : "no failure", stderr);
            std::_Exit(7);
        },
        testing::ExitedWithCode(7), "ended with a failure");
}

} // namespace
