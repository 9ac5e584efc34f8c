/*
 * machine_*: the device trees of real machines are understood, and trees that lie end in a sentence or in a machine
 * that holds together; never in anything else.
 */
#include "kernel/kernel_fixture.h"

#include <cstdlib>
#include <random>
#include <set>

#include "kernel/boot/tree_sample.h"

extern "C" {
#include "kernel/guest/devices.h"
#include "lib/fit/fit_tree.h"
}

namespace {

using tree_sample::Bytes;
using tree_sample::Cells;
using tree_sample::MakeVirt;
using tree_sample::Node;
using tree_sample::Property;
using tree_sample::Text;
using tree_sample::Tree;
using tree_sample::Virt;
using tree_sample::Wide;

constexpr size_t kTreeSizeMax = 1024 * 1024;

/* A kernel that lies in RAM, and what booted it; RAM and kernel are memory of this process. */
class Machine : public KernelFixture {
  public:
    void SetUp() override {
        Reset();
    }

    void TearDown() override {
        hart_count = 0;
        boot_hart = {};
    }

    void Reset() {
        host_harts_reset(kFeatures);
        host_kernel_place(Ram::Base(), Ram::Base() + 0x40000);
        machine = {};
        hart_count = 0;
        boot_hart = {};
        boot_hart.id = 0;
        host_hart_become(&boot_hart);
        reset_init(&no_reset_);
        DropLog();
        kernel_console_init();
    }

    static Virt VirtHere() {
        Virt virt;
        virt.ram_base = Ram::Base();
        virt.ram_size = Ram::kSize;
        return virt;
    }

    /* Everything that boot reads, in its order; false: it was refused. */
    bool Read(const Bytes &blob) {
        Survey(blob);
        enum host_end how = Run([this] {
            machine_read_chosen(&survey);
            machine_read_uart(&survey);
            machine_read_reset(&survey);
            machine_read_timebase(&survey);
            machine_read_memory(&survey);
            /* What the tree calls RAM may be none; here, that is not what is being tested. */
            memory_init();
            (void)!memory_add_ram(paddr(Ram::Base()), Ram::kSize);
            machine_read_harts(&survey);
            machine_read_timers(&survey);
            machine_read_interrupts(&survey);
        });
        EXPECT_TRUE(how == HOST_RETURNED || how == HOST_HALTED);
        return how == HOST_RETURNED;
    }

    bool Read(const Tree &tree) {
        return Read(tree.Write());
    }

    /* What an accepted machine must keep, whatever its tree said. */
    static void ExpectSound() {
        ASSERT_GE(hart_count, 1u);
        ASSERT_LE(hart_count, uint32_t{HART_MAX});
        std::set<unsigned long> ids;
        bool has_boot_hart = false;
        for (uint32_t index = 0; index < hart_count; index++) {
            EXPECT_TRUE(ids.insert(harts[index]->id).second) << "two harts of one id";
            EXPECT_EQ(harts[index]->ipi.value % 4, 0u);
            EXPECT_EQ(harts[index]->timer.value % 4, 0u);
            EXPECT_EQ(harts[index]->isa.xlen, 64u);
            has_boot_hart |= harts[index] == &boot_hart;
        }
        EXPECT_TRUE(has_boot_hart);
        EXPECT_NE(boot_hart.ipi.value, 0u);
        EXPECT_NE(boot_hart.timer.value, 0u);
        EXPECT_NE(machine.ticks_per_second, 0u);
        EXPECT_LE(machine.seed_size, sizeof machine.seed);
        EXPECT_NE(std::memchr(machine.bootargs, 0, sizeof machine.bootargs), nullptr);
        if (machine.has_uart) {
            struct ns16550a device;
            EXPECT_EQ(ns16550a_init(&device, &machine.uart), STATUS_OK) << "attaching it is a CHECK";
        }
        if (machine.uart.has_irq) {
            EXPECT_TRUE(machine.has_plic);
            EXPECT_LE(machine.uart_irq, 1023u);
        }
    }

    /* The sentence of a refusal, from a process of its own. */
    void ExpectRefusal(const Tree &tree, const std::string &sentence) {
        Reset();
        EXPECT_EXIT(
            {
                Bytes blob = tree.Write();
                struct ns16550a device;
                Survey(blob);
                machine_read_uart(&survey);
                if (ns16550a_init(&device, &machine.uart) == STATUS_OK) {
                    console_attach_uart(&kernel_console, &device.uart);
                }
                bool is_read = Read(blob);
                std::fputs(board.Sent().c_str(), stderr);
                std::exit(is_read ? 1 : 3);
            },
            testing::ExitedWithCode(3), sentence);
    }

    void Survey(const Bytes &blob) {
        ASSERT_EQ(survey_take(blob.data(), &survey), STATUS_OK);
    }

    struct survey survey = {};

  private:
    struct reset_device no_reset_ = {};
};

TEST_F(Machine, QemuVirtWithOneToEightHartsInBothFlavours) {
    for (uint32_t count = 1; count <= 8; count++) {
        for (bool is_aclint : {false, true}) {
            Virt virt = VirtHere();
            virt.harts = count;
            virt.is_aclint = is_aclint;
            Reset();
            boot_hart.id = count - 1;
            ASSERT_TRUE(Read(MakeVirt(virt)));
            ExpectSound();
            EXPECT_EQ(hart_count, count);
            for (uint32_t index = 0; index < count; index++) {
                EXPECT_EQ(harts[index]->id, index);
                EXPECT_EQ(harts[index]->ipi.value, 0x2000000 + index * 4);
                EXPECT_EQ(harts[index]->timer.value, 0x2004000 + index * 8);
                EXPECT_TRUE(isa_has(&harts[index]->isa, ISA_SSTC));
                EXPECT_EQ(harts[index]->index, index);
            }
            EXPECT_EQ(machine.mtime.value, 0x200bff8u);
            EXPECT_EQ(machine.ticks_per_second, 10000000u);
            EXPECT_EQ(machine.plic.value, 0xc000000u);
            EXPECT_EQ(machine.plic_context, (count - 1) * 2);
            EXPECT_TRUE(machine.uart.has_irq);
            EXPECT_EQ(machine.uart_irq, 10u);
            EXPECT_EQ(machine.uart.base.value, 0x10000000u);
            EXPECT_EQ(machine.uart.clock_frequency, 3686400u);
            EXPECT_EQ(machine.seed_size, 32u);
        }
    }
}

TEST_F(Machine, NumaGivesEachHartTheRegistersOfItsSocket) {
    Virt virt = VirtHere();
    virt.sockets = 2;
    ASSERT_TRUE(Read(MakeVirt(virt)));
    ExpectSound();
    EXPECT_EQ(harts[0]->ipi.value, 0x2000000u);
    EXPECT_EQ(harts[1]->ipi.value, 0x2000004u);
    EXPECT_EQ(harts[2]->ipi.value, 0x2010000u);
    EXPECT_EQ(harts[3]->timer.value, 0x2014008u);
    EXPECT_EQ(machine.plic.value, 0xc000000u);
    EXPECT_TRUE(machine.uart.has_irq);
}

/* The UART is wired to the PLIC of socket 0, where a hart of socket 1 has no context: its interrupt cannot come, so it
 * is polled. */
TEST_F(Machine, NumaWithABootHartThatTheUartsInterruptDoesNotReach) {
    Virt virt = VirtHere();
    virt.sockets = 2;
    boot_hart.id = 3;
    ASSERT_TRUE(Read(MakeVirt(virt)));
    ExpectSound();
    EXPECT_FALSE(machine.uart.has_irq);
    EXPECT_EQ(machine.uart_irq, 0u);
}

TEST_F(Machine, TheInterruptParentMayStandAboveTheUart) {
    Tree tree = MakeVirt(VirtHere());
    tree.root.At("soc/serial@10000000").Remove("interrupt-parent");
    tree.root.At("soc").Set("interrupt-parent", Cells({10}));
    ASSERT_TRUE(Read(tree));
    EXPECT_TRUE(machine.uart.has_irq);
}

TEST_F(Machine, Rv32HartsAreNotForThisKernel) {
    Virt virt = VirtHere();
    virt.isa = "rv32imafdc";
    ExpectRefusal(MakeVirt(virt), "hart 0, which booted, is not among the usable harts");
}

TEST_F(Machine, SparseAndWideHartIds) {
    Tree tree = MakeVirt(VirtHere());
    tree.root.At("cpus").Set("#address-cells", Cells({2}));
    uint64_t ids[] = {7, 0x1'00000000, 2, 40};
    for (uint32_t hart = 0; hart < 4; hart++) {
        tree.root.At("cpus/cpu@" + std::to_string(hart)).Set("reg", Wide({ids[hart]}));
    }
    boot_hart.id = 40;
    ASSERT_TRUE(Read(tree));
    ExpectSound();
    EXPECT_EQ(hart_count, 4u);
    EXPECT_EQ(harts[1]->id, 0x1'00000000u);
    EXPECT_EQ(boot_hart.ipi.value, 0x200000cu) << "the position in the list counts, not the id";
}

TEST_F(Machine, TheSameIdTwiceAndTooManyHarts) {
    Tree tree = MakeVirt(VirtHere());
    tree.root.At("cpus/cpu@1").Set("reg", Cells({0}));
    ASSERT_TRUE(Read(tree));
    ExpectSound();
    EXPECT_EQ(hart_count, 3u);
    EXPECT_NE(Log().find("hart 0 stands twice"), std::string::npos);
    Reset();
    Virt virt = VirtHere();
    virt.harts = 70;
    ASSERT_TRUE(Read(MakeVirt(virt)));
    ExpectSound();
    EXPECT_EQ(hart_count, uint32_t{HART_MAX});
    Reset();
    boot_hart.id = 69;
    ASSERT_TRUE(Read(MakeVirt(virt)));
    ExpectSound();
    EXPECT_EQ(hart_count, uint32_t{HART_MAX});
    EXPECT_EQ(harts[HART_MAX - 1], &boot_hart) << "the one that booted has a place, wherever it stands";
}

TEST_F(Machine, TheNewIsaPropertiesWin) {
    Tree tree = MakeVirt(VirtHere());
    tree.root.At("cpus/cpu@0")
        .Set("riscv,isa-base", Text({"rv64i"}))
        .Set("riscv,isa-extensions", Text({"i", "m", "a"}));
    ASSERT_TRUE(Read(tree));
    EXPECT_TRUE(isa_has(&harts[0]->isa, ISA_M));
    EXPECT_FALSE(isa_has(&harts[0]->isa, ISA_F));
    EXPECT_TRUE(isa_has(&harts[1]->isa, ISA_F));
}

TEST_F(Machine, InitrdOfOneOrTwoCells) {
    uint64_t start = Ram::Base() + (8 << 20);
    for (bool is_wide : {true, false}) {
        Reset();
        Tree tree = MakeVirt(VirtHere());
        uint64_t value = is_wide ? start : 0x1000;
        tree.root.At("chosen")
            .Set("linux,initrd-start", is_wide ? Wide({value}) : Cells({static_cast<uint32_t>(value)}))
            .Set("linux,initrd-end", is_wide ? Wide({value + 4096}) : Cells({static_cast<uint32_t>(value + 4096)}));
        Bytes blob = tree.Write();
        Survey(blob);
        machine_read_chosen(&survey);
        EXPECT_TRUE(machine.has_images);
        EXPECT_EQ(machine.images.value, value);
        EXPECT_EQ(machine.images_size, 4096u);
    }
}

TEST_F(Machine, InitrdThatIsNoneIsLeftOut) {
    const std::vector<std::pair<Bytes, Bytes>> pairs = {{Wide({100}), Wide({100})},
                                                        {Wide({100}), Wide({99})},
                                                        {Cells({1, 2, 3}), Wide({200})},
                                                        {{}, {}},
                                                        {Wide({0}), Bytes(7)}};
    for (const auto &[start, end] : pairs) {
        Reset();
        Tree tree = MakeVirt(VirtHere());
        tree.root.At("chosen").Set("linux,initrd-start", start).Set("linux,initrd-end", end);
        ASSERT_TRUE(Read(tree));
        EXPECT_FALSE(machine.has_images);
    }
}

TEST_F(Machine, ImagesHaveToBeInRamSinceTheKernelReadsThem) {
    Tree tree = MakeVirt(VirtHere());
    tree.root.At("chosen").Set("linux,initrd-start", Wide({0x1000})).Set("linux,initrd-end", Wide({0x2000}));
    ExpectRefusal(tree, "are not in RAM");
    tree.root.At("chosen")
        .Set("linux,initrd-start", Wide({Ram::Base() + Ram::kSize - 4096}))
        .Set("linux,initrd-end", Wide({Ram::Base() + Ram::kSize + 1}));
    ExpectRefusal(tree, "are not in RAM");
}

class MachineMemory : public Machine {
  public:
    struct region_statistics ReadMemory(const Tree &tree) {
        Bytes blob = tree.Write();
        Survey(blob);
        EXPECT_EQ(Run([&] {
                      machine_read_chosen(&survey);
                      machine_read_memory(&survey);
                  }),
                  HOST_RETURNED);
        return memory_statistics();
    }
};

TEST_F(MachineMemory, RamIsWhatTheTreeSaysLessTheKernel) {
    struct region_statistics statistics = ReadMemory(MakeVirt(VirtHere()));
    EXPECT_EQ(statistics.total, Ram::kSize);
    EXPECT_EQ(statistics.free, Ram::kSize - 0x40000);
}

TEST_F(MachineMemory, EveryKindOfReservationCounts) {
    Tree tree = MakeVirt(VirtHere());
    uint64_t base = Ram::Base() + (16 << 20);
    tree.reserved = {{base, 0x1000}};
    Node &reserved = tree.root.Add("reserved-memory");
    reserved.Set("#address-cells", Cells({2})).Set("#size-cells", Cells({2})).Set("ranges", {});
    reserved.Add("mmode").Set("reg", Wide({base + 0x2000, 0x1000, base + 0x4000, 0x1000}));
    reserved.Add("later").Set("size", Wide({0x1000})); /* without a place: an operating system's to choose */
    reserved.Add("off").Set("status", Text({"disabled"})).Set("reg", Wide({base + 0x6000, 0x1000}));
    tree.root.At("chosen")
        .Set("linux,initrd-start", Wide({base + 0x8000}))
        .Set("linux,initrd-end", Wide({base + 0x9000}));
    struct region_statistics statistics = ReadMemory(tree);
    EXPECT_EQ(statistics.reserved, 0x40000u + 5 * 0x1000);
}

TEST_F(MachineMemory, OverlappingAndTouchingBanksCountOnce) {
    Tree tree = MakeVirt(VirtHere());
    tree.root.Add("memory@again")
        .Set("device_type", Text({"memory"}))
        .Set("reg", Wide({Ram::Base() + 0x1000, 0x5000, 0, 0}));
    EXPECT_EQ(ReadMemory(tree).total, Ram::kSize);
}

/* Under pmp a guest would find its own RAM there. */
TEST_F(MachineMemory, WhereGuestsHaveTheirUartNobodyHasRam) {
    Tree tree = MakeVirt(VirtHere());
    tree.root.Add("memory@low")
        .Set("device_type", Text({"memory"}))
        .Set("reg", Wide({DEVICE_UART_BASE, MEMORY_GUEST_ALIGNMENT}));
    struct region_statistics statistics = ReadMemory(tree);
    EXPECT_EQ(statistics.total, Ram::kSize + MEMORY_GUEST_ALIGNMENT);
    paddr_t base;
    ASSERT_EQ(memory_guest_alloc(MEMORY_GUEST_ALIGNMENT, 1, &base), STATUS_OK);
    EXPECT_GE(base.value, Ram::Base());
}

TEST_F(MachineMemory, AReservationThatCannotBeReadIsNotPassedOver) {
    uint64_t base = Ram::Base();
    for (const Bytes &reg : {Wide({base}), Bytes(15), Wide({~uint64_t{0}, 0x1000}), Wide({base, 0x1000, base})}) {
        Reset();
        Tree tree = MakeVirt(VirtHere());
        Node &reserved = tree.root.Add("reserved-memory");
        reserved.Set("#address-cells", Cells({2})).Set("#size-cells", Cells({2})).Set("ranges", {});
        reserved.Add("firmware").Set("reg", reg);
        EXPECT_FALSE(Read(tree));
    }
    Tree tree = MakeVirt(VirtHere());
    tree.root.Add("reserved-memory").Set("#address-cells", Cells({3})).Add("firmware").Set("reg", Wide({base, 0x1000}));
    ExpectRefusal(tree, "reserves memory");
}

/* However many reservations there are, none is forgotten: what does not fit the tables is refused. */
TEST_F(MachineMemory, ManyReservationsAreAllKeptOrRefused) {
    for (size_t count : {10u, 60u, 100u, 300u, 2000u}) {
        for (bool in_header : {true, false}) {
            Reset();
            Tree tree = MakeVirt(VirtHere());
            Bytes reg;
            for (size_t index = 0; index < count; index++) {
                uint64_t base = Ram::Base() + 0x100000 + index * 0x2000;
                Bytes entry = Wide({base, 0x1000});
                reg.insert(reg.end(), entry.begin(), entry.end());
                if (in_header) {
                    tree.reserved.push_back({base, 0x1000});
                }
            }
            if (!in_header) {
                Node &reserved = tree.root.Add("reserved-memory");
                reserved.Set("#address-cells", Cells({2})).Set("#size-cells", Cells({2})).Add("all").Set("reg", reg);
            }
            Bytes blob = tree.Write();
            Survey(blob);
            bool is_read = Run([&] { machine_read_memory(&survey); }) == HOST_RETURNED;
            EXPECT_EQ(is_read, count <= 64);
            if (is_read) {
                EXPECT_EQ(memory_statistics().reserved, 0x40000 + count * 0x1000);
            }
        }
    }
}

TEST_F(MachineMemory, WithoutRamThereIsNoBoot) {
    Tree tree = MakeVirt(VirtHere());
    tree.root.children.erase(tree.root.children.begin() + 2);
    ExpectRefusal(tree, "describes no RAM that is free");
}

TEST_F(MachineMemory, RamThatReachesTheEndOfTheAddressSpaceIsRefused) {
    Tree tree = MakeVirt(VirtHere());
    tree.root.Add("memory@high").Set("device_type", Text({"memory"})).Set("reg", Wide({~uint64_t{0} - 0xfff, 0x1000}));
    ExpectRefusal(tree, "reaches the end of the address space");
}

TEST_F(Machine, WhatItCannotDoWithoutIsNamed) {
    const std::vector<std::pair<std::string, std::string>> cases = {
        {"cpus:timebase-frequency", "no /cpus/timebase-frequency"},
        {"cpus/cpu@0:reg", "hart 0, which booted"},
        {"cpus/cpu@0:device_type", "hart 0, which booted"},
        {"cpus/cpu@0:riscv,isa", "hart 0, which booted"},
        {"cpus/cpu@0/interrupt-controller:phandle", "no CLINT or ACLINT"},
        {"soc/clint@2000000:reg", "no CLINT or ACLINT"},
        {"soc/clint@2000000:interrupts-extended", "no CLINT or ACLINT"},
        {"soc/clint@2000000:compatible", "no CLINT or ACLINT"},
    };
    for (const auto &[where, sentence] : cases) {
        Tree tree = MakeVirt(VirtHere());
        size_t colon = where.find(':');
        tree.root.At(where.substr(0, colon)).Remove(where.substr(colon + 1));
        ExpectRefusal(tree, sentence);
    }
}

TEST_F(Machine, AUartAtTheVeryEndOfTheAddressSpace) {
    Tree tree = MakeVirt(VirtHere());
    tree.root.At("soc/serial@10000000").Set("reg", Wide({~uint64_t{0} - 7, 8}));
    ASSERT_TRUE(Read(tree));
    EXPECT_TRUE(machine.has_uart);
    ExpectSound();
}

TEST_F(Machine, UartsThatCannotBeDrivenAreNot) {
    const std::vector<std::pair<std::string, Bytes>> changes = {
        {"reg", Wide({0x10000000, 7})}, {"reg", Wide({0x10000000, 0})},      {"reg", Wide({~uint64_t{0} - 7, 9})},
        {"reg-shift", Cells({9})},      {"reg-shift", Cells({0xffffffff})},  {"reg-shift", Cells({6})},
        {"reg-io-width", Cells({4})},   {"reg-io-width", Cells({2})},        {"reg-io-width", Cells({0})},
        {"reg-offset", Cells({0x100})}, {"reg-offset", Cells({0xf9})},       {"reg-offset", Cells({0xffffffff})},
        {"status", Text({"disabled"})}, {"compatible", Text({"arm,pl011"})},
    };
    for (const auto &[name, value] : changes) {
        Reset();
        Tree tree = MakeVirt(VirtHere());
        tree.root.At("soc/serial@10000000").Set(name, value);
        ASSERT_TRUE(Read(tree));
        EXPECT_FALSE(machine.has_uart) << name;
        ExpectSound();
    }
}

TEST_F(Machine, StdoutPathIsTakenWithOrWithoutOptionsElseTheFirstUart) {
    for (const char *path : {"/soc/serial@10001000", "/soc/serial@10001000:115200n8", "serial1", "serial1:9600",
                             "/nothing", "", ":", "/soc/serial@10001000/deeper"}) {
        Reset();
        Tree tree = MakeVirt(VirtHere());
        tree.root.Add("aliases").Set("serial1", Text({"/soc/serial@10001000"}));
        tree.root.At("soc")
            .Add("serial@10001000")
            .Set("compatible", Text({"ns16550a"}))
            .Set("reg", Wide({0x10001000, 0x100}));
        tree.root.At("chosen").Set("stdout-path", Text({path}));
        ASSERT_TRUE(Read(tree));
        bool is_second =
            std::strstr(path, "deeper") == nullptr && (path[0] == 's' || std::strncmp(path, "/soc", 4) == 0);
        EXPECT_EQ(machine.uart.base.value, is_second ? 0x10001000u : 0x10000000u) << path;
    }
    Reset();
    Tree tree = MakeVirt(VirtHere());
    tree.root.At("chosen").Set("stdout-path", Text({std::string(5000, 'x')}));
    EXPECT_TRUE(Read(tree));
}

TEST_F(Machine, PowerOffByFinisherOrSyscon) {
    ASSERT_TRUE(Read(MakeVirt(VirtHere())));
    reset_fail();
    EXPECT_EQ(board.finisher, 0x13333u);
    Reset();
    board.finisher = 0;
    Tree tree = MakeVirt(VirtHere());
    tree.root.At("soc/test@100000").Set("compatible", Text({"syscon"}));
    ASSERT_TRUE(Read(tree));
    reset_fail();
    EXPECT_EQ(board.finisher, 0x5555u);
    for (const Bytes &offset : {Cells({0x1000}), Cells({0xffd}), Cells({0xffffffff}), Cells({2})}) {
        Reset();
        board.finisher = 0;
        tree.root.At("poweroff").Set("offset", offset);
        ASSERT_TRUE(Read(tree));
        reset_fail();
        EXPECT_EQ(board.finisher, 0u);
        EXPECT_EQ(board.stray_count, 0u);
    }
}

TEST_F(Machine, BootArgumentsAreWords) {
    auto value = [](const char *arguments, const char *name, size_t size = 8) -> std::string {
        std::snprintf(machine.bootargs, sizeof machine.bootargs, "%s", arguments);
        char text[64] = "untouched";
        return machine_bootarg(name, text, size) ? "=" + std::string(text) : text;
    };
    EXPECT_EQ(value("", "a"), "untouched");
    EXPECT_EQ(value("   ", "a"), "untouched");
    EXPECT_EQ(value("a", "a"), "=");
    EXPECT_EQ(value("a=", "a"), "=");
    EXPECT_EQ(value("  b a=1 c", "a"), "=1");
    EXPECT_EQ(value("ab=1 a=2", "a"), "=2");
    EXPECT_EQ(value("xa=1", "a"), "untouched");
    EXPECT_EQ(value("a=1 a=2", "a"), "=1");
    EXPECT_EQ(value("a=b=c", "a"), "=b=c");
    EXPECT_EQ(value("a=123456789", "a", 4), "=123");
    EXPECT_EQ(value("a=123456789", "a", 1), "=");
    EXPECT_EQ(value("console.columns=80", "console.col"), "untouched");
}

TEST_F(Machine, LongBootArgumentsAreCutAndStayAString) {
    Tree tree = MakeVirt(VirtHere());
    tree.root.At("chosen")
        .Set("bootargs", Text({std::string(MACHINE_BOOTARGS_SIZE - 1, 'a') + " b"}))
        .Set("rng-seed", Bytes(500, 1));
    ASSERT_TRUE(Read(tree));
    EXPECT_EQ(std::strlen(machine.bootargs), size_t{MACHINE_BOOTARGS_SIZE} - 1);
    EXPECT_EQ(machine.seed_size, size_t{MACHINE_SEED_SIZE});
    ExpectSound();
}

void CollectNodes(Node &node, std::vector<Node *> &out_nodes) {
    out_nodes.push_back(&node);
    for (Node &child : node.children) {
        CollectNodes(child, out_nodes);
    }
}

/* Every property of every node: missing, empty, of every wrong length, all ones, all zeros. */
TEST_F(Machine, EveryPropertyMissingOrMalformed) {
    for (bool is_aclint : {false, true}) {
        Virt virt = VirtHere();
        virt.harts = 2;
        virt.is_aclint = is_aclint;
        Tree good = MakeVirt(virt);
        std::vector<Node *> nodes;
        CollectNodes(good.root, nodes);
        for (Node *node : nodes) {
            for (size_t index = 0; index < node->properties.size(); index++) {
                const std::vector<Property> before = node->properties;
                std::vector<Bytes> values = {
                    {}, Bytes(before[index].value.size(), 0xff), Bytes(before[index].value.size(), 0)};
                for (size_t size = 1; size < before[index].value.size() + 9; size++) {
                    Bytes value = before[index].value;
                    value.resize(size, 0x80);
                    values.push_back(value);
                }
                for (size_t bit = 0; bit < before[index].value.size() * 8; bit++) {
                    Bytes value = before[index].value;
                    value[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
                    values.push_back(value);
                }
                for (const Bytes &value : values) {
                    Reset();
                    node->properties[index].value = value;
                    if (Read(good)) {
                        ExpectSound();
                    }
                }
                Reset();
                node->properties = before;
                node->Remove(before[index].name);
                if (Read(good)) {
                    ExpectSound();
                }
                node->properties = before;
                ASSERT_FALSE(HasFailure()) << node->name << " " << before[index].name;
            }
        }
    }
}

/* Changes, removes, doubles or moves something, so that the blob stays well-formed. */
void Mutate(Tree &tree, std::mt19937 &random) {
    std::vector<Node *> nodes;
    CollectNodes(tree.root, nodes);
    Node &node = *nodes[random() % nodes.size()];
    Node &other = *nodes[random() % nodes.size()];
    if (node.properties.empty()) {
        return;
    }
    Property &property = node.properties[random() % node.properties.size()];
    switch (random() % 6) {
    case 0:
        property.value.resize(random() % 40, static_cast<uint8_t>(random()));
        break;
    case 1:
        node.Remove(std::string(property.name));
        break;
    case 2:
        other.Set(property.name, Bytes(property.value));
        break;
    case 3:
        other.children.push_back({"copy", node.properties});
        break;
    default:
        if (!property.value.empty()) {
            property.value[random() % property.value.size()] = static_cast<uint8_t>(random());
        }
    }
}

/* Good trees and blobs changed at random. What boot's check lets through has to end in acceptance or in a sentence. */
TEST_F(Machine, TenThousandMutatedTrees) {
    std::mt19937 random(16);
    unsigned accepted = 0;
    unsigned refused = 0;
    for (unsigned round = 0; round < 10000; round++) {
        Virt virt = VirtHere();
        virt.harts = 1 + random() % 4;
        virt.is_aclint = random() % 2;
        Tree tree = MakeVirt(virt);
        Node &reserved = tree.root.Add("reserved-memory");
        reserved.Set("#address-cells", Cells({2})).Set("#size-cells", Cells({2}));
        reserved.Add("firmware").Set("reg", Wide({Ram::Base(), 0x1000}));
        for (unsigned change = random() % 4; change != 0; change--) {
            Mutate(tree, random);
        }
        Bytes blob = tree.Write();
        for (unsigned change = random() % 4; change != 0; change--) {
            /* The structure block more often than the header and the strings. */
            size_t at = random() % 4 != 0 ? fdt_off_dt_struct(blob.data()) + random() % fdt_size_dt_struct(blob.data())
                                          : random() % blob.size();
            if (at >= blob.size()) {
                continue;
            }
            const uint8_t interesting[] = {0, 0xff, 0x7f, 0x80, 1};
            blob[at] = random() % 3 == 0 ? interesting[random() % 5] : static_cast<uint8_t>(random());
        }
        if (fdt_check_header(blob.data()) == 0 && fdt_totalsize(blob.data()) <= kTreeSizeMax) {
            blob.resize(std::max<size_t>(blob.size(), fdt_totalsize(blob.data())));
        }
        blob.shrink_to_fit();
        Reset();
        struct fit_reason reason;
        if (fit_tree_check("the tree", blob.data(), kTreeSizeMax, &reason) != STATUS_OK) {
            continue;
        }
        if (Read(blob)) {
            accepted++;
            ExpectSound();
        } else {
            refused++;
        }
        ASSERT_FALSE(HasFailure()) << "round " << round;
    }
    EXPECT_GT(accepted, 100u);
    EXPECT_GT(refused, 100u);
}

} // namespace
