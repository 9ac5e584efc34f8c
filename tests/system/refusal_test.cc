/* Machines that the kernel cannot work on: it says why, and the machine ends with a failure. */
#include "tests/system/machine.h"

#include <libfdt.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>

namespace {

std::string cpu(const std::string &properties) {
    return "rv" + std::to_string(Machine::xlen()) + properties;
}

void expect_refusal(const Machine::Words &words, const Machine::Words &sentences) {
    Machine machine(words);
    for (const std::string &sentence : sentences) {
        EXPECT_TRUE(machine.expect(sentence));
    }
    EXPECT_TRUE(machine.ends_with(1));
    EXPECT_EQ(machine.transcript().find(": started"), std::string::npos) << machine.transcript();
}

TEST(Refusal, NoPmp) {
    expect_refusal({"--cpu", cpu(",h=false,pmp=false")},
                   {"^hart \\d is not used: it has no PMP", "^diosix: cannot start: no hart is usable$"});
}

TEST(Refusal, IsolationThatTheHartsDoNotHave) {
    expect_refusal({"--boot", "isolation=gstage"},
                   {"^diosix: cannot start: boot argument isolation=gstage: hart \\d has "
                    "no two-stage translation \\(H extension\\)$"});
}

TEST(Refusal, IsolationThatIsNone) {
    expect_refusal({"--boot", "isolation=good"},
                   {"^diosix: cannot start: boot argument isolation=good: choose pmp, gstage or auto$"});
}

TEST(Refusal, NoImages) {
    expect_refusal({"--", "-initrd", "/dev/null"}, {"^diosix: cannot start: /chosen names no images"});
}

/* What QEMU's device tree says, changed. */
class Tree : public testing::Test {
  protected:
    void SetUp() override {
        const std::filesystem::path folder = std::getenv("TEST_TMPDIR");
        path_ = folder / "machine.dtb";
        Machine machine({"--", "-M", "virt,dumpdtb=" + path_});
        ASSERT_TRUE(machine.ends_with(0));
        std::ifstream file(path_, std::ios::binary);
        tree_.assign(std::istreambuf_iterator<char>(file), {});
        ASSERT_EQ(fdt_check_header(tree_.data()), 0);
    }

    void *tree() {
        return tree_.data();
    }

    int node(const char *compatible) {
        return fdt_node_offset_by_compatible(tree(), -1, compatible);
    }

    Machine::Words words() {
        std::ofstream(path_, std::ios::binary).write(tree_.data(), static_cast<std::streamsize>(tree_.size()));
        return {"--", "-dtb", path_};
    }

    std::string path_;
    std::vector<char> tree_;
};

TEST_F(Tree, AsItIsBoots) {
    Machine machine(words());
    EXPECT_TRUE(machine.expect("^guest hello: started$"));
    EXPECT_TRUE(machine.ends_with(0));
}

TEST_F(Tree, WithoutTimebase) {
    ASSERT_EQ(fdt_nop_property(tree(), fdt_path_offset(tree(), "/cpus"), "timebase-frequency"), 0);
    expect_refusal(words(), {"^diosix: cannot start: the device tree has no /cpus/timebase-frequency$"});
}

TEST_F(Tree, WithoutClint) {
    ASSERT_EQ(fdt_nop_node(tree(), node("riscv,clint0")), 0);
    expect_refusal(words(), {"^diosix: cannot start: the device tree names no CLINT or ACLINT"});
}

TEST_F(Tree, WithoutMemory) {
    int memory = fdt_node_offset_by_prop_value(tree(), -1, "device_type", "memory", sizeof "memory");
    ASSERT_EQ(fdt_nop_node(tree(), memory), 0);
    expect_refusal(words(), {"^diosix: cannot start: .* RAM"});
}

TEST_F(Tree, WithoutHarts) {
    ASSERT_EQ(fdt_nop_node(tree(), fdt_path_offset(tree(), "/cpus")), 0);
    expect_refusal(words(), {"^diosix: cannot start: the device tree has no /cpus$"});
}

} // namespace
