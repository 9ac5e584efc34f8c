// Page tables in both formats, over pages that a test can count.
#include <gtest/gtest.h>

#include "supervisor/mem/fake_memory.h"

extern "C" {
#include "supervisor/arch/riscv/page_table.h"
#include "supervisor/mem/access.h"
}

namespace {

class PageTableTest : public testing::TestWithParam<const page_table_format *> {
  protected:
    PageTableTest() {
        EXPECT_EQ(page_table_init(&table, GetParam(), memory.interface()), STATUS_OK);
    }

    uint64_t Raw(paddr_t page, unsigned index) {
        const void *bytes = memory.At(page);
        return GetParam()->entry_size == 4 ? static_cast<const uint32_t *>(bytes)[index]
                                           : static_cast<const uint64_t *>(bytes)[index];
    }

    FakeMemory memory{64};
    page_table table;
};

TEST_P(PageTableTest, FindsWhatItMapped) {
    ASSERT_EQ(page_table_map(&table, 0x10000, paddr(0x80001000), 0x2000, ACCESS_READ | ACCESS_EXECUTE, PAGE_OWNER_USER),
              STATUS_OK);
    page_table_leaf leaf;
    ASSERT_EQ(page_table_find(&table, 0x11fff, &leaf), STATUS_OK);
    EXPECT_EQ(leaf.page.value, 0x80002000u);
    EXPECT_EQ(leaf.size, 0x1000u);
    EXPECT_EQ(leaf.access, unsigned{ACCESS_READ | ACCESS_EXECUTE});
    EXPECT_EQ(page_table_find(&table, 0xffff, &leaf), STATUS_NOT_FOUND);
    EXPECT_EQ(page_table_find(&table, 0x12000, &leaf), STATUS_NOT_FOUND);
}

TEST_P(PageTableTest, WritesTheEntryThatTheSpecificationSays) {
    ASSERT_EQ(page_table_map(&table, 0x3000, paddr(0x80005000), 0x1000, ACCESS_WRITE, PAGE_OWNER_USER), STATUS_OK);
    paddr_t page = table.root;
    for (unsigned level = GetParam()->levels - 1; level > 0; level--) {
        uint64_t entry = Raw(page, 0);
        EXPECT_EQ(entry & 0xff, 1u) << "a pointer is valid and nothing else";
        page = paddr(entry >> 10 << 12);
    }
    EXPECT_EQ(Raw(page, 3) >> 10, 0x80005u);
    EXPECT_EQ(Raw(page, 3) & 0xff, 0xd7u) << "V R W U A D: write brings read";
}

TEST_P(PageTableTest, UsesTheLargestLeafThatFits) {
    uint64_t large = 0x1000ull << GetParam()->index_bits;
    size_t before = memory.used();
    ASSERT_EQ(page_table_map(&table, large - 0x1000, paddr(3 * large - 0x1000), large + 0x2000, ACCESS_READ,
                             PAGE_OWNER_SUPERVISOR),
              STATUS_OK);
    page_table_leaf leaf;
    ASSERT_EQ(page_table_find(&table, large + 0x5123, &leaf), STATUS_OK);
    EXPECT_EQ(leaf.size, large);
    EXPECT_EQ(leaf.page.value, 3 * large);
    ASSERT_EQ(page_table_find(&table, 2 * large, &leaf), STATUS_OK);
    EXPECT_EQ(leaf.size, 0x1000u);
    EXPECT_LE(memory.used() - before, 3u);
}

TEST_P(PageTableTest, RefusesWhatItCannotMap) {
    EXPECT_EQ(page_table_map(&table, 0x1001, paddr(0), 0x1000, ACCESS_READ, PAGE_OWNER_USER), STATUS_INVALID);
    EXPECT_EQ(page_table_map(&table, 0x1000, paddr(0x10), 0x1000, ACCESS_READ, PAGE_OWNER_USER), STATUS_INVALID);
    EXPECT_EQ(page_table_map(&table, 0x1000, paddr(0), 0, ACCESS_READ, PAGE_OWNER_USER), STATUS_INVALID);
    EXPECT_EQ(page_table_map(&table, ~uint64_t{0xfff}, paddr(0), 0x2000, ACCESS_READ, PAGE_OWNER_USER), STATUS_INVALID);
    uint64_t limit = 1ull << GetParam()->physical_bits;
    EXPECT_EQ(page_table_map(&table, 0x1000, paddr(limit), 0x1000, ACCESS_READ, PAGE_OWNER_USER), STATUS_INVALID);
    EXPECT_EQ(page_table_map(&table, 0x1000, paddr(limit - 0x1000), 0x2000, ACCESS_READ, PAGE_OWNER_USER),
              STATUS_INVALID);
    ASSERT_EQ(page_table_map(&table, 0x1000, paddr(0x2000), 0x1000, ACCESS_READ, PAGE_OWNER_USER), STATUS_OK);
    EXPECT_EQ(page_table_map(&table, 0x1000, paddr(0x2000), 0x1000, ACCESS_READ, PAGE_OWNER_USER), STATUS_EXISTS);
}

TEST_P(PageTableTest, RefusesAPageInsideALargeLeaf) {
    uint64_t large = 0x1000ull << GetParam()->index_bits;
    ASSERT_EQ(page_table_map(&table, 0, paddr(0), large, ACCESS_READ, PAGE_OWNER_SUPERVISOR), STATUS_OK);
    EXPECT_EQ(page_table_map(&table, 0x1000, paddr(0), 0x1000, ACCESS_READ, PAGE_OWNER_USER), STATUS_EXISTS);
    paddr_t page;
    EXPECT_EQ(page_table_unmap(&table, 0x1000, &page), STATUS_NOT_FOUND);
    EXPECT_EQ(page_table_protect(&table, 0x1000, ACCESS_READ), STATUS_NOT_FOUND);
}

TEST_P(PageTableTest, RemembersAPageThatAllowsNothing) {
    ASSERT_EQ(page_table_map(&table, 0x1000, paddr(0x7000), 0x1000, ACCESS_READ, PAGE_OWNER_USER), STATUS_OK);
    ASSERT_EQ(page_table_protect(&table, 0x1000, ACCESS_NONE), STATUS_OK);
    page_table_leaf leaf;
    ASSERT_EQ(page_table_find(&table, 0x1000, &leaf), STATUS_OK);
    EXPECT_EQ(leaf.access, unsigned{ACCESS_NONE});
    EXPECT_EQ(leaf.page.value, 0x7000u);
    ASSERT_EQ(page_table_protect(&table, 0x1000, ACCESS_READ | ACCESS_WRITE), STATUS_OK);
    paddr_t page;
    ASSERT_EQ(page_table_unmap(&table, 0x1000, &page), STATUS_OK);
    EXPECT_EQ(page.value, 0x7000u);
    EXPECT_EQ(page_table_unmap(&table, 0x1000, &page), STATUS_NOT_FOUND);
}

TEST_P(PageTableTest, FindsTheNextLeafPastEmptyTables) {
    ASSERT_EQ(page_table_map(&table, 0x5000, paddr(0x7000), 0x1000, ACCESS_READ, PAGE_OWNER_USER), STATUS_OK);
    ASSERT_EQ(page_table_map(&table, 0x60007000, paddr(0x7000), 0x1000, ACCESS_READ, PAGE_OWNER_USER), STATUS_OK);
    uint64_t next;
    ASSERT_EQ(page_table_find_next(&table, 0, 0x70000000, &next), STATUS_OK);
    EXPECT_EQ(next, 0x5000u);
    ASSERT_EQ(page_table_find_next(&table, 0x6000, 0x70000000, &next), STATUS_OK);
    EXPECT_EQ(next, 0x60007000u);
    EXPECT_EQ(page_table_find_next(&table, 0x60008000, 0x70000000, &next), STATUS_NOT_FOUND);
    EXPECT_EQ(page_table_find_next(&table, 0x6000, 0x60007000, &next), STATUS_NOT_FOUND);
}

TEST_P(PageTableTest, FencesEveryChange) {
    ASSERT_EQ(page_table_map(&table, 0x1000, paddr(0x7000), 0x2000, ACCESS_READ, PAGE_OWNER_USER), STATUS_OK);
    EXPECT_EQ(memory.fences, (std::vector<uint64_t>{0x1000, 0x2000}));
    EXPECT_EQ(memory.code_fences, 0);
    ASSERT_EQ(page_table_protect(&table, 0x1000, ACCESS_EXECUTE), STATUS_OK);
    EXPECT_EQ(memory.code_fences, 1);
    paddr_t page;
    ASSERT_EQ(page_table_unmap(&table, 0x2000, &page), STATUS_OK);
    EXPECT_EQ(memory.fences.back(), 0x2000u);
}

// Not the half of it: Sv32's supervisor has the last quarter.
TEST_P(PageTableTest, DestroyGivesEveryTableBackAndLeavesWhatIsShared) {
    uint64_t entry_span = 0x1000ull << (GetParam()->levels - 1) * GetParam()->index_bits;
    uint64_t limit = entry_span * 3 << (GetParam()->index_bits - 2);
    uint64_t shared = limit + 0x10000;
    ASSERT_EQ(page_table_map(&table, shared, paddr(0x7000), 0x1000, ACCESS_READ, PAGE_OWNER_SUPERVISOR), STATUS_OK);
    size_t before = memory.used();
    page_table other;
    ASSERT_EQ(page_table_init(&other, GetParam(), memory.interface()), STATUS_OK);
    page_table_share(&other, &table, limit);
    for (uint64_t address = 0x1000; address < limit; address += limit / 8) {
        ASSERT_EQ(page_table_map(&other, address, paddr(0x9000), 0x1000, ACCESS_READ, PAGE_OWNER_USER), STATUS_OK);
    }
    page_table_leaf leaf;
    EXPECT_EQ(page_table_find(&other, shared, &leaf), STATUS_OK);
    page_table_destroy(&other);
    EXPECT_EQ(memory.used(), before);
    EXPECT_EQ(page_table_find(&table, shared, &leaf), STATUS_OK);
}

TEST_P(PageTableTest, SurvivesEveryShortageOfPages) {
    for (size_t limit = 0; limit < GetParam()->levels; limit++) {
        FakeMemory little(limit);
        page_table poor;
        status_t status = page_table_init(&poor, GetParam(), little.interface());
        if (status == STATUS_OK) {
            status = page_table_map(&poor, 0x1000, paddr(0), 0x1000, ACCESS_READ, PAGE_OWNER_USER);
            page_table_destroy(&poor);
        }
        EXPECT_EQ(status, STATUS_NO_MEMORY);
        EXPECT_EQ(little.used(), 0u);
    }
}

TEST_P(PageTableTest, SatpNamesModeAndRoot) {
    uint64_t mode = uint64_t{GetParam()->satp_mode} << GetParam()->satp_mode_shift;
    EXPECT_EQ(page_table_satp(&table), mode | table.root.value >> 12);
}

INSTANTIATE_TEST_SUITE_P(Formats, PageTableTest, testing::Values(&page_table_sv32, &page_table_sv39),
                         [](const auto &row) { return std::string(row.param->name); });

} // namespace
