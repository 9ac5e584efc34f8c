/* guest_fdt: what a guest is told of its machine, read back with libfdt. */
#include "kernel/kernel_fixture.h"

#include <libfdt.h>

#include <set>

extern "C" {
#include "kernel/guest/devices.h"
#include "kernel/guest/guest_fdt.h"
#include "lib/fdt_read.h"
}

namespace {

class GuestFdt : public KernelFixture {
  public:
    void SetUp() override {
        Start(1);
        ASSERT_TRUE(entropy_init(std::vector<uint8_t>(64, 0x5e).data(), 64));
    }

    const void *Fdt() const {
        return Memory(guests[0]->load.placement.fdt_base);
    }

    int Node(const std::string &path) const {
        int node = fdt_path_offset(Fdt(), path.c_str());
        EXPECT_GE(node, 0) << path;
        return node;
    }

    std::string Text(const std::string &path, const char *name) const {
        const char *text = nullptr;
        EXPECT_EQ(fdt_read_string(Fdt(), Node(path), name, &text), STATUS_OK) << path << " " << name;
        return text != nullptr ? text : "";
    }

    uint64_t Number(const std::string &path, const char *name) const {
        uint64_t value = 0;
        EXPECT_EQ(fdt_read_u64(Fdt(), Node(path), name, &value), STATUS_OK) << path << " " << name;
        return value;
    }

    struct fdt_region Region(const std::string &path) const {
        struct fdt_place place = {};
        struct fdt_region region = {};
        EXPECT_EQ(fdt_place_find(Fdt(), Node(path), &place), STATUS_OK) << path;
        EXPECT_EQ(fdt_read_region(Fdt(), &place, 0, &region), STATUS_OK) << path;
        return region;
    }

    std::string Seed() const {
        int size = 0;
        const void *seed = fdt_getprop(Fdt(), Node("/chosen"), "rng-seed", &size);
        return seed != nullptr ? std::string(static_cast<const char *>(seed), static_cast<size_t>(size)) : "";
    }
};

TEST_F(GuestFdt, SaysAllThatLinuxAsksFor) {
    has_ramdisk = true;
    struct guest *guest = RunGuest({.vcpus = 3});
    ASSERT_EQ(fdt_check_full(Fdt(), PLACEMENT_FDT_SIZE), 0);
    for (unsigned id = 0; id < 3; id++) {
        std::string cpu = "/cpus/cpu@" + std::to_string(id);
        EXPECT_EQ(Number(cpu, "reg"), id);
        EXPECT_EQ(Text(cpu, "device_type"), "cpu");
        EXPECT_EQ(Text(cpu, "compatible"), "riscv");
        EXPECT_EQ(Text(cpu, "status"), "okay");
        EXPECT_EQ(Text(cpu, "mmu-type"), "riscv,sv39");
        EXPECT_EQ(Text(cpu, "riscv,isa"), "rv64imafdc_zicsr_zifencei_zmmul_zaamo_zalrsc_zca");
        EXPECT_EQ(Text(cpu, "riscv,isa-base"), "rv64i");
        EXPECT_EQ(Text(cpu + "/interrupt-controller", "compatible"), "riscv,cpu-intc");
        EXPECT_EQ(Number(cpu + "/interrupt-controller", "#interrupt-cells"), 1u);
    }
    EXPECT_LT(fdt_path_offset(Fdt(), "/cpus/cpu@3"), 0);
    EXPECT_EQ(Number("/cpus", "timebase-frequency"), kTicksPerSecond);
    struct fdt_region ram = Region("/memory");
    EXPECT_EQ(ram.address, guest->base.value);
    EXPECT_EQ(ram.size, kGuestSize);
    EXPECT_EQ(Text("/memory", "device_type"), "memory");
    EXPECT_EQ(Text("/chosen", "bootargs"), "console=ttyS0");
    std::string uart = Text("/chosen", "stdout-path");
    EXPECT_EQ(Text(uart, "compatible"), "ns16550a");
    EXPECT_EQ(Region(uart).address, DEVICE_UART_BASE);
    EXPECT_EQ(fdt_getprop(Fdt(), Node(uart), "interrupts", nullptr), nullptr) << "it is polled";
    EXPECT_EQ(Number("/chosen", "linux,initrd-start"), guest->load.placement.ramdisk_base);
    EXPECT_EQ(Number("/chosen", "linux,initrd-end"), guest->load.placement.ramdisk_base + ramdisk.size());
}

TEST_F(GuestFdt, WithoutARamdiskNoneIsNamed) {
    RunGuest({});
    EXPECT_EQ(fdt_getprop(Fdt(), Node("/chosen"), "linux,initrd-start", nullptr), nullptr);
    EXPECT_EQ(fdt_getprop(Fdt(), Node("/chosen"), "linux,initrd-end", nullptr), nullptr);
}

TEST_F(GuestFdt, HiddenExtensionsAreInNeitherList) {
    std::string hidden("c\0zifencei\0", 11);
    RunGuest({.hidden = hidden});
    EXPECT_EQ(Text("/cpus/cpu@0", "riscv,isa"), "rv64imafd_zicsr_zmmul_zaamo_zalrsc_zca");
    int size = 0;
    const char *list =
        static_cast<const char *>(fdt_getprop(Fdt(), Node("/cpus/cpu@0"), "riscv,isa-extensions", &size));
    EXPECT_EQ(fdt_stringlist_contains(list, size, "c"), 0);
    EXPECT_EQ(fdt_stringlist_contains(list, size, "zifencei"), 0);
    EXPECT_EQ(fdt_stringlist_contains(list, size, "d"), 1);
}

TEST_F(GuestFdt, HidingSstcTakesItAwayToo) {
    Start(1, kFeatures | HART_SSTC);
    struct guest *guest = RunGuest({.hidden = std::string("sstc\0", 5)});
    EXPECT_FALSE(guest->vcpus[0]->context.has_sstc);
    EXPECT_EQ(Text("/cpus/cpu@0", "riscv,isa").find("sstc"), std::string::npos);
}

TEST_F(GuestFdt, EverySeedIsNew) {
    struct guest *guest = RunGuest({});
    std::set<std::string> seeds;
    for (unsigned boot = 0; boot < 20; boot++) {
        std::string seed = Seed();
        EXPECT_EQ(seed.size(), size_t{ENTROPY_SIZE});
        EXPECT_TRUE(seeds.insert(seed).second) << "given before";
        ASSERT_EQ(CallAway(guest->vcpus[0], SBI_SRST, 0, {1, 0}), guest->vcpus[0]);
    }
}

TEST_F(GuestFdt, WithoutASourceThereIsNoSeed) {
    EXPECT_FALSE(entropy_init(nullptr, 0));
    EXPECT_FALSE(entropy_init(std::vector<uint8_t>(31).data(), 31)) << "too little to be worth anything";
    RunGuest({});
    EXPECT_EQ(Seed(), "");
}

TEST_F(GuestFdt, TheHartsOwnSourceIsEnough) {
    const std::vector<uint8_t> noise(ENTROPY_SIZE, 0x11);
    harts[0]->features |= HART_ENTROPY;
    host_entropy_set(noise.data(), static_cast<uint32_t>(noise.size()));
    EXPECT_TRUE(entropy_init(nullptr, 0));
    RunGuest({});
    EXPECT_EQ(Seed().size(), size_t{ENTROPY_SIZE});
    EXPECT_NE(Seed(), std::string(noise.begin(), noise.end()));
}

/* The largest guest of the manifest on the richest hart that the table knows. */
TEST_F(GuestFdt, TheLargestOneFits) {
    for (unsigned extension = 0; extension < ISA_EXTENSION_COUNT; extension++) {
        if (isa_policy(static_cast<enum isa_extension>(extension)) == ISA_GUEST_OK) {
            isa_add(&machine.guest_isa, static_cast<enum isa_extension>(extension));
        }
    }
    struct guest *guest = RunGuest({.vcpus = MANIFEST_VCPUS_MAX});
    std::string bootargs(MANIFEST_BOOTARGS_SIZE - 1, 'b');
    const struct manifest_guest *const before = guest->manifest;
    struct manifest_guest manifest = *before;
    manifest.bootargs = bootargs.c_str();
    guest->manifest = &manifest;
    std::vector<uint8_t> fdt(PLACEMENT_FDT_SIZE);
    EXPECT_EQ(guest_fdt_write(guest, fdt.data(), fdt.size()), STATUS_OK);
    EXPECT_EQ(fdt_path_offset(fdt.data(), "/cpus/cpu@3f") >= 0, true);
    guest->manifest = before;
}

TEST_F(GuestFdt, IsRefusedWhereItDoesNotFitWithoutABytePastTheEnd) {
    struct guest *guest = RunGuest({.vcpus = 4});
    for (size_t size = 1; size < fdt_totalsize(Fdt()); size += 7) {
        std::vector<uint8_t> fdt(size);
        fdt.shrink_to_fit();
        EXPECT_EQ(guest_fdt_write(guest, fdt.data(), fdt.size()), STATUS_TOO_BIG) << size;
    }
}

} // namespace
