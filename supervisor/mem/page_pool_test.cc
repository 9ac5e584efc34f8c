#include <gtest/gtest.h>

#include <set>
#include <vector>

extern "C" {
#include "supervisor/mem/page_memory.h"
#include "supervisor/mem/page_pool.h"
}

namespace {

class PagePoolTest : public testing::Test {
  protected:
    void Make(std::vector<memory_range> ranges) {
        for (const auto &range : ranges) {
            ASSERT_EQ(memory_map_add(&map, range.start, range.size), STATUS_OK);
        }
        bookkeeping.resize(page_pool_bookkeeping_size(&map) / sizeof(unsigned long) + 1);
        page_pool_init(&pool, &map, bookkeeping.data());
    }

    memory_map map{};
    page_pool pool;
    std::vector<unsigned long> bookkeeping;
};

TEST_F(PagePoolTest, HandsOutEveryPageOnceAndNothingElse) {
    Make({{0x80000000, 70 * PAGE_SIZE}, {0x80100000, 3 * PAGE_SIZE}});
    EXPECT_EQ(pool.free_count, 73u);
    std::set<uint64_t> seen;
    for (int i = 0; i < 73; i++) {
        paddr_t page;
        ASSERT_EQ(page_pool_allocate(&pool, &page), STATUS_OK);
        EXPECT_TRUE(memory_map_contains(&map, page.value, PAGE_SIZE));
        EXPECT_TRUE(seen.insert(page.value).second);
    }
    paddr_t page;
    EXPECT_EQ(page_pool_allocate(&pool, &page), STATUS_NO_MEMORY);
}

TEST_F(PagePoolTest, ReusesWhatIsReleased) {
    Make({{0x80000000, 2 * PAGE_SIZE}});
    paddr_t first, second, third;
    ASSERT_EQ(page_pool_allocate(&pool, &first), STATUS_OK);
    ASSERT_EQ(page_pool_allocate(&pool, &second), STATUS_OK);
    ASSERT_EQ(page_pool_release(&pool, first), STATUS_OK);
    ASSERT_EQ(page_pool_allocate(&pool, &third), STATUS_OK);
    EXPECT_EQ(third.value, first.value);
}

TEST_F(PagePoolTest, RefusesWhatIsNotATakenPage) {
    Make({{0x80000000, 4 * PAGE_SIZE}});
    paddr_t page;
    ASSERT_EQ(page_pool_allocate(&pool, &page), STATUS_OK);
    EXPECT_EQ(page_pool_release(&pool, paddr(page.value + 1)), STATUS_INVALID);
    EXPECT_EQ(page_pool_release(&pool, paddr(0x7ffff000)), STATUS_INVALID);
    EXPECT_EQ(page_pool_release(&pool, paddr(0x80004000)), STATUS_INVALID);
    EXPECT_EQ(page_pool_release(&pool, page), STATUS_OK);
    EXPECT_EQ(page_pool_release(&pool, page), STATUS_NOT_FOUND);
    EXPECT_EQ(pool.free_count, 4u);
}

TEST_F(PagePoolTest, AnEmptyMapHasNoPages) {
    Make({});
    EXPECT_EQ(page_pool_bookkeeping_size(&map), 0u);
    paddr_t page;
    EXPECT_EQ(page_pool_allocate(&pool, &page), STATUS_NO_MEMORY);
    EXPECT_EQ(page_pool_release(&pool, paddr(0)), STATUS_INVALID);
}

} // namespace
