#include <gtest/gtest.h>

#include <set>

extern "C" {
#include "supervisor/mem/memory_map.h"
}

namespace {

class MemoryMapTest : public testing::Test {
  protected:
    memory_map map{};

    std::vector<std::pair<uint64_t, uint64_t>> Ranges() {
        std::vector<std::pair<uint64_t, uint64_t>> out;
        for (unsigned i = 0; i < map.count; i++) {
            out.emplace_back(map.ranges[i].start, map.ranges[i].size);
        }
        return out;
    }
};

using Pairs = std::vector<std::pair<uint64_t, uint64_t>>;

TEST_F(MemoryMapTest, AddTrimsToWholePages) {
    EXPECT_EQ(memory_map_add(&map, 0x1001, 0x2fff), STATUS_OK);
    EXPECT_EQ(Ranges(), (Pairs{{0x2000, 0x2000}}));
    EXPECT_EQ(memory_map_add(&map, 0x8001, 0x1000), STATUS_OK);
    EXPECT_EQ(map.count, 1u);
}

TEST_F(MemoryMapTest, AddMergesWhatTouchesOrOverlaps) {
    EXPECT_EQ(memory_map_add(&map, 0x5000, 0x1000), STATUS_OK);
    EXPECT_EQ(memory_map_add(&map, 0x1000, 0x1000), STATUS_OK);
    EXPECT_EQ(Ranges(), (Pairs{{0x1000, 0x1000}, {0x5000, 0x1000}}));
    EXPECT_EQ(memory_map_add(&map, 0x2000, 0x3800), STATUS_OK);
    EXPECT_EQ(Ranges(), (Pairs{{0x1000, 0x5000}}));
}

TEST_F(MemoryMapTest, RemoveTakesWholePagesAndSplits) {
    EXPECT_EQ(memory_map_add(&map, 0x10000, 0x10000), STATUS_OK);
    EXPECT_EQ(memory_map_remove(&map, 0x14001, 1), STATUS_OK);
    EXPECT_EQ(Ranges(), (Pairs{{0x10000, 0x4000}, {0x15000, 0xb000}}));
    EXPECT_EQ(memory_map_remove(&map, 0x0, 0x11000), STATUS_OK);
    EXPECT_EQ(memory_map_remove(&map, 0x1f000, 0x100000), STATUS_OK);
    EXPECT_EQ(Ranges(), (Pairs{{0x11000, 0x3000}, {0x15000, 0xa000}}));
    EXPECT_EQ(memory_map_remove(&map, 0, 0x100000), STATUS_OK);
    EXPECT_EQ(map.count, 0u);
}

TEST_F(MemoryMapTest, RefusesWhatWraps) {
    EXPECT_EQ(memory_map_add(&map, ~uint64_t{0} - 0x1000, 0x2000), STATUS_INVALID);
    EXPECT_EQ(memory_map_add(&map, ~uint64_t{0} - 0x100, 0x100), STATUS_INVALID);
    EXPECT_EQ(memory_map_remove(&map, ~uint64_t{0}, 2), STATUS_INVALID);
}

TEST_F(MemoryMapTest, HasALimitAndKeepsIt) {
    for (uint64_t i = 0; i < MEMORY_RANGE_LIMIT; i++) {
        ASSERT_EQ(memory_map_add(&map, 0x100000 + i * 0x2000, 0x1000), STATUS_OK);
    }
    EXPECT_EQ(memory_map_add(&map, 0x1000, 0x1000), STATUS_TOO_BIG);
    EXPECT_EQ(memory_map_remove(&map, 0x100000, 0x1000), STATUS_TOO_BIG);
    EXPECT_EQ(memory_map_add(&map, 0x101000, 0x1000), STATUS_OK);
    EXPECT_EQ(map.count, unsigned{MEMORY_RANGE_LIMIT} - 1);
}

TEST_F(MemoryMapTest, TakeUsesTheFirstRangeThatFits) {
    EXPECT_EQ(memory_map_add(&map, 0x1000, 0x1000), STATUS_OK);
    EXPECT_EQ(memory_map_add(&map, 0x8000, 0x4000), STATUS_OK);
    uint64_t start;
    EXPECT_EQ(memory_map_take(&map, 0x1001, &start), STATUS_OK);
    EXPECT_EQ(start, 0x8000u);
    EXPECT_EQ(Ranges(), (Pairs{{0x1000, 0x1000}, {0xa000, 0x2000}}));
    EXPECT_EQ(memory_map_take(&map, 0x3000, &start), STATUS_NOT_FOUND);
}

TEST_F(MemoryMapTest, ContainsIsOverflowSafe) {
    EXPECT_EQ(memory_map_add(&map, 0x1000, 0x4000), STATUS_OK);
    EXPECT_TRUE(memory_map_contains(&map, 0x1000, 0x4000));
    EXPECT_TRUE(memory_map_contains(&map, 0x4fff, 1));
    EXPECT_FALSE(memory_map_contains(&map, 0x4fff, 2));
    EXPECT_FALSE(memory_map_contains(&map, 0xfff, 1));
    EXPECT_FALSE(memory_map_contains(&map, 0x2000, ~uint64_t{0}));
}

// Against a set of pages, over every pair of operations in a small world.
TEST_F(MemoryMapTest, AgreesWithASetOfPages) {
    std::set<uint64_t> pages;
    uint32_t random = 1;
    for (int step = 0; step < 20000; step++) {
        random = random * 1664525 + 1013904223;
        uint64_t start = (random >> 8) % 64, count = (random >> 16) % 9;
        bool add = random >> 31;
        ASSERT_EQ(add ? memory_map_add(&map, start << 12, count << 12)
                      : memory_map_remove(&map, start << 12, count << 12),
                  STATUS_OK);
        for (uint64_t page = start; page < start + count; page++) {
            add ? (void)pages.insert(page) : (void)pages.erase(page);
        }
        ASSERT_EQ(memory_map_size(&map), pages.size() << 12);
        for (unsigned i = 0; i < map.count; i++) {
            ASSERT_TRUE(i == 0 || map.ranges[i - 1].start + map.ranges[i - 1].size < map.ranges[i].start);
            ASSERT_TRUE(pages.count(map.ranges[i].start >> 12));
        }
    }
}

} // namespace
