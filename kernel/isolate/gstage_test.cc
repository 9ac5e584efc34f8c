/* Second-stage tables against the model of the hardware's walk (gstage_walk). */
#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <random>
#include <vector>

extern "C" {
#include "kernel/isolate/gstage.h"
#include "kernel/isolate/gstage_walk.h"
}

namespace {

constexpr uint64_t kKiB = 1024;
constexpr uint64_t kMiB = 1024 * kKiB;
constexpr uint64_t kGiB = 1024 * kMiB;
constexpr uint32_t kAllModes = 1u << 1 | 1u << 8 | 1u << 9 | 1u << 10;

/* Tables of Sv32x4 hold addresses of 34 bits, so the build machine's have to lie there: a static array of a program
 * that is not position-independent would, but the walk of rv32 is tested with what fits instead (Sv32 below). */
class Tables {
  public:
    explicit Tables(size_t size) : memory_(static_cast<uint8_t *>(std::aligned_alloc(GSTAGE_ROOT_SIZE, Round(size)))) {
    }
    ~Tables() {
        std::free(memory_);
    }
    Tables(const Tables &) = delete;
    Tables &operator=(const Tables &) = delete;

    uint8_t *get() {
        return memory_;
    }

  private:
    static size_t Round(size_t size) {
        return (size + GSTAGE_ROOT_SIZE - 1) / GSTAGE_ROOT_SIZE * GSTAGE_ROOT_SIZE;
    }
    uint8_t *memory_;
};

struct gstage_range Range(uint64_t from, uint64_t to, uint64_t size) {
    return {{from}, {to}, size};
}

/* Tables with some ranges, in exactly the memory that they are said to need. */
class Mapped {
  public:
    Mapped(unsigned mode, const std::vector<gstage_range> &ranges, size_t spare = 0)
        : scheme(gstage_choose(1u << mode, mode == 1 ? 32 : 64, 0)),
          size(gstage_count(scheme, ranges.data(), ranges.size()) + spare), tables(size) {
        gstage_init(&gstage, scheme, tables.get(), size);
        for (const gstage_range &range : ranges) {
            EXPECT_EQ(gstage_map(&gstage, &range), STATUS_OK);
        }
    }

    /* Where an address goes; UINT64_MAX: nowhere. */
    uint64_t At(uint64_t address, uint64_t *out_page_size = nullptr) {
        paddr_t result;
        uint64_t page_size;
        paddr_t root = {reinterpret_cast<uint64_t>(tables.get())};
        if (!gstage_walk(scheme->mode, root, {address}, &result, &page_size)) {
            return UINT64_MAX;
        }
        if (out_page_size != nullptr) {
            *out_page_size = page_size;
        }
        return result.value;
    }

    const gstage_scheme *scheme;
    size_t size;
    Tables tables;
    struct gstage gstage;
};

TEST(GstageChoose, TheFewestLevelsThatReach) {
    EXPECT_STREQ(gstage_choose(kAllModes, 64, 1)->name, "Sv39x4");
    EXPECT_STREQ(gstage_choose(kAllModes, 64, UINT64_C(1) << 41)->name, "Sv39x4");
    EXPECT_STREQ(gstage_choose(kAllModes, 64, (UINT64_C(1) << 41) + 1)->name, "Sv48x4");
    EXPECT_STREQ(gstage_choose(kAllModes, 64, UINT64_C(1) << 59)->name, "Sv57x4");
    EXPECT_EQ(gstage_choose(kAllModes, 64, (UINT64_C(1) << 59) + 1), nullptr);
    EXPECT_STREQ(gstage_choose(kAllModes, 32, UINT64_C(1) << 34)->name, "Sv32x4");
    EXPECT_EQ(gstage_choose(kAllModes, 32, (UINT64_C(1) << 34) + 1), nullptr);
}

TEST(GstageChoose, OnlyWhatTheHartHas) {
    EXPECT_EQ(gstage_choose(0, 64, 1), nullptr);
    EXPECT_EQ(gstage_choose(1u << 1, 64, 1), nullptr);
    EXPECT_EQ(gstage_choose(1u << 8, 32, 1), nullptr);
    EXPECT_STREQ(gstage_choose(1u << 9, 64, 1)->name, "Sv48x4");
    EXPECT_EQ(gstage_choose(1u << 8, 64, (UINT64_C(1) << 41) + 1), nullptr);
}

class GstageMode : public testing::TestWithParam<unsigned> {};

INSTANTIATE_TEST_SUITE_P(Rv64, GstageMode, testing::Values(8u, 9u, 10u));

TEST_P(GstageMode, EveryPageOfARangeAndNoOther) {
    Mapped map(GetParam(), {Range(0x80000000, 0x123400000, 6 * kMiB + 12 * kKiB)});
    for (uint64_t offset = 0; offset < 6 * kMiB + 12 * kKiB; offset += 4 * kKiB) {
        ASSERT_EQ(map.At(0x80000000 + offset + 5), 0x123400000 + offset + 5);
    }
    EXPECT_EQ(map.At(0x80000000 - 1), UINT64_MAX);
    EXPECT_EQ(map.At(0x80000000 + 6 * kMiB + 12 * kKiB), UINT64_MAX);
    EXPECT_EQ(map.At(0), UINT64_MAX);
    EXPECT_EQ(map.gstage.used, map.gstage.size);
}

TEST_P(GstageMode, TheLargestPagesThatFit) {
    Mapped map(GetParam(), {Range(kGiB - 2 * kMiB, 5 * kGiB - 2 * kMiB, kGiB + 4 * kMiB + 4 * kKiB)});
    uint64_t page_size;
    EXPECT_EQ(map.At(kGiB - 1, &page_size), 5 * kGiB - 1);
    EXPECT_EQ(page_size, 2 * kMiB);
    EXPECT_EQ(map.At(kGiB, &page_size), 5 * kGiB);
    EXPECT_EQ(page_size, kGiB);
    EXPECT_EQ(map.At(2 * kGiB, &page_size), 6 * kGiB);
    EXPECT_EQ(page_size, 2 * kMiB);
    EXPECT_EQ(map.At(2 * kGiB + 2 * kMiB, &page_size), 6 * kGiB + 2 * kMiB);
    EXPECT_EQ(page_size, 4 * kKiB);
}

TEST_P(GstageMode, AddressesOfDifferentAlignmentGetSmallPages) {
    Mapped map(GetParam(), {Range(2 * kMiB, 4 * kMiB + 4 * kKiB, 4 * kMiB)});
    uint64_t page_size;
    EXPECT_EQ(map.At(4 * kMiB, &page_size), 6 * kMiB + 4 * kKiB);
    EXPECT_EQ(page_size, 4 * kKiB);
}

TEST_P(GstageMode, ThePiecesOfAGuestNeedNotTouch) {
    std::vector<gstage_range> ranges = {
        Range(0x80000000, 0x90000000, 2 * kMiB),
        Range(0x80200000, 0x88000000, 4 * kMiB),
        Range(0x80600000, 0x40000000, 20 * kKiB),
    };
    Mapped map(GetParam(), ranges);
    for (const gstage_range &range : ranges) {
        EXPECT_EQ(map.At(range.from.value), range.to.value);
        EXPECT_EQ(map.At(range.from.value + range.size - 1), range.to.value + range.size - 1);
    }
    EXPECT_EQ(map.gstage.used, map.gstage.size);
}

TEST_P(GstageMode, TheEndOfWhatCanBeNamed) {
    uint64_t end = UINT64_C(1) << gstage_choose(1u << GetParam(), 64, 0)->address_bits;
    Mapped map(GetParam(), {Range(end - 4 * kKiB, 0x80000000, 4 * kKiB)}, 64 * kKiB);
    EXPECT_EQ(map.At(end - 1), 0x80000fffu);
    gstage_range beyond = Range(end - 4 * kKiB, 0x80000000, 8 * kKiB);
    EXPECT_EQ(gstage_map(&map.gstage, &beyond), STATUS_INVALID);
    beyond = Range(end, 0x80000000, 4 * kKiB);
    EXPECT_EQ(gstage_map(&map.gstage, &beyond), STATUS_INVALID);
    beyond = Range(UINT64_MAX - 4 * kKiB + 1, 0x80000000, 4 * kKiB);
    EXPECT_EQ(gstage_map(&map.gstage, &beyond), STATUS_INVALID);
}

TEST(Gstage, WhatIsNotMadeOfPagesIsRefused) {
    Mapped map(8, {}, 64 * kKiB);
    for (const gstage_range &range : {Range(0, 0, 0), Range(1, 0, 4096), Range(0, 512, 4096), Range(0, 0, 4095)}) {
        EXPECT_EQ(gstage_map(&map.gstage, &range), STATUS_INVALID);
    }
    EXPECT_EQ(map.gstage.used, static_cast<size_t>(GSTAGE_ROOT_SIZE));
}

TEST(Gstage, WhatIsMappedStays) {
    Mapped map(8, {Range(2 * kMiB, 0x40000000, 2 * kMiB)}, 64 * kKiB);
    gstage_range overlapping = Range(0, 0x80000000, 4 * kMiB);
    EXPECT_EQ(gstage_map(&map.gstage, &overlapping), STATUS_BUSY);
    EXPECT_EQ(map.At(0), UINT64_MAX) << "what was refused has mapped nothing";
    EXPECT_EQ(map.At(2 * kMiB), 0x40000000u);
    gstage_range inside = Range(2 * kMiB + 4 * kKiB, 0x80000000, 4 * kKiB);
    EXPECT_EQ(gstage_map(&map.gstage, &inside), STATUS_BUSY);
    EXPECT_EQ(map.At(2 * kMiB + 4 * kKiB), 0x40001000u);
}

TEST(Gstage, TablesThatAreUsedUpMapNothing) {
    Mapped map(8, {}, 4 * kKiB);
    gstage_range range = Range(0, 0x80000000, 2 * kMiB + 4 * kKiB);
    EXPECT_EQ(gstage_map(&map.gstage, &range), STATUS_NO_MEMORY);
    EXPECT_EQ(map.At(0), UINT64_MAX);
    EXPECT_EQ(map.At(2 * kMiB), UINT64_MAX);
}

TEST(Gstage, WhatIsTakenBackCanBeMappedAgain) {
    gstage_range range = Range(0x80000000, 0x40200000, 6 * kMiB + 8 * kKiB);
    Mapped map(8, {range});
    gstage_unmap(&map.gstage, &range);
    for (uint64_t offset = 0; offset < range.size; offset += 4 * kKiB) {
        ASSERT_EQ(map.At(0x80000000 + offset), UINT64_MAX);
    }
    EXPECT_EQ(gstage_map(&map.gstage, &range), STATUS_OK);
    EXPECT_EQ(map.At(0x80000000 + 6 * kMiB), 0x40200000 + 6 * kMiB);
}

/* Sv32x4's tables lie at addresses that the build machine does not have, so what is looked at are the root's entries.
 */
TEST(Gstage, Sv32x4) {
    gstage_range range = Range(0x80000000, 0x301000000, 8 * kMiB);
    Mapped map(1, {range});
    EXPECT_EQ(map.size, static_cast<size_t>(GSTAGE_ROOT_SIZE));
    uint64_t page_size;
    EXPECT_EQ(map.At(0x80000000 + 4 * kMiB + 7, &page_size), 0x301000000 + 4 * kMiB + 7);
    EXPECT_EQ(page_size, 4 * kMiB);
    EXPECT_EQ(map.At(0x80000000 - 1), UINT64_MAX);
    EXPECT_EQ(map.At(0x80000000 + 8 * kMiB), UINT64_MAX);
    Mapped high(1, {Range(UINT64_C(0x3ffc00000), 0x80000000, 4 * kMiB)});
    EXPECT_EQ(high.At(UINT64_C(0x3ffffffff)), 0x80000000 + 4 * kMiB - 1);
}

TEST(Gstage, RandomRanges) {
    std::mt19937_64 random(20261122);
    for (unsigned round = 0; round < 200; round++) {
        unsigned mode = 8 + round % 3;
        std::vector<gstage_range> ranges;
        uint64_t from = random() % 1024 * 4 * kKiB;
        for (unsigned count = 0; count < 4; count++) {
            unsigned shift = random() % 2 != 0 ? 21 : 12;
            uint64_t size = (random() % 600 + 1) << shift;
            from = (from + (UINT64_C(1) << shift) - 1) >> shift << shift;
            ranges.push_back(Range(from, random() % (1 << 20) << shift, size));
            from += size + (random() % 3 << shift);
        }
        Mapped map(mode, ranges);
        ASSERT_EQ(map.gstage.used, map.gstage.size) << "round " << round;
        for (unsigned probe = 0; probe < 500; probe++) {
            uint64_t address = random() % (from + kGiB);
            uint64_t expected = UINT64_MAX;
            for (const gstage_range &range : ranges) {
                if (address - range.from.value < range.size) {
                    expected = range.to.value + (address - range.from.value);
                }
            }
            ASSERT_EQ(map.At(address), expected) << "round " << round;
        }
    }
}

} // namespace
