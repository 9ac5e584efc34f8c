#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <vector>

#include <gtest/gtest.h>

extern "C" {
#include "kernel/mem/region.h"
}

namespace {

class Region : public testing::Test {
  protected:
    void SetUp() override {
        region_init(&table);
    }
    void TearDown() override {
        EXPECT_EQ(region_check(&table), STATUS_OK);
    }

    status_t AddRam(uint64_t base, uint64_t size) {
        return region_add_ram(&table, paddr(base), size);
    }
    status_t Reserve(uint64_t base, uint64_t size) {
        return region_reserve(&table, paddr(base), size);
    }
    status_t Free(uint64_t base, uint32_t owner) {
        return region_free(&table, paddr(base), owner);
    }
    // The base that was given; nothing if it was refused, which must then be for want of memory.
    std::optional<uint64_t> Alloc(uint64_t size, uint64_t alignment, uint32_t owner,
                                  enum region_direction direction = REGION_FROM_BOTTOM) {
        paddr_t base = paddr(77);
        status_t status = region_alloc(&table, size, alignment, owner, direction, &base);
        if (status == STATUS_OK) {
            return base.value;
        }
        EXPECT_EQ(status, STATUS_NO_MEMORY);
        EXPECT_EQ(base.value, 77u) << "out parameters are written only on STATUS_OK";
        return std::nullopt;
    }

    struct Row {
        uint64_t base;
        uint64_t size;
        enum region_state state;
        bool operator==(const Row &) const = default;
    };
    std::vector<Row> Rows() {
        std::vector<Row> rows;
        for (uint32_t index = 0; index < table.count; index++) {
            rows.push_back({table.regions[index].base.value, table.regions[index].size, table.regions[index].state});
        }
        return rows;
    }
    using R = std::vector<Row>;

    struct region_table table;
};

TEST_F(Region, BanksAreSortedAndMerged) {
    EXPECT_EQ(AddRam(0x3000, 0x1000), STATUS_OK);
    EXPECT_EQ(AddRam(0x1000, 0x1000), STATUS_OK);
    EXPECT_EQ(Rows(), (R{{0x1000, 0x1000, REGION_FREE}, {0x3000, 0x1000, REGION_FREE}}));
    EXPECT_EQ(AddRam(0x2000, 0x1000), STATUS_OK);
    EXPECT_EQ(Rows(), (R{{0x1000, 0x3000, REGION_FREE}}));
    EXPECT_EQ(table.total, 0x3000u);
}

TEST_F(Region, OverlappingBanksCountOnce) {
    EXPECT_EQ(AddRam(0x1000, 0x1000), STATUS_OK);
    EXPECT_EQ(AddRam(0x3000, 0x1000), STATUS_OK);
    EXPECT_EQ(AddRam(0x1000, 0x1000), STATUS_OK);
    EXPECT_EQ(AddRam(0x1800, 0x400), STATUS_OK);
    EXPECT_EQ(table.total, 0x2000u);
    EXPECT_EQ(AddRam(0x0, 0x5000), STATUS_OK);
    EXPECT_EQ(Rows(), (R{{0, 0x5000, REGION_FREE}}));
    EXPECT_EQ(table.total, 0x5000u);
}

TEST_F(Region, ABankOverWhatIsTakenLeavesItTaken) {
    EXPECT_EQ(AddRam(0x1000, 0x3000), STATUS_OK);
    EXPECT_EQ(Reserve(0x2000, 0x1000), STATUS_OK);
    EXPECT_EQ(Alloc(0x1000, 0x1000, 5), 0x1000u);
    EXPECT_EQ(AddRam(0x0, 0x8000), STATUS_OK);
    EXPECT_EQ(Rows(), (R{{0, 0x1000, REGION_FREE},
                         {0x1000, 0x1000, REGION_OWNED},
                         {0x2000, 0x1000, REGION_RESERVED},
                         {0x3000, 0x5000, REGION_FREE}}));
}

TEST_F(Region, RefusesEmptyAndWrappingRanges) {
    EXPECT_EQ(AddRam(0x1000, 0), STATUS_INVALID);
    EXPECT_EQ(AddRam(UINT64_MAX, 1), STATUS_INVALID);
    EXPECT_EQ(AddRam(1, UINT64_MAX), STATUS_INVALID);
    EXPECT_EQ(AddRam(UINT64_MAX - 0xfff, 0x1000), STATUS_INVALID);
    EXPECT_EQ(Reserve(0x1000, 0), STATUS_INVALID);
    EXPECT_EQ(Reserve(UINT64_MAX, UINT64_MAX), STATUS_INVALID);
    EXPECT_EQ(table.count, 0u);
    EXPECT_EQ(AddRam(UINT64_MAX - 0xfff, 0xfff), STATUS_OK);
    EXPECT_EQ(AddRam(0, UINT64_MAX), STATUS_OK);
    EXPECT_EQ(Rows(), (R{{0, UINT64_MAX, REGION_FREE}}));
}

TEST_F(Region, ReservingSplits) {
    EXPECT_EQ(AddRam(0x1000, 0x8000), STATUS_OK);
    EXPECT_EQ(Reserve(0x3000, 0x1000), STATUS_OK);
    EXPECT_EQ(Rows(),
              (R{{0x1000, 0x2000, REGION_FREE}, {0x3000, 0x1000, REGION_RESERVED}, {0x4000, 0x5000, REGION_FREE}}));
    EXPECT_EQ(Reserve(0x2000, 0x4000), STATUS_OK);
    EXPECT_EQ(Rows(),
              (R{{0x1000, 0x1000, REGION_FREE}, {0x2000, 0x4000, REGION_RESERVED}, {0x6000, 0x3000, REGION_FREE}}));
    EXPECT_EQ(Reserve(0x2800, 0x100), STATUS_OK) << "inside what is reserved";
    EXPECT_EQ(Reserve(0x0, 0x1800), STATUS_OK) << "reaches out of RAM";
    EXPECT_EQ(Rows(), (R{{0x1000, 0x800, REGION_RESERVED},
                         {0x1800, 0x800, REGION_FREE},
                         {0x2000, 0x4000, REGION_RESERVED},
                         {0x6000, 0x3000, REGION_FREE}}));
    struct region_statistics statistics = region_statistics(&table);
    EXPECT_EQ(statistics.reserved, 0x4800u);
    EXPECT_EQ(statistics.free, 0x3800u);
    EXPECT_EQ(statistics.largest_free, 0x3000u);
    EXPECT_EQ(Reserve(0x0, UINT64_MAX), STATUS_OK);
    EXPECT_EQ(Rows(), (R{{0x1000, 0x8000, REGION_RESERVED}}));
    EXPECT_EQ(table.total, 0x8000u);
}

TEST_F(Region, ReservingWhereThereIsNoRamIsHarmless) {
    EXPECT_EQ(Reserve(0x1000, 0x1000), STATUS_OK) << "no RAM at all";
    EXPECT_EQ(AddRam(0x10000, 0x1000), STATUS_OK);
    EXPECT_EQ(AddRam(0x20000, 0x1000), STATUS_OK);
    EXPECT_EQ(Reserve(0x0, 0x10000), STATUS_OK);
    EXPECT_EQ(Reserve(0x11000, 0xf000), STATUS_OK);
    EXPECT_EQ(Reserve(0x21000, 0x1000), STATUS_OK);
    EXPECT_EQ(region_statistics(&table).free, 0x2000u);
}

TEST_F(Region, ReservingWhatIsOwnedIsRefusedWhole) {
    EXPECT_EQ(AddRam(0x1000, 0x8000), STATUS_OK);
    EXPECT_EQ(Alloc(0x1000, 0x4000, 3), 0x4000u);
    R before = Rows();
    EXPECT_EQ(Reserve(0x1000, 0x4000), STATUS_BUSY);
    EXPECT_EQ(Reserve(0x4fff, 1), STATUS_BUSY);
    EXPECT_EQ(Rows(), before);
    EXPECT_EQ(Reserve(0x1000, 0x3000), STATUS_OK);
    EXPECT_EQ(Reserve(0x5000, 0x1000), STATUS_OK);
}

TEST_F(Region, AllocatesFromEitherEnd) {
    EXPECT_EQ(AddRam(0x1000, 0xf000), STATUS_OK);
    EXPECT_EQ(AddRam(0x20000, 0x4000), STATUS_OK);
    EXPECT_EQ(Alloc(0x1000, 0x1000, 1), 0x1000u);
    EXPECT_EQ(Alloc(0x1000, 0x4000, 1), 0x4000u);
    EXPECT_EQ(Alloc(0x1000, 0x1000, 2, REGION_FROM_TOP), 0x23000u);
    EXPECT_EQ(Alloc(0x800, 0x2000, 2, REGION_FROM_TOP), 0x22000u);
    EXPECT_EQ(Alloc(0x3000, 0x1000, 3, REGION_FROM_TOP), 0xd000u) << "passes over what is too small";
    EXPECT_EQ(Alloc(0x100, 1, 4), 0x2000u);
    struct region_statistics statistics = region_statistics(&table);
    EXPECT_EQ(statistics.total, 0x13000u);
    EXPECT_EQ(statistics.owned, 0x6900u);
    EXPECT_EQ(statistics.free, 0x13000u - 0x6900);
    EXPECT_EQ(statistics.reserved, 0u);
    EXPECT_EQ(statistics.largest_free, 0x8000u);
    EXPECT_EQ(statistics.count, table.count);
}

TEST_F(Region, RefusesAllocations) {
    paddr_t base = paddr(77);
    EXPECT_EQ(Alloc(1, 1, 1), std::nullopt) << "no RAM at all";
    EXPECT_EQ(AddRam(0x1000, 0x3000), STATUS_OK);
    EXPECT_EQ(region_alloc(&table, 0, 1, 1, REGION_FROM_TOP, &base), STATUS_INVALID);
    EXPECT_EQ(region_alloc(&table, 1, 0, 1, REGION_FROM_TOP, &base), STATUS_INVALID);
    EXPECT_EQ(region_alloc(&table, 1, 3, 1, REGION_FROM_TOP, &base), STATUS_INVALID);
    for (enum region_direction direction : {REGION_FROM_BOTTOM, REGION_FROM_TOP}) {
        EXPECT_EQ(Alloc(0x3001, 1, 1, direction), std::nullopt);
        EXPECT_EQ(Alloc(UINT64_MAX, 1, 1, direction), std::nullopt);
        EXPECT_EQ(Alloc(1, UINT64_C(1) << 63, 1, direction), std::nullopt);
        EXPECT_EQ(Alloc(0x2001, 0x2000, 1, direction), std::nullopt);
    }
    EXPECT_EQ(AddRam(UINT64_MAX - 0x10, 0x10), STATUS_OK);
    EXPECT_EQ(Alloc(1, 0x4000, 1), std::nullopt) << "aligning up would wrap";
    EXPECT_EQ(Alloc(0x10, 1, 1, REGION_FROM_TOP), UINT64_MAX - 0x10);
}

TEST_F(Region, FreesWhatTheOwnerWasGiven) {
    EXPECT_EQ(AddRam(0x1000, 0x6000), STATUS_OK);
    EXPECT_EQ(Alloc(0x1000, 1, 7), 0x1000u);
    EXPECT_EQ(Alloc(0x1000, 1, 7), 0x2000u);
    EXPECT_EQ(Alloc(0x1000, 1, 8), 0x3000u);
    EXPECT_EQ(table.count, 4u) << "what is owned stays apart, also with one owner";
    EXPECT_EQ(Free(0x2000, 8), STATUS_DENIED);
    EXPECT_EQ(Free(0x2800, 7), STATUS_NOT_FOUND);
    EXPECT_EQ(Free(0x4000, 7), STATUS_NOT_FOUND) << "free already";
    EXPECT_EQ(Free(0x4000, 0), STATUS_NOT_FOUND);
    EXPECT_EQ(Free(0x0, 7), STATUS_NOT_FOUND);
    EXPECT_EQ(Free(0x7000, 7), STATUS_NOT_FOUND);
    EXPECT_EQ(Free(UINT64_MAX, 7), STATUS_NOT_FOUND);
    EXPECT_EQ(Free(0x2000, 7), STATUS_OK);
    EXPECT_EQ(Free(0x2000, 7), STATUS_NOT_FOUND);
    EXPECT_EQ(Free(0x1000, 7), STATUS_OK);
    EXPECT_EQ(Free(0x3000, 8), STATUS_OK);
    EXPECT_EQ(Rows(), (R{{0x1000, 0x6000, REGION_FREE}}));
    EXPECT_EQ(Reserve(0x1000, 0x1000), STATUS_OK);
    EXPECT_EQ(Free(0x1000, 0), STATUS_NOT_FOUND) << "what is reserved is nobody's";
}

TEST_F(Region, FindsTheRegionOfAnAddress) {
    EXPECT_EQ(AddRam(0x1000, 0x1000), STATUS_OK);
    EXPECT_EQ(AddRam(0x3000, 0x1000), STATUS_OK);
    EXPECT_EQ(Alloc(0x1000, 1, 9, REGION_FROM_TOP), 0x3000u);
    EXPECT_EQ(region_find(&table, paddr(0xfff)), nullptr);
    ASSERT_NE(region_find(&table, paddr(0x1000)), nullptr);
    EXPECT_EQ(region_find(&table, paddr(0x1fff))->state, REGION_FREE);
    EXPECT_EQ(region_find(&table, paddr(0x2000)), nullptr);
    EXPECT_EQ(region_find(&table, paddr(0x3fff))->owner, 9u);
    EXPECT_EQ(region_find(&table, paddr(0x4000)), nullptr);
    EXPECT_EQ(region_find(&table, paddr(UINT64_MAX)), nullptr);
}

class FullRegion : public Region {
  protected:
    // REGION_CAPACITY - left banks of 0x1000 with gaps between them.
    void Fill(uint32_t left) {
        for (uint32_t index = 0; index < REGION_CAPACITY - left; index++) {
            ASSERT_EQ(AddRam(index * UINT64_C(0x2000), 0x1000), STATUS_OK);
        }
    }
};

TEST_F(FullRegion, MoreBanksThanCapacity) {
    Fill(0);
    R before = Rows();
    EXPECT_EQ(AddRam(UINT64_C(0x2000) * REGION_CAPACITY, 0x1000), STATUS_TOO_BIG);
    EXPECT_EQ(Rows(), before);
    EXPECT_EQ(AddRam(0x0, 0x1000), STATUS_OK) << "nothing new";
    EXPECT_EQ(Rows(), before);
}

TEST_F(FullRegion, SplitsThatDoNotFitAreRefusedWhole) {
    Fill(1);
    R before = Rows();
    EXPECT_EQ(Reserve(0x2400, 0x400), STATUS_TOO_BIG) << "two more needed, one there";
    EXPECT_EQ(Rows(), before);
    EXPECT_EQ(Reserve(0x2000, 0x400), STATUS_OK);
    EXPECT_EQ(table.count, static_cast<uint32_t>(REGION_CAPACITY));
    before = Rows();
    EXPECT_EQ(Reserve(0x4000, 0x400), STATUS_TOO_BIG);
    EXPECT_EQ(Alloc(0x400, 0x400, 1), std::nullopt) << "every fit would need a split";
    EXPECT_EQ(Rows(), before);
    EXPECT_EQ(Reserve(0x4000, 0x1000), STATUS_OK);
    EXPECT_EQ(Alloc(0x1000, 0x1000, 1), 0x0u) << "a whole region needs none";
    EXPECT_EQ(region_find(&table, paddr(UINT64_MAX)), nullptr);
    EXPECT_EQ(Free(UINT64_MAX, 1), STATUS_NOT_FOUND);
}

TEST_F(FullRegion, AllocationsPassOverWhatCannotBeSplit) {
    Fill(0);
    EXPECT_EQ(Reserve(0x0, 0x1000), STATUS_OK);
    EXPECT_EQ(AddRam(0x1000, 0xc00), STATUS_TOO_BIG) << "might not merge, so room for it is asked";
    EXPECT_EQ(Alloc(0x1000, 0x1000, 2), 0x2000u);
}

TEST_F(FullRegion, OneBankOverManyGapsIsRefusedWhole) {
    Fill(1);
    R before = Rows();
    EXPECT_EQ(AddRam(0x0, 0x6000), STATUS_TOO_BIG) << "three gaps at once";
    EXPECT_EQ(Rows(), before);
    EXPECT_EQ(AddRam(0x1000, 0x1000), STATUS_OK);
    EXPECT_EQ(table.count, static_cast<uint32_t>(REGION_CAPACITY - 2));
}

TEST(RegionCheck, SeesEachBrokenInvariant) {
    auto broken = [](auto change) {
        struct region_table table;
        region_init(&table);
        EXPECT_EQ(region_add_ram(&table, paddr(0x1000), 0x1000), STATUS_OK);
        EXPECT_EQ(region_add_ram(&table, paddr(0x4000), 0x1000), STATUS_OK);
        EXPECT_EQ(region_check(&table), STATUS_OK);
        change(table);
        return region_check(&table);
    };
    EXPECT_EQ(broken([](auto &t) { t.total++; }), STATUS_CORRUPT);
    EXPECT_EQ(broken([](auto &t) { t.count = REGION_CAPACITY + 1; }), STATUS_CORRUPT);
    EXPECT_EQ(broken([](auto &t) { t.regions[0].size = 0, t.total -= 0x1000; }), STATUS_CORRUPT);
    EXPECT_EQ(broken([](auto &t) { std::swap(t.regions[0], t.regions[1]); }), STATUS_CORRUPT);
    EXPECT_EQ(broken([](auto &t) { t.regions[0].size += 0x2001, t.total += 0x2001; }), STATUS_CORRUPT);
    EXPECT_EQ(broken([](auto &t) { t.regions[0].size += 0x2000, t.total += 0x2000; }), STATUS_CORRUPT);
    EXPECT_EQ(broken([](auto &t) { t.regions[1].base.value = UINT64_MAX; }), STATUS_CORRUPT);
    EXPECT_EQ(broken([](auto &t) { t.regions[1].owner = 1; }), STATUS_CORRUPT);
}

// RAM as one letter per unit: '.' none, 'f' free, 'r' reserved, and for what is owned the index of the allocation.
class Model {
  public:
    static constexpr int kUnits = 96;

    void AddRam(int base, int size) {
        for (int unit = base; unit < base + size; unit++) {
            units_[unit] = units_[unit] == kNone ? kFree : units_[unit];
        }
    }
    bool Reserve(int base, int size) {
        for (int unit = base; unit < base + size; unit++) {
            if (units_[unit] >= 0) {
                return false;
            }
        }
        for (int unit = base; unit < base + size; unit++) {
            units_[unit] = units_[unit] == kFree ? kReserved : units_[unit];
        }
        return true;
    }
    // The lowest (or highest) place, but inside the lowest (or highest) run that has one.
    int Alloc(int size, int alignment, bool top, int id) {
        std::vector<int> places;
        for (int base = 0; base + size <= kUnits; base += alignment) {
            bool fits = true;
            for (int unit = base; unit < base + size; unit++) {
                fits &= units_[unit] == kFree;
            }
            if (fits) {
                places.push_back(base);
            }
        }
        if (places.empty()) {
            return -1;
        }
        int base = top ? places.back() : places.front();
        std::fill_n(units_.begin() + base, size, id);
        return base;
    }
    void Free(int id) {
        std::replace(units_.begin(), units_.end(), id, kFree);
    }
    int At(int unit) const {
        return units_[unit];
    }

    static constexpr int kNone = -3, kFree = -2, kReserved = -1;

  private:
    std::vector<int> units_ = std::vector<int>(kUnits, kNone);
};

struct Allocation {
    uint64_t base;
    uint32_t owner;
};

class RandomRegion : public Region, public testing::WithParamInterface<uint64_t> {
  protected:
    void ExpectSame(const Model &model, const std::map<int, Allocation> &allocations) {
        ASSERT_EQ(region_check(&table), STATUS_OK);
        for (int unit = 0; unit < Model::kUnits; unit++) {
            const struct region *region = region_find(&table, paddr(kBase + unit * kUnit));
            int expected = model.At(unit);
            if (expected == Model::kNone) {
                ASSERT_EQ(region, nullptr) << unit;
                continue;
            }
            ASSERT_NE(region, nullptr) << unit;
            if (expected >= 0) {
                ASSERT_EQ(region->state, REGION_OWNED) << unit;
                ASSERT_EQ(region->base.value, allocations.at(expected).base) << unit;
                ASSERT_EQ(region->owner, allocations.at(expected).owner) << unit;
            } else {
                ASSERT_EQ(region->state, expected == Model::kFree ? REGION_FREE : REGION_RESERVED) << unit;
            }
        }
    }

    static constexpr uint64_t kUnit = 0x10000, kBase = 0x80000000;
};

TEST_P(RandomRegion, AgreesWithAMapOfUnits) {
    std::mt19937_64 random(GetParam());
    Model model;
    std::map<int, Allocation> allocations;
    auto below = [&](int limit) { return static_cast<int>(random() % static_cast<uint64_t>(limit)); };
    for (int step = 0; step < 3000; step++) {
        // Reservations are for ever, so there are few, and small ones.
        int choice = below(1000), limit = choice < 5 ? 2 : 12;
        int base = below(Model::kUnits), size = 1 + below(std::min(limit, Model::kUnits - base));
        uint64_t address = kBase + static_cast<uint64_t>(base) * kUnit, bytes = static_cast<uint64_t>(size) * kUnit;
        if (choice < 5) {
            bool done = model.Reserve(base, size);
            ASSERT_EQ(Reserve(address, bytes), done ? STATUS_OK : STATUS_BUSY);
        } else if (choice < 50) {
            model.AddRam(base, size);
            ASSERT_EQ(AddRam(address, bytes), STATUS_OK);
        } else if (choice < 550) {
            int alignment = 1 << below(4);
            bool top = below(2) != 0;
            uint32_t owner = static_cast<uint32_t>(below(3));
            int expected = model.Alloc(size, alignment, top, step);
            auto given = Alloc(bytes, static_cast<uint64_t>(alignment) * kUnit, owner,
                               top ? REGION_FROM_TOP : REGION_FROM_BOTTOM);
            ASSERT_EQ(given.has_value(), expected >= 0);
            if (given) {
                ASSERT_EQ(*given, kBase + static_cast<uint64_t>(expected) * kUnit);
                allocations[step] = {*given, owner};
            }
        } else if (!allocations.empty()) {
            auto victim = std::next(allocations.begin(), below(static_cast<int>(allocations.size())));
            ASSERT_EQ(Free(victim->second.base, victim->second.owner + 1), STATUS_DENIED);
            ASSERT_EQ(Free(victim->second.base, victim->second.owner), STATUS_OK);
            model.Free(victim->first);
            allocations.erase(victim);
        }
        ASSERT_NO_FATAL_FAILURE(ExpectSame(model, allocations));
    }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomRegion, testing::Range<uint64_t>(1, 7));

} // namespace
