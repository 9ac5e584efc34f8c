/* survey: everything is found where it stands, in the tree's order, and nothing else. */
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "kernel/boot/tree_sample.h"

extern "C" {
#include <libfdt.h>

#include "kernel/boot/survey.h"
}

namespace {

using tree_sample::Bytes;
using tree_sample::Node;
using tree_sample::Text;
using tree_sample::Tree;

std::vector<std::string> PathsOf(const struct survey &survey, enum survey_kind kind) {
    std::vector<std::string> paths;
    uint32_t index = 0;
    const struct fdt_place *place;
    while ((place = survey_next(&survey, kind, &index)) != nullptr) {
        char path[128] = "";
        EXPECT_EQ(fdt_get_path(survey.fdt, place->node, path, sizeof path), 0);
        EXPECT_EQ(place->depth, fdt_node_depth(survey.fdt, place->node)) << path;
        EXPECT_EQ(place->buses[place->depth - 1], fdt_parent_offset(survey.fdt, place->node)) << path;
        paths.push_back(path);
    }
    return paths;
}

using Paths = std::vector<std::string>;

TEST(Survey, FindsEveryKindWhereverItStands) {
    Tree tree;
    Node &soc = tree.root.Add("soc");
    soc.Add("uart@1").Set("compatible", Text({"ns16550a"}));
    Node &bridge = soc.Add("bridge");
    bridge.Add("uart@2").Set("compatible", Text({"vendor,uart", "snps,dw-apb-uart"}));
    bridge.Add("clint@1").Set("compatible", Text({"sifive,clint0", "riscv,clint0"}));
    soc.Add("mswi@1").Set("compatible", Text({"riscv,aclint-mswi"}));
    soc.Add("mtimer@1").Set("compatible", Text({"riscv,aclint-mtimer"}));
    soc.Add("plic@1").Set("compatible", Text({"riscv,plic0"}));
    soc.Add("plic@2").Set("compatible", Text({"sifive,plic-1.0.0"}));
    soc.Add("test@1").Set("compatible", Text({"sifive,test0"}));
    soc.Add("other@1").Set("compatible", Text({"sifive,test"}));
    tree.root.Add("poweroff").Set("compatible", Text({"syscon-poweroff"}));
    Bytes blob = tree.Write();
    struct survey survey;
    ASSERT_EQ(survey_take(blob.data(), &survey), STATUS_OK);
    EXPECT_EQ(PathsOf(survey, SURVEY_UART), (Paths{"/soc/uart@1", "/soc/bridge/uart@2"}));
    EXPECT_EQ(PathsOf(survey, SURVEY_CLINT), (Paths{"/soc/bridge/clint@1"})) << "once, though it is compatible twice";
    EXPECT_EQ(PathsOf(survey, SURVEY_MSWI), (Paths{"/soc/mswi@1"}));
    EXPECT_EQ(PathsOf(survey, SURVEY_MTIMER), (Paths{"/soc/mtimer@1"}));
    EXPECT_EQ(PathsOf(survey, SURVEY_PLIC), (Paths{"/soc/plic@1", "/soc/plic@2"}));
    EXPECT_EQ(PathsOf(survey, SURVEY_FINISHER), (Paths{"/soc/test@1"}));
    EXPECT_EQ(PathsOf(survey, SURVEY_POWEROFF), (Paths{"/poweroff"}));
    EXPECT_EQ(PathsOf(survey, SURVEY_MEMORY), Paths{});
    EXPECT_LT(survey.chosen, 0);
    EXPECT_LT(survey.cpus, 0);
    EXPECT_LT(survey.reserved_memory, 0);
}

TEST(Survey, MemoryAndNamesCountBelowTheRootOnly) {
    Tree tree;
    Node &soc = tree.root.Add("soc");
    soc.Add("memory@1").Set("device_type", Text({"memory"}));
    soc.Add("chosen");
    soc.Add("cpus");
    tree.root.Add("chosen");
    tree.root.Add("cpus");
    tree.root.Add("reserved-memory").Add("memory@2").Set("device_type", Text({"memory"}));
    tree.root.Add("memory@3").Set("device_type", Text({"memory"}));
    tree.root.Add("ram@4").Set("device_type", Text({"memory"}));
    tree.root.Add("memory@5").Set("device_type", Text({"memory2"}));
    Bytes blob = tree.Write();
    struct survey survey;
    ASSERT_EQ(survey_take(blob.data(), &survey), STATUS_OK);
    EXPECT_EQ(PathsOf(survey, SURVEY_MEMORY), (Paths{"/memory@3", "/ram@4"}));
    EXPECT_EQ(survey.chosen, fdt_path_offset(blob.data(), "/chosen"));
    EXPECT_EQ(survey.cpus, fdt_path_offset(blob.data(), "/cpus"));
    EXPECT_EQ(survey.reserved_memory, fdt_path_offset(blob.data(), "/reserved-memory"));
}

TEST(Survey, SaysSoWhenThereAreMoreThanItHasRoomFor) {
    Tree tree;
    for (int index = 0; index < SURVEY_NODES_MAX; index++) {
        tree.root.Add("uart@" + std::to_string(index)).Set("compatible", Text({"ns16550a"}));
    }
    tree.root.Add("cpus");
    Bytes blob = tree.Write();
    struct survey survey;
    ASSERT_EQ(survey_take(blob.data(), &survey), STATUS_OK);
    EXPECT_EQ(survey.count, uint32_t{SURVEY_NODES_MAX});
    tree.root.Add("uart@one").Set("compatible", Text({"ns16550a"}));
    tree.root.Add("chosen");
    blob = tree.Write();
    EXPECT_EQ(survey_take(blob.data(), &survey), STATUS_TOO_BIG);
    EXPECT_EQ(survey.count, uint32_t{SURVEY_NODES_MAX});
    EXPECT_GE(survey.chosen, 0) << "what is behind them is seen all the same";
}

} // namespace
