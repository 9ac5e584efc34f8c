#include <cstdint>
#include <random>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

extern "C" {
#include "kernel/isolate/pmp.h"
#include "kernel/isolate/pmp_match.h"
}

namespace {

constexpr uint8_t kR = PMP_READ, kRW = PMP_READ | PMP_WRITE, kRX = PMP_READ | PMP_EXECUTE,
                  kRWX = PMP_READ | PMP_WRITE | PMP_EXECUTE;
constexpr struct pmp_hardware kRv64 = {16, 2, 56};
constexpr struct pmp_hardware kRv32 = {16, 2, 34};
constexpr uint64_t kUntouched = 0x5a5a5a5a;

struct Range {
    uint64_t base;
    uint64_t size;
    uint8_t permissions;
};

std::vector<struct pmp_range> Ranges(const std::vector<Range> &ranges) {
    std::vector<struct pmp_range> result;
    for (const Range &range : ranges) {
        result.push_back({paddr(range.base), range.size, range.permissions});
    }
    return result;
}

using Entry = std::tuple<unsigned long, int>; // address register, cfg byte
using Entries = std::vector<Entry>;

Entries Encode(const std::vector<Range> &ranges, const struct pmp_hardware &hardware = kRv64) {
    auto list = Ranges(ranges);
    struct pmp_layout layout;
    uint32_t needed = 0;
    EXPECT_EQ(pmp_encode(list.data(), list.size(), &hardware, &layout, &needed), STATUS_OK);
    EXPECT_EQ(needed, layout.count);
    Entries entries;
    for (uint32_t index = 0; index < layout.count; index++) {
        entries.push_back({layout.address[index], layout.cfg[index]});
    }
    for (uint32_t index = layout.count; index < PMP_ENTRY_COUNT; index++) {
        EXPECT_EQ(layout.address[index], 0u);
        EXPECT_EQ(layout.cfg[index], 0);
    }
    return entries;
}

status_t Refusal(const std::vector<Range> &ranges, const struct pmp_hardware &hardware = kRv64,
                 uint32_t *out_needed = nullptr) {
    auto list = Ranges(ranges);
    struct pmp_layout layout = {.count = kUntouched, .address = {}, .cfg = {}};
    uint32_t needed = kUntouched;
    status_t status = pmp_encode(list.data(), list.size(), &hardware, &layout, &needed);
    EXPECT_EQ(layout.count, kUntouched) << "out parameters are written only on STATUS_OK";
    EXPECT_EQ(needed == kUntouched, status != STATUS_TOO_BIG);
    if (out_needed != nullptr) {
        *out_needed = needed;
    }
    return status;
}

TEST(PmpEncode, NothingNeedsNothing) {
    EXPECT_EQ(Encode({}), (Entries{}));
}

TEST(PmpEncode, PowersOfTwoAreOneEntry) {
    EXPECT_EQ(Encode({{0x80000000, 4, kR}}), (Entries{{0x20000000, 0x11}}));
    EXPECT_EQ(Encode({{0x80000000, 8, kRWX}}), (Entries{{0x20000000, 0x1f}}));
    EXPECT_EQ(Encode({{0x80000000, 0x1000, kRX}}), (Entries{{0x200001ff, 0x1d}}));
    EXPECT_EQ(Encode({{0x80000000, 0x10000000, 0}}), (Entries{{0x21ffffff, 0x18}}));
    EXPECT_EQ(Encode({{0, UINT64_C(1) << 56, kRWX}}), (Entries{{(1UL << 53) - 1, 0x1f}}));
    EXPECT_EQ(Encode({{0, UINT64_C(1) << 34, kRWX}}, kRv32), (Entries{{0x7fffffff, 0x1f}}));
}

TEST(PmpEncode, OthersAreTorPairs) {
    EXPECT_EQ(Encode({{0x80000000, 0x3000, kRWX}}), (Entries{{0x20000000, 0x00}, {0x20000c00, 0x0f}}));
    EXPECT_EQ(Encode({{0x80001000, 0x2000, kR}}), (Entries{{0x20000400, 0x00}, {0x20000c00, 0x09}}))
        << "a power of two that is not aligned to itself";
}

TEST(PmpEncode, SharesTheBaseWhereTorRangesTouch) {
    EXPECT_EQ(Encode({{0x80000000, 0x3000, kRX}, {0x80003000, 0x3000, kRW}}),
              (Entries{{0x20000000, 0x00}, {0x20000c00, 0x0d}, {0x20001800, 0x0b}}));
    EXPECT_EQ(Encode({{0x80000000, 0x3000, kRX}, {0x80004000, 0x3000, kRW}}).size(), 4u) << "a gap";
    EXPECT_EQ(Encode({{0x80003000, 0x3000, kRX}, {0x80000000, 0x3000, kRW}}).size(), 4u) << "the other way round";
    EXPECT_EQ(Encode({{0x80002000, 0x1000, kRX}, {0x80003000, 0x3000, kRW}}).size(), 3u)
        << "a NAPOT entry's register is no base";
    EXPECT_EQ(Encode({{0, 0x3000, kRX}}), (Entries{{0xc00, 0x0d}})) << "entry 0 counts from 0";
    EXPECT_EQ(Encode({{0x80000000, 4, kRX}, {0, 0x3000, kRX}}).size(), 3u) << "no other entry does";
    EXPECT_EQ(Encode({{0x8, 0x10, 0}, {0x18, 0x4, kR}, {0x1c, 0x3000, kR}}).size(), 5u);
}

TEST(PmpEncode, Rv32Reaches34Bits) {
    EXPECT_EQ(Encode({{0x3fffff000, 0x1000, kRW}}, kRv32), (Entries{{0xfffffdff, 0x1b}}));
    EXPECT_EQ(Encode({{0x3ffff0000, 0x3000, kRW}}, kRv32), (Entries{{0xffffc000, 0x00}, {0xffffcc00, 0x0b}}));
    EXPECT_EQ(Refusal({{0x400000000, 0x1000, kRW}}, kRv32), STATUS_INVALID);
    EXPECT_EQ(Refusal({{0x3fffff000, 0x2000, kRW}}, kRv32), STATUS_INVALID);
    EXPECT_EQ(Refusal({{0x3ffffd000, 0x3000, kRW}}, kRv32), STATUS_UNSUPPORTED) << "its top does not fit a register";
    EXPECT_EQ(Refusal({{(UINT64_C(1) << 56) - 0x3000, 0x3000, kRW}}), STATUS_UNSUPPORTED);
}

TEST(PmpEncode, RefusesBadRanges) {
    EXPECT_EQ(Refusal({{0x80000000, 0, kR}}), STATUS_INVALID);
    EXPECT_EQ(Refusal({{0x80000002, 4, kR}}), STATUS_INVALID);
    EXPECT_EQ(Refusal({{0x80000000, 6, kR}}), STATUS_INVALID);
    EXPECT_EQ(Refusal({{UINT64_C(1) << 56, 4, kR}}), STATUS_INVALID);
    EXPECT_EQ(Refusal({{UINT64_MAX - 3, 4, kR}}), STATUS_INVALID);
    EXPECT_EQ(Refusal({{0x1000, UINT64_MAX - 3, kR}}), STATUS_INVALID);
    EXPECT_EQ(Refusal({{0x1000, 0x1000, PMP_WRITE}}), STATUS_INVALID);
    EXPECT_EQ(Refusal({{0x1000, 0x1000, PMP_WRITE | PMP_EXECUTE}}), STATUS_INVALID);
    EXPECT_EQ(Refusal({{0x1000, 0x1000, 0x80 | kR}}), STATUS_INVALID);
    EXPECT_EQ(Refusal({{0x1000, 0x1000, PMP_TOR | kR}}), STATUS_INVALID);
    EXPECT_EQ(Refusal({{0x1000, 0x1000, kR}, {0x3000, 0, kR}}), STATUS_INVALID);
}

TEST(PmpEncode, ObeysTheGranule) {
    struct pmp_hardware coarse = {16, 12, 56};
    EXPECT_EQ(Encode({{0x80000000, 0x1000, kR}}, coarse), (Entries{{0x200001ff, 0x19}}));
    EXPECT_EQ(Encode({{0x80000000, 0x3000, kR}}, coarse).size(), 2u);
    EXPECT_EQ(Refusal({{0x80000800, 0x1000, kR}}, coarse), STATUS_INVALID);
    EXPECT_EQ(Refusal({{0x80000000, 0x800, kR}}, coarse), STATUS_INVALID);
    EXPECT_EQ(Refusal({{0x80000000, 4, kR}}, coarse), STATUS_INVALID);
}

TEST(PmpEncode, SaysHowManyItNeeds) {
    std::vector<Range> pairs;
    for (uint64_t index = 0; index < 8; index++) {
        pairs.push_back({0x80000000 + index * 0x10000, 0x3000, kR});
    }
    EXPECT_EQ(Encode(pairs).size(), 16u);
    uint32_t needed = 0;
    struct pmp_hardware small = {8, 2, 56};
    EXPECT_EQ(Refusal(pairs, small, &needed), STATUS_TOO_BIG);
    EXPECT_EQ(needed, 16u);
    pairs.push_back({0x90000000, 0x1000, kR});
    EXPECT_EQ(Refusal(pairs, kRv64, &needed), STATUS_TOO_BIG);
    EXPECT_EQ(needed, 17u);
    struct pmp_hardware large = {64, 2, 56};
    EXPECT_EQ(Refusal(pairs, large, &needed), STATUS_TOO_BIG) << "more than a layout holds";
    EXPECT_EQ(needed, 17u);
    // The base is shared behind the end of the layout as well.
    pairs.push_back({0x90002000, 0x3000, kR});
    pairs.push_back({0x90005000, 0x3000, kR});
    EXPECT_EQ(Refusal(pairs, kRv64, &needed), STATUS_TOO_BIG);
    EXPECT_EQ(needed, 20u);
    struct pmp_hardware none = {0, 2, 56};
    EXPECT_EQ(Refusal({{0x1000, 0x1000, kR}}, none, &needed), STATUS_TOO_BIG);
    EXPECT_EQ(needed, 1u);
}

// The model by hand-made registers, from the specification's text and not from the encoder.
TEST(PmpMatch, Modes) {
    struct pmp_layout layout = {.count = 4,
                                .address = {0x1000 >> 2, 0x2000 >> 2, 0x3000 >> 2, (0x4000 >> 2) | 0x1ff},
                                .cfg = {PMP_OFF | kRWX, PMP_TOR | kR, PMP_NA4 | kRW, PMP_NAPOT | kRX}};
    auto allowed = [&](uint64_t address, uint64_t size, uint8_t access) {
        return pmp_match(&layout, paddr(address), size, access);
    };
    EXPECT_FALSE(allowed(0xfff, 1, PMP_READ)) << "off";
    EXPECT_TRUE(allowed(0x1000, 1, PMP_READ));
    EXPECT_TRUE(allowed(0x1ff8, 8, PMP_READ));
    EXPECT_FALSE(allowed(0x1000, 1, PMP_WRITE));
    EXPECT_FALSE(allowed(0x1000, 1, PMP_EXECUTE));
    EXPECT_FALSE(allowed(0x2000, 1, PMP_READ));
    EXPECT_TRUE(allowed(0x3000, 4, PMP_WRITE));
    EXPECT_FALSE(allowed(0x3004, 1, PMP_READ));
    EXPECT_TRUE(allowed(0x4000, 4, PMP_EXECUTE));
    EXPECT_TRUE(allowed(0x4fff, 1, PMP_READ));
    EXPECT_FALSE(allowed(0x5000, 1, PMP_READ));
    EXPECT_FALSE(allowed(UINT64_C(1) << 40, 1, PMP_READ));
}

TEST(PmpMatch, PartialMatchesFailAndTheFirstEntryDecides) {
    struct pmp_layout layout = {
        .count = 2, .address = {0x1000 >> 2, (0x1000 >> 2) | 0x1ff}, .cfg = {PMP_NA4 | kR, PMP_NAPOT | kRWX}};
    EXPECT_TRUE(pmp_match(&layout, paddr(0x1000), 4, PMP_READ));
    EXPECT_FALSE(pmp_match(&layout, paddr(0x1000), 4, PMP_WRITE)) << "the second entry would allow it";
    EXPECT_FALSE(pmp_match(&layout, paddr(0x1000), 8, PMP_READ)) << "partly in the first entry";
    EXPECT_TRUE(pmp_match(&layout, paddr(0x1004), 4, PMP_WRITE));
    EXPECT_FALSE(pmp_match(&layout, paddr(0x0ffc), 8, PMP_READ));
    EXPECT_FALSE(pmp_match(&layout, paddr(0x1ffc), 8, PMP_READ));
}

TEST(PmpMatch, AnInvertedTorMatchesNothing) {
    struct pmp_layout layout = {.count = 3,
                                .address = {0x2000 >> 2, 0x1000 >> 2, 0x1000 >> 2},
                                .cfg = {PMP_OFF, PMP_TOR | kRWX, PMP_TOR | kRWX}};
    EXPECT_FALSE(pmp_match(&layout, paddr(0x1000), 1, PMP_READ));
    EXPECT_FALSE(pmp_match(&layout, paddr(0x1800), 1, PMP_READ));
    EXPECT_FALSE(pmp_match(&layout, paddr(0), 1, PMP_READ));
}

// What the ranges mean, said without registers: the first that has any of the bytes must have all, and the permission.
bool Allows(const std::vector<Range> &ranges, uint64_t address, uint64_t size, uint8_t access) {
    for (const Range &range : ranges) {
        if (address < range.base + range.size && range.base < address + size) {
            return address >= range.base && address + size <= range.base + range.size && (range.permissions & access);
        }
    }
    return false;
}

class RandomPmp : public testing::TestWithParam<std::tuple<uint32_t, uint64_t>> {};

TEST_P(RandomPmp, RegistersMeanWhatTheRangesSay) {
    auto [granule_bits, space_base] = GetParam();
    struct pmp_hardware hardware = {16, granule_bits, 34};
    std::mt19937_64 random(granule_bits * 31 + space_base);
    const uint8_t permissions[] = {0, kR, kRW, kRX, kRWX, PMP_EXECUTE};
    const uint64_t granule = UINT64_C(1) << granule_bits, units = 64;
    size_t encoded = 0;
    for (int step = 0; step < 2000; step++) {
        std::vector<Range> ranges;
        for (uint64_t count = 1 + random() % 9, next = random() % units; count > 0; count--) {
            uint64_t unit = random() % 3 == 0 ? random() % units : next % units;
            uint64_t size = random() % 2 == 0 ? 1 + random() % 12 : UINT64_C(1) << random() % 5;
            size = std::min(size, units - unit);
            ranges.push_back({space_base + unit * granule, size * granule, permissions[random() % 6]});
            next = unit + size;
        }
        auto list = Ranges(ranges);
        struct pmp_layout layout;
        uint32_t needed = 0;
        status_t status = pmp_encode(list.data(), list.size(), &hardware, &layout, &needed);
        ASSERT_EQ(status, needed <= 16 ? STATUS_OK : STATUS_TOO_BIG);
        ASSERT_LE(needed, 2 * ranges.size());
        ASSERT_GE(needed, ranges.size());
        if (status != STATUS_OK) {
            continue;
        }
        encoded++;
        for (int probe = 0; probe < 200; probe++) {
            uint64_t offset = random() % ((units + 4) * granule), size = UINT64_C(1) << random() % 4;
            if (random() % 2 == 0) {
                offset = offset / granule * granule + random() % 9 - 4; // around an edge
            }
            uint64_t address = space_base + offset;
            address = static_cast<int64_t>(address) < 0 ? 0 : address;
            uint8_t access = static_cast<uint8_t>(1u << random() % 3);
            ASSERT_EQ(pmp_match(&layout, paddr(address), size, access), Allows(ranges, address, size, access))
                << std::hex << address << "+" << size << " step " << std::dec << step;
        }
    }
    EXPECT_GT(encoded, 1000u);
}

// At address 0, in the middle, and so that the last unit is the last of 34 bits but one.
INSTANTIATE_TEST_SUITE_P(GranulesAndPlaces, RandomPmp,
                         testing::Combine(testing::Values(2u, 3u, 5u, 12u),
                                          testing::Values(UINT64_C(0), UINT64_C(0x80000000), UINT64_C(0x3fff80000))));

} // namespace
