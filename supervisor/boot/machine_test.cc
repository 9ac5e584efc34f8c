// Device trees good and bad, made with libfdt's sequential writer.
#include <gtest/gtest.h>
#include <libfdt.h>

#include <functional>
#include <string>
#include <vector>

extern "C" {
#include "supervisor/boot/machine.h"
}

namespace {

// A tree like QEMU's, whose parts a test replaces.
struct Tree {
    std::string memory = Cells({0, 0x80000000, 0, 0x4000000});
    std::string isa = "rv64imafdc_zicsr";
    int harts = 2;
    int timebase = 10000000;
    std::string initrd_start = Cells({0x82000000}), initrd_end = Cells({0x82000400});
    std::string stdout_path = "/soc/serial@10000000:115200";
    std::string uart_reg = Cells({0, 0x10000000, 0, 0x100});
    std::function<void(void *)> more_root = [](void *) {};
    std::function<void(void *)> more_hart = [](void *) {};
    std::vector<std::pair<uint64_t, uint64_t>> reservations;

    static std::string Cells(std::vector<uint32_t> cells) {
        std::string bytes;
        for (uint32_t cell : cells) {
            uint32_t big = cpu_to_fdt32(cell);
            bytes.append(reinterpret_cast<const char *>(&big), 4);
        }
        return bytes;
    }

    static void Property(void *fdt, const char *name, const std::string &bytes) {
        EXPECT_EQ(fdt_property(fdt, name, bytes.data(), static_cast<int>(bytes.size())), 0);
    }

    static void Text(void *fdt, const char *name, const std::string &text) {
        EXPECT_EQ(fdt_property_string(fdt, name, text.c_str()), 0);
    }

    static void Sizes(void *fdt, int address, int size) {
        fdt_property_u32(fdt, "#address-cells", address);
        fdt_property_u32(fdt, "#size-cells", size);
    }

    void Cpus(void *fdt) const {
        fdt_begin_node(fdt, "cpus");
        Sizes(fdt, 1, 0);
        if (timebase >= 0) {
            fdt_property_u32(fdt, "timebase-frequency", timebase);
        }
        for (int i = 0; i < harts; i++) {
            fdt_begin_node(fdt, ("cpu@" + std::to_string(i)).c_str());
            Text(fdt, "device_type", "cpu");
            Text(fdt, "riscv,isa", isa);
            more_hart(fdt);
            fdt_end_node(fdt);
        }
        fdt_end_node(fdt);
    }

    void Chosen(void *fdt) const {
        fdt_begin_node(fdt, "chosen");
        Text(fdt, "bootargs", "init=/hello");
        Text(fdt, "stdout-path", stdout_path);
        Property(fdt, "rng-seed", std::string(32, 'r'));
        Property(fdt, "linux,initrd-start", initrd_start);
        Property(fdt, "linux,initrd-end", initrd_end);
        fdt_end_node(fdt);
    }

    void Soc(void *fdt) const {
        fdt_begin_node(fdt, "soc");
        Sizes(fdt, 2, 2);
        Tree::Property(fdt, "ranges", "");
        fdt_begin_node(fdt, "serial@10000000");
        Text(fdt, "compatible", "ns16550a");
        Property(fdt, "reg", uart_reg);
        fdt_end_node(fdt);
        fdt_end_node(fdt);
    }

    std::vector<char> Build() const {
        std::vector<char> bytes(8192);
        void *fdt = bytes.data();
        fdt_create(fdt, static_cast<int>(bytes.size()));
        for (auto [start, size] : reservations) {
            fdt_add_reservemap_entry(fdt, start, size);
        }
        fdt_finish_reservemap(fdt);
        fdt_begin_node(fdt, "");
        Sizes(fdt, 2, 2);
        fdt_begin_node(fdt, "memory@80000000");
        Text(fdt, "device_type", "memory");
        Property(fdt, "reg", memory);
        fdt_end_node(fdt);
        Cpus(fdt);
        Chosen(fdt);
        Soc(fdt);
        more_root(fdt);
        fdt_end_node(fdt);
        EXPECT_EQ(fdt_finish(fdt), 0);
        return bytes;
    }
};

class MachineTest : public testing::Test {
  protected:
    status_t Read() {
        blob = tree.Build();
        return machine_read(blob.data(), blob.size(), &found, &reason);
    }

    void Refused(status_t status, const std::string &part) {
        EXPECT_EQ(Read(), status);
        EXPECT_NE(std::string(reason).find(part), std::string::npos) << reason;
    }

    Tree tree;
    std::vector<char> blob;
    machine found;
    const char *reason = "";
};

TEST_F(MachineTest, ReadsAllOfIt) {
    ASSERT_EQ(Read(), STATUS_OK) << reason;
    EXPECT_EQ(memory_map_size(&found.ram), 0x4000000u);
    EXPECT_EQ(memory_map_size(&found.free), 0x4000000u - 0x1000);
    EXPECT_EQ(found.hart_count, 2u);
    EXPECT_EQ(found.timebase_frequency, 10000000u);
    EXPECT_EQ(found.extensions, (1u << 8) | (1 << 12) | (1 << 0) | (1 << 5) | (1 << 3) | (1 << 2));
    EXPECT_EQ(found.initrd.address, 0x82000000u);
    EXPECT_EQ(found.initrd.size, 0x400u);
    EXPECT_STREQ(found.bootargs, "init=/hello");
    EXPECT_EQ(found.seed_size, 32u);
    EXPECT_TRUE(found.uart.is_present);
    EXPECT_EQ(found.uart.registers.address, 0x10000000u);
}

TEST_F(MachineTest, TakesWideInitrdAddressesAndAliases) {
    tree.initrd_start = Tree::Cells({0, 0x82000000});
    tree.initrd_end = Tree::Cells({0, 0x82000400});
    tree.stdout_path = "serial0";
    tree.more_root = [](void *fdt) {
        fdt_begin_node(fdt, "aliases");
        Tree::Text(fdt, "serial0", "/soc/serial@10000000");
        fdt_end_node(fdt);
    };
    ASSERT_EQ(Read(), STATUS_OK) << reason;
    EXPECT_EQ(found.initrd.size, 0x400u);
    EXPECT_TRUE(found.uart.is_present);
}

TEST_F(MachineTest, ReadsExtensionsInBothBindings) {
    tree.isa = "rv32gc";
    ASSERT_EQ(Read(), STATUS_OK);
    EXPECT_TRUE(found.extensions & (1 << ('d' - 'a')));
    tree.isa = "nonsense";
    ASSERT_EQ(Read(), STATUS_OK);
    EXPECT_EQ(found.extensions, 0u);
    tree.more_hart = [](void *fdt) {
        Tree::Text(fdt, "riscv,isa-base", "rv64i");
        Tree::Property(fdt, "riscv,isa-extensions", std::string("i\0m\0zicsr\0", 10));
    };
    ASSERT_EQ(Read(), STATUS_OK);
    EXPECT_EQ(found.extensions, (1u << 8) | (1 << 12));
}

TEST_F(MachineTest, HonoursReservations) {
    tree.reservations = {{0x80000000, 0x80001}};
    tree.more_root = [](void *fdt) {
        fdt_begin_node(fdt, "reserved-memory");
        Tree::Sizes(fdt, 2, 2);
        Tree::Property(fdt, "ranges", "");
        fdt_begin_node(fdt, "pool@81000000");
        Tree::Property(fdt, "reg", Tree::Cells({0, 0x81000000, 0, 0x1000}));
        Tree::Property(fdt, "no-map", "");
        fdt_end_node(fdt);
        fdt_begin_node(fdt, "anywhere");
        Tree::Property(fdt, "size", Tree::Cells({0, 0x1000}));
        fdt_end_node(fdt);
        fdt_end_node(fdt);
    };
    ASSERT_EQ(Read(), STATUS_OK) << reason;
    EXPECT_FALSE(memory_map_contains(&found.free, 0x80080000, 1));
    EXPECT_TRUE(memory_map_contains(&found.free, 0x80081000, 1));
    EXPECT_TRUE(memory_map_contains(&found.ram, 0x80000000, 1));
    EXPECT_FALSE(memory_map_contains(&found.ram, 0x81000000, 1)) << "no-map is not even mapped";
}

TEST_F(MachineTest, RefusesNonsense) {
    tree.memory = Tree::Cells({0, 0x80000000, 0});
    Refused(STATUS_CORRUPT, "memory");
    tree.memory = "";
    Refused(STATUS_NOT_FOUND, "memory");
    tree.memory = Tree::Cells({0xffffffff, 0xfffff000, 0, 0x2000});
    Refused(STATUS_CORRUPT, "memory");
    tree = Tree();
    tree.harts = 0;
    Refused(STATUS_NOT_FOUND, "hart");
    tree = Tree();
    tree.timebase = -1;
    Refused(STATUS_NOT_FOUND, "timebase");
    tree.timebase = 0;
    Refused(STATUS_INVALID, "timebase");
    tree = Tree();
    tree.initrd_end = Tree::Cells({0x81ffffff});
    Refused(STATUS_INVALID, "initrd");
    tree.initrd_end = Tree::Cells({0x84000001});
    Refused(STATUS_INVALID, "initrd");
    tree.initrd_end = "xyz";
    Refused(STATUS_CORRUPT, "initrd");
    tree = Tree();
    tree.uart_reg = Tree::Cells({0, 0x10000000, 0, 7});
    Refused(STATUS_INVALID, "ns16550a");
    tree.uart_reg = "";
    EXPECT_NE(Read(), STATUS_OK);
}

TEST_F(MachineTest, RefusesWhatIsNoTree) {
    blob = tree.Build();
    EXPECT_EQ(machine_read(blob.data(), 64, &found, &reason), STATUS_CORRUPT);
    std::vector<char> zeroes(4096);
    EXPECT_EQ(machine_read(zeroes.data(), zeroes.size(), &found, &reason), STATUS_CORRUPT);
}

// Whatever byte of a good tree is damaged, reading it ends with an answer (the sanitizers watch).
TEST_F(MachineTest, SurvivesDamage) {
    blob = tree.Build();
    size_t size = fdt_totalsize(blob.data());
    for (size_t at = 0; at < size; at++) {
        for (int change : {0x01, 0x80, 0xff}) {
            std::vector<char> damaged(blob.begin(), blob.begin() + static_cast<long>(size));
            damaged[at] = static_cast<char>(damaged[at] ^ change);
            (void)machine_read(damaged.data(), damaged.size(), &found, &reason);
        }
    }
}

} // namespace
