/* memory: zeroed kernel memory from the top of RAM, guests' from the bottom, and no byte given twice. */
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <utility>
#include <vector>

extern "C" {
#include "kernel/mem/memory.h"
}

namespace {

constexpr size_t kRamSize = 16 << 20;
constexpr size_t kAlignment = 4 << 20;

class Memory : public testing::Test {
  public:
    void SetUp() override {
        ram = static_cast<uint8_t *>(std::aligned_alloc(kAlignment, kRamSize));
        ASSERT_NE(ram, nullptr);
        std::memset(ram, 0xee, kRamSize);
        memory_init();
        ASSERT_EQ(memory_add_ram(Address(0), kRamSize), STATUS_OK);
    }

    void TearDown() override {
        std::free(ram);
    }

    paddr_t Address(size_t offset) const {
        return paddr(reinterpret_cast<uint64_t>(ram) + offset);
    }

    bool IsInRam(const void *object, size_t size) const {
        auto offset = reinterpret_cast<uint64_t>(object) - reinterpret_cast<uint64_t>(ram);
        return offset < kRamSize && size <= kRamSize - offset;
    }

    uint8_t *ram;
};

TEST_F(Memory, ObjectsAreZeroAlignedAndApart) {
    std::vector<std::pair<uint8_t *, size_t>> objects;
    for (size_t size : {1u, 63u, 64u, 65u, 4096u, 16384u, 65536u, 65537u, 300000u, 1u, 200u}) {
        auto *object = static_cast<uint8_t *>(memory_boot_alloc(size));
        ASSERT_NE(object, nullptr);
        ASSERT_TRUE(IsInRam(object, size));
        EXPECT_EQ(reinterpret_cast<uint64_t>(object) % 64, 0u);
        for (size_t index = 0; index < size; index++) {
            ASSERT_EQ(object[index], 0) << "not zero, or given before";
        }
        std::memset(object, 0xff, size);
        objects.emplace_back(object, size);
    }
    EXPECT_EQ(memory_statistics().total, kRamSize);
}

TEST_F(Memory, IsUsedUpWithoutHandingOutAByteTwice) {
    size_t taken = 0;
    while (auto *object = static_cast<uint8_t *>(memory_boot_alloc(50000))) {
        ASSERT_TRUE(IsInRam(object, 50000));
        ASSERT_EQ(object[0], 0);
        ASSERT_EQ(object[49999], 0);
        std::memset(object, 0xff, 50000);
        taken += 50000;
    }
    EXPECT_GT(taken, kRamSize / 4 * 3);
    EXPECT_LE(taken, kRamSize);
    EXPECT_EQ(memory_boot_alloc(50000), nullptr);
}

TEST_F(Memory, RefusesWhatNoMemoryHas) {
    EXPECT_EQ(memory_boot_alloc(SIZE_MAX), nullptr);
    EXPECT_EQ(memory_boot_alloc(SIZE_MAX / 2 + 1), nullptr);
    EXPECT_EQ(memory_boot_alloc(SIZE_MAX / 2 - 4096), nullptr);
    paddr_t base;
    EXPECT_EQ(memory_guest_alloc(UINT64_MAX, 0, &base), STATUS_NO_MEMORY);
    EXPECT_EQ(memory_guest_alloc(kRamSize + 1, 0, &base), STATUS_NO_MEMORY);
}

/* Memory of an earlier machine is not handed out in the next one. */
TEST_F(Memory, InitForgetsWhatWasTakenInAdvance) {
    ASSERT_NE(memory_boot_alloc(64), nullptr);
    auto *other = static_cast<uint8_t *>(std::aligned_alloc(kAlignment, kAlignment));
    memory_init();
    ASSERT_EQ(memory_add_ram(paddr(reinterpret_cast<uint64_t>(other)), kAlignment), STATUS_OK);
    auto *object = static_cast<uint8_t *>(memory_boot_alloc(64));
    EXPECT_TRUE(object >= other && object + 64 <= other + kAlignment);
    std::free(other);
}

TEST_F(Memory, GuestsComeFromTheBottomAligned) {
    paddr_t first;
    paddr_t second;
    ASSERT_EQ(memory_guest_alloc(4096, 0, &first), STATUS_OK);
    ASSERT_EQ(memory_guest_alloc(MEMORY_GUEST_ALIGNMENT, 1, &second), STATUS_OK);
    EXPECT_EQ(first.value, Address(0).value);
    EXPECT_EQ(second.value, Address(MEMORY_GUEST_ALIGNMENT).value);
    auto *object = static_cast<uint8_t *>(memory_boot_alloc(100));
    EXPECT_GE(reinterpret_cast<uint64_t>(object), second.value + MEMORY_GUEST_ALIGNMENT);
    EXPECT_EQ(memory_statistics().owned, 4096 + MEMORY_GUEST_ALIGNMENT + 256 * 1024);
}

TEST_F(Memory, BlocksAreAlignedToTheirSizeAndCanBeGivenBack) {
    for (size_t size : {4096u, 16384u, 1u << 20}) {
        uint64_t owned = memory_statistics().owned;
        auto *block = static_cast<uint8_t *>(memory_block_alloc(size));
        ASSERT_NE(block, nullptr);
        EXPECT_EQ(reinterpret_cast<uint64_t>(block) % size, 0u);
        EXPECT_EQ(block[0], 0);
        EXPECT_EQ(block[size - 1], 0);
        EXPECT_EQ(memory_statistics().owned, owned + size);
        std::memset(block, 0xff, size);
        memory_block_free(block);
        EXPECT_EQ(memory_statistics().owned, owned);
    }
    EXPECT_EQ(memory_block_alloc(2 * kRamSize), nullptr);
}

TEST_F(Memory, TheLargestPieceOfWhatAGuestWants) {
    constexpr uint64_t kGranule = MEMORY_GUEST_ALIGNMENT;
    ASSERT_EQ(memory_reserve(Address(3 * kGranule), 4096), STATUS_OK);
    ASSERT_EQ(memory_reserve(Address(kRamSize - 4096), 4096), STATUS_OK);
    paddr_t base;
    uint64_t size = 6 * kGranule + 4096; /* there are 3 granules, then 3 and a bit less than a fourth */
    ASSERT_EQ(memory_guest_alloc_largest(&size, 5, &base), STATUS_OK);
    EXPECT_EQ(size, 3 * kGranule + 4096);
    EXPECT_EQ(base.value, Address(4 * kGranule).value);
    size = 3 * kGranule;
    ASSERT_EQ(memory_guest_alloc_largest(&size, 5, &base), STATUS_OK);
    EXPECT_EQ(size, 3 * kGranule);
    EXPECT_EQ(base.value, Address(0).value);
    size = kGranule;
    EXPECT_EQ(memory_guest_alloc_largest(&size, 5, &base), STATUS_NO_MEMORY);
    memory_guest_free(Address(0), 4);
    EXPECT_EQ(memory_guest_alloc_largest(&size, 5, &base), STATUS_NO_MEMORY) << "it is another guest's";
    memory_guest_free(Address(0), 5);
    EXPECT_EQ(memory_guest_alloc_largest(&size, 5, &base), STATUS_OK);
}

TEST_F(Memory, ReservedRamIsNobodys) {
    ASSERT_EQ(memory_reserve(Address(0), kRamSize - 4096), STATUS_OK);
    paddr_t base;
    EXPECT_EQ(memory_guest_alloc(4096, 0, &base), STATUS_NO_MEMORY);
    EXPECT_EQ(memory_boot_alloc(1), nullptr); /* a chunk does not fit */
}

} // namespace
