#include <gtest/gtest.h>

#include <map>

#include "supervisor/mem/fake_memory.h"

extern "C" {
#include "supervisor/mem/access.h"
#include "supervisor/mem/address_space.h"
#include "supervisor/mem/user_copy.h"
}

namespace {

constexpr uint64_t kFloor = 0x10000;
// Where an entry of the root begins, in both formats.
constexpr uint64_t kLimit = 0x40000000;
constexpr unsigned kReadWrite = ACCESS_READ | ACCESS_WRITE;

class AddressSpaceTest : public testing::Test {
  protected:
    AddressSpaceTest() {
        EXPECT_EQ(page_table_init(&supervisor, &page_table_sv39, memory.interface()), STATUS_OK);
        EXPECT_EQ(address_space_init(&space, &supervisor, kFloor, kLimit), STATUS_OK);
    }

    ~AddressSpaceTest() override {
        address_space_destroy(&space);
        EXPECT_EQ(memory.used(), 1u) << "the supervisor's root is all that is left";
    }

    status_t Touch(uint64_t address, unsigned access) {
        void *bytes;
        uint64_t size;
        return address_space_resolve(&space, address, access, &bytes, &size);
    }

    FakeMemory memory{64};
    page_table supervisor;
    address_space space;
};

TEST_F(AddressSpaceTest, BringsZeroedPagesInOnFirstUse) {
    ASSERT_EQ(address_space_map(&space, 0x20000, 0x3000, kReadWrite), STATUS_OK);
    size_t before = memory.used();
    void *bytes;
    uint64_t size;
    ASSERT_EQ(address_space_resolve(&space, 0x21ffe, ACCESS_WRITE, &bytes, &size), STATUS_OK);
    EXPECT_EQ(size, 2u);
    EXPECT_EQ(*static_cast<uint8_t *>(bytes), 0);
    EXPECT_EQ(memory.used(), before + 3) << "the page and two tables";
    *static_cast<uint8_t *>(bytes) = 7;
    ASSERT_EQ(address_space_resolve(&space, 0x21ffe, ACCESS_READ, &bytes, &size), STATUS_OK);
    EXPECT_EQ(*static_cast<uint8_t *>(bytes), 7);
}

TEST_F(AddressSpaceTest, FaultsWhereNothingIsAndWhereItIsNotAllowed) {
    ASSERT_EQ(address_space_map(&space, 0x20000, 0x1000, ACCESS_READ), STATUS_OK);
    EXPECT_EQ(Touch(0x1ffff, ACCESS_READ), STATUS_FAULT);
    EXPECT_EQ(Touch(0x21000, ACCESS_READ), STATUS_FAULT);
    EXPECT_EQ(Touch(0x20000, ACCESS_WRITE), STATUS_FAULT);
    EXPECT_EQ(Touch(0x20000, ACCESS_EXECUTE), STATUS_FAULT);
    EXPECT_EQ(Touch(~uint64_t{0}, ACCESS_READ), STATUS_FAULT);
    EXPECT_EQ(Touch(0x20000, ACCESS_NONE), STATUS_OK);
}

TEST_F(AddressSpaceTest, RefusesRangesOutsideItsBounds) {
    EXPECT_EQ(address_space_map(&space, kFloor - 0x1000, 0x1000, kReadWrite), STATUS_INVALID);
    EXPECT_EQ(address_space_map(&space, kLimit, 0x1000, kReadWrite), STATUS_INVALID);
    EXPECT_EQ(address_space_map(&space, kLimit - 0x1000, 0x2000, kReadWrite), STATUS_INVALID);
    EXPECT_EQ(address_space_map(&space, kFloor, ~uint64_t{0xfff}, kReadWrite), STATUS_INVALID);
    EXPECT_EQ(address_space_map(&space, kFloor + 1, 0x1000, kReadWrite), STATUS_INVALID);
    EXPECT_EQ(address_space_map(&space, kFloor, 0x800, kReadWrite), STATUS_INVALID);
    EXPECT_EQ(address_space_map(&space, kFloor, 0, kReadWrite), STATUS_INVALID);
    EXPECT_EQ(address_space_unmap(&space, 0, 0x1000), STATUS_INVALID);
    EXPECT_EQ(address_space_protect(&space, kLimit, 0x1000, ACCESS_READ), STATUS_INVALID);
}

TEST_F(AddressSpaceTest, NeverOverlaps) {
    ASSERT_EQ(address_space_map(&space, 0x20000, 0x2000, kReadWrite), STATUS_OK);
    for (uint64_t start : {0x1f000, 0x20000, 0x21000}) {
        EXPECT_EQ(address_space_map(&space, start, 0x2000, kReadWrite), STATUS_EXISTS);
    }
    EXPECT_EQ(address_space_map(&space, 0x1f000, 0x4000, kReadWrite), STATUS_EXISTS);
    EXPECT_EQ(address_space_map(&space, 0x22000, 0x1000, ACCESS_READ), STATUS_OK);
    EXPECT_EQ(space.region_count, 2u);
}

TEST_F(AddressSpaceTest, JoinsNeighboursThatAllowTheSame) {
    ASSERT_EQ(address_space_map(&space, 0x20000, 0x1000, kReadWrite), STATUS_OK);
    ASSERT_EQ(address_space_map(&space, 0x22000, 0x1000, kReadWrite), STATUS_OK);
    ASSERT_EQ(address_space_map(&space, 0x21000, 0x1000, kReadWrite), STATUS_OK);
    EXPECT_EQ(space.region_count, 1u);
    ASSERT_EQ(address_space_protect(&space, 0x21000, 0x1000, ACCESS_READ), STATUS_OK);
    EXPECT_EQ(space.region_count, 3u);
    ASSERT_EQ(address_space_protect(&space, 0x20000, 0x3000, ACCESS_READ), STATUS_OK);
    EXPECT_EQ(space.region_count, 1u);
}

TEST_F(AddressSpaceTest, ProtectKeepsWhatWasThere) {
    ASSERT_EQ(address_space_map(&space, 0x20000, 0x2000, kReadWrite), STATUS_OK);
    ASSERT_EQ(user_copy_out(&space, 0x20ffe, "abcd", 4), STATUS_OK);
    ASSERT_EQ(address_space_protect(&space, 0x20000, 0x2000, ACCESS_NONE), STATUS_OK);
    EXPECT_EQ(Touch(0x20000, ACCESS_READ), STATUS_FAULT);
    ASSERT_EQ(address_space_protect(&space, 0x20000, 0x2000, ACCESS_READ), STATUS_OK);
    char back[4];
    ASSERT_EQ(user_copy_in(&space, back, 0x20ffe, 4), STATUS_OK);
    EXPECT_EQ(std::string(back, 4), "abcd");
    EXPECT_EQ(address_space_protect(&space, 0x20000, 0x3000, ACCESS_READ), STATUS_NOT_FOUND);
}

TEST_F(AddressSpaceTest, UnmapCutsHolesAndFreesPages) {
    ASSERT_EQ(address_space_map(&space, 0x20000, 0x4000, kReadWrite), STATUS_OK);
    ASSERT_EQ(user_check(&space, 0x20000, 0x4000, ACCESS_WRITE), STATUS_OK);
    size_t before = memory.used();
    ASSERT_EQ(address_space_unmap(&space, 0x21000, 0x2000), STATUS_OK);
    EXPECT_EQ(memory.used(), before - 2);
    EXPECT_EQ(space.region_count, 2u);
    EXPECT_EQ(Touch(0x21000, ACCESS_READ), STATUS_FAULT);
    EXPECT_EQ(Touch(0x20fff, ACCESS_READ), STATUS_OK);
    EXPECT_EQ(Touch(0x23000, ACCESS_READ), STATUS_OK);
    EXPECT_EQ(address_space_unmap(&space, 0x50000, 0x2000), STATUS_OK) << "nothing there is fine";
}

TEST_F(AddressSpaceTest, ReplaceStartsWithZeroesAgain) {
    ASSERT_EQ(address_space_map(&space, 0x20000, 0x3000, kReadWrite), STATUS_OK);
    ASSERT_EQ(user_copy_out(&space, 0x21000, "abcd", 4), STATUS_OK);
    ASSERT_EQ(address_space_replace(&space, 0x21000, 0x4000, ACCESS_READ), STATUS_OK);
    char back[4];
    ASSERT_EQ(user_copy_in(&space, back, 0x21000, 4), STATUS_OK);
    EXPECT_EQ(std::string(back, 4), std::string(4, 0));
    EXPECT_EQ(Touch(0x21000, ACCESS_WRITE), STATUS_FAULT);
    EXPECT_EQ(Touch(0x20fff, ACCESS_WRITE), STATUS_OK);
    EXPECT_EQ(address_space_replace(&space, 0, 0x1000, ACCESS_READ), STATUS_INVALID);
}

TEST_F(AddressSpaceTest, FindsTheHighestGap) {
    uint64_t start;
    ASSERT_EQ(address_space_find_gap(&space, 0x2000, kLimit, &start), STATUS_OK);
    EXPECT_EQ(start, kLimit - 0x2000);
    ASSERT_EQ(address_space_map(&space, kLimit - 0x1000, 0x1000, kReadWrite), STATUS_OK);
    ASSERT_EQ(address_space_map(&space, kLimit - 0x4000, 0x1000, kReadWrite), STATUS_OK);
    ASSERT_EQ(address_space_find_gap(&space, 0x2000, kLimit, &start), STATUS_OK);
    EXPECT_EQ(start, kLimit - 0x3000);
    ASSERT_EQ(address_space_find_gap(&space, 0x3000, kLimit, &start), STATUS_OK);
    EXPECT_EQ(start, kLimit - 0x7000);
    ASSERT_EQ(address_space_find_gap(&space, 0x1000, kLimit - 0x3800, &start), STATUS_OK);
    EXPECT_EQ(start, kLimit - 0x5000);
    EXPECT_EQ(address_space_find_gap(&space, kLimit, kLimit, &start), STATUS_NO_MEMORY);
    EXPECT_EQ(address_space_find_gap(&space, 0x1000, 0x1000, &start), STATUS_NO_MEMORY);
}

TEST_F(AddressSpaceTest, SaysWhenThereAreTooManyRegions) {
    address_space wide;
    ASSERT_EQ(address_space_init(&wide, &supervisor, kFloor, kLimit), STATUS_OK);
    for (uint64_t i = 0; i < ADDRESS_SPACE_REGION_LIMIT; i++) {
        ASSERT_EQ(address_space_map(&wide, 0x20000 + i * 0x4000, 0x3000, kReadWrite), STATUS_OK);
    }
    EXPECT_EQ(address_space_map(&wide, 0x8000000, 0x1000, kReadWrite), STATUS_TOO_BIG);
    EXPECT_EQ(address_space_unmap(&wide, 0x21000, 0x1000), STATUS_TOO_BIG);
    EXPECT_EQ(address_space_replace(&wide, 0x21000, 0x1000, kReadWrite), STATUS_TOO_BIG);
    EXPECT_EQ(address_space_protect(&wide, 0x21000, 0x1000, ACCESS_READ), STATUS_TOO_BIG);
    address_space_destroy(&wide);
}

TEST_F(AddressSpaceTest, AShortageOfPagesChangesNothing) {
    FakeMemory little(2);
    page_table table;
    address_space poor;
    ASSERT_EQ(page_table_init(&table, &page_table_sv32, little.interface()), STATUS_OK);
    ASSERT_EQ(address_space_init(&poor, &table, kFloor, kLimit), STATUS_OK);
    ASSERT_EQ(address_space_map(&poor, 0x20000, 0x1000, kReadWrite), STATUS_OK);
    EXPECT_EQ(user_check(&poor, 0x20000, 1, ACCESS_READ), STATUS_NO_MEMORY);
    address_space_destroy(&poor);
    EXPECT_EQ(little.used(), 1u);
}

// A second opinion: one map entry per page, thousands of random operations.
TEST_F(AddressSpaceTest, AgreesWithAMapOfPages) {
    std::map<uint64_t, unsigned> pages;
    uint32_t random = 7;
    auto next = [&random](uint32_t bound) {
        random = random * 1664525 + 1013904223;
        return (random >> 10) % bound;
    };
    for (int step = 0; step < 20000; step++) {
        uint64_t first = 0x10 + next(64), count = 1 + next(8);
        unsigned access = next(4), operation = next(3);
        auto covered = [&] {
            uint64_t found = 0;
            for (uint64_t page = first; page < first + count; page++) {
                found += pages.count(page);
            }
            return found;
        }();
        status_t expected = STATUS_OK, got;
        if (operation == 0) {
            expected = covered == 0 ? STATUS_OK : STATUS_EXISTS;
            got = address_space_map(&space, first << 12, count << 12, access);
        } else if (operation == 1) {
            got = address_space_unmap(&space, first << 12, count << 12);
        } else {
            expected = covered == count ? STATUS_OK : STATUS_NOT_FOUND;
            got = address_space_protect(&space, first << 12, count << 12, access);
        }
        ASSERT_EQ(got, expected);
        for (uint64_t page = first; got == STATUS_OK && page < first + count; page++) {
            operation == 1 ? (void)pages.erase(page) : (void)(pages[page] = access);
        }
        uint64_t probe = 0x10 + next(72);
        unsigned wanted = 1 + next(3);
        bool allowed = pages.count(probe) && (pages[probe] & wanted) == wanted;
        status_t touched = Touch(probe << 12, wanted);
        ASSERT_TRUE(touched == STATUS_NO_MEMORY || touched == (allowed ? STATUS_OK : STATUS_FAULT));
        for (unsigned i = 1; i < space.region_count; i++) {
            const region &left = space.regions[i - 1], &right = space.regions[i];
            ASSERT_TRUE(left.end < right.start || (left.end == right.start && left.access != right.access));
        }
    }
}

} // namespace
