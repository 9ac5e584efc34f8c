/* placement: Images and ELFs that fit, that do not, and that lie about it. Whatever they say, nothing lands outside the
 * guest. */
#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <vector>

extern "C" {
#include "kernel/guest/placement.h"
}

namespace {

constexpr uint64_t kBase = 0x80000000;
constexpr uint64_t kMegabyte = 1 << 20;
constexpr uint64_t kAlignment = 2 * kMegabyte;

std::vector<uint8_t> MakeImage(uint64_t text_offset, uint64_t memory_size, uint64_t flags = 0,
                               size_t file_size = 4096) {
    std::vector<uint8_t> image(file_size);
    std::memcpy(&image[8], &text_offset, 8);
    std::memcpy(&image[16], &memory_size, 8);
    std::memcpy(&image[24], &flags, 8);
    std::memcpy(&image[48], "RISCV\0\0\0", 8);
    std::memcpy(&image[56], "RSC\x05", 4);
    return image;
}

struct Segment {
    uint64_t address = 0x80200000;
    uint64_t memory_size = 0x3000;
    uint64_t file_size = 0x100;
    uint64_t offset = 0x1000;
};

template <typename T> void Append(std::vector<uint8_t> &bytes, T value) {
    const auto *raw = reinterpret_cast<const uint8_t *>(&value);
    bytes.insert(bytes.end(), raw, raw + sizeof value);
}

/* ELF64, RISC-V, executable segments. */
std::vector<uint8_t> MakeElf(const std::vector<Segment> &segments, uint64_t entry, uint8_t elf_class = 2) {
    std::vector<uint8_t> elf = {0x7f, 'E', 'L', 'F', elf_class, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    Append<uint16_t>(elf, 2);
    Append<uint16_t>(elf, 243);
    Append<uint32_t>(elf, 1);
    Append<uint64_t>(elf, entry);
    Append<uint64_t>(elf, 64);
    Append<uint64_t>(elf, 0);
    Append<uint32_t>(elf, 0);
    Append<uint16_t>(elf, 64);
    Append<uint16_t>(elf, 56);
    Append<uint16_t>(elf, static_cast<uint16_t>(segments.size()));
    Append<uint16_t>(elf, 64);
    Append<uint16_t>(elf, 0);
    Append<uint16_t>(elf, 0);
    for (const Segment &segment : segments) {
        Append<uint32_t>(elf, 1);
        Append<uint32_t>(elf, 7);
        Append<uint64_t>(elf, segment.offset);
        Append<uint64_t>(elf, segment.address);
        Append<uint64_t>(elf, segment.address);
        Append<uint64_t>(elf, segment.file_size);
        Append<uint64_t>(elf, segment.memory_size);
        Append<uint64_t>(elf, 0x1000);
    }
    elf.resize(0x4000);
    return elf;
}

struct Plan {
    status_t status;
    struct placement placement = {};
    const char *sentence = nullptr;
};

Plan MakePlan(const std::vector<uint8_t> &kernel, uint64_t size = 16 * kMegabyte, size_t ramdisk_size = 0) {
    Plan plan;
    plan.status = placement_plan(kBase, size, kAlignment, kernel.data(), kernel.size(), ramdisk_size, &plan.placement,
                                 &plan.sentence);
    return plan;
}

/* All that the loader writes is inside, and no two things overlap. */
void ExpectInside(const Plan &plan, uint64_t size, size_t kernel_size, size_t ramdisk_size) {
    const struct placement &placement = plan.placement;
    uint64_t end = kBase + size;
    uint64_t span = placement.is_elf ? placement.elf.last_address - placement.elf.first_address + 1 : kernel_size;
    EXPECT_GE(placement.kernel_base, kBase);
    EXPECT_LE(span, end - placement.kernel_base);
    EXPECT_GE(placement.entry, placement.kernel_base);
    EXPECT_LT(placement.entry, end);
    EXPECT_EQ(placement.fdt_base + PLACEMENT_FDT_SIZE, end);
    uint64_t top = placement.fdt_base;
    if (ramdisk_size != 0) {
        EXPECT_LE(ramdisk_size, placement.fdt_base - placement.ramdisk_base);
        top = placement.ramdisk_base;
    }
    EXPECT_LE(placement.kernel_base + span, top);
}

TEST(Placement, AnImageGoesWhereItsHeaderSays) {
    Plan plan = MakePlan(MakeImage(0x200000, 0x300000), 16 * kMegabyte, 5000);
    ASSERT_EQ(plan.status, STATUS_OK);
    EXPECT_EQ(plan.placement.kernel_base, kBase + 0x200000);
    EXPECT_EQ(plan.placement.entry, kBase + 0x200000);
    EXPECT_EQ(plan.placement.fdt_base, kBase + 16 * kMegabyte - PLACEMENT_FDT_SIZE);
    EXPECT_EQ(plan.placement.ramdisk_base, plan.placement.fdt_base - 0x2000);
    EXPECT_FALSE(plan.placement.is_elf);
}

TEST(Placement, AnElfKeepsItsAlignmentAndItsEntry) {
    Plan plan = MakePlan(MakeElf({{.address = 0x80201000}, {.address = 0x80205000}}, 0x80201040));
    ASSERT_EQ(plan.status, STATUS_OK) << plan.sentence;
    EXPECT_TRUE(plan.placement.is_elf);
    EXPECT_EQ(plan.placement.kernel_base, kBase + kAlignment + 0x1000);
    EXPECT_EQ(plan.placement.entry, plan.placement.kernel_base + 0x40);
    EXPECT_EQ(plan.placement.ramdisk_base, 0u);
}

TEST(Placement, FitsToTheByte) {
    std::vector<uint8_t> image = MakeImage(0, 0x100000);
    uint64_t needed = 0x100000 + PLACEMENT_FDT_SIZE + 0x2000;
    EXPECT_EQ(MakePlan(image, needed, 0x1001).status, STATUS_OK);
    EXPECT_EQ(MakePlan(image, needed - 1, 0x1001).status, STATUS_TOO_BIG);
    EXPECT_EQ(MakePlan(image, 4096).status, STATUS_TOO_BIG);
    EXPECT_EQ(MakePlan(image, 0).status, STATUS_TOO_BIG);
}

TEST(Placement, ARamdiskOfAnySizeIsAccountedFor) {
    std::vector<uint8_t> image = MakeImage(0, 0x100000);
    for (size_t size : {SIZE_MAX, SIZE_MAX - 4094, SIZE_MAX - 4096, SIZE_MAX / 2, size_t{16 * kMegabyte}}) {
        Plan plan = MakePlan(image, 16 * kMegabyte, size);
        EXPECT_EQ(plan.status, STATUS_TOO_BIG) << size;
        EXPECT_NE(plan.sentence, nullptr);
    }
}

TEST(Placement, ImagesThatLie) {
    EXPECT_EQ(MakePlan(MakeImage(0x800, 0x1000)).status, STATUS_CORRUPT);
    EXPECT_EQ(MakePlan(MakeImage(0, 0)).status, STATUS_CORRUPT);
    EXPECT_EQ(MakePlan(MakeImage(0, 100)).status, STATUS_CORRUPT);
    EXPECT_EQ(MakePlan(MakeImage(UINT64_MAX - 0xfff, 0x10000)).status, STATUS_CORRUPT);
    EXPECT_EQ(MakePlan(MakeImage(UINT64_MAX - 0xffff, 0x1000)).status, STATUS_TOO_BIG);
    EXPECT_EQ(MakePlan(MakeImage(0, UINT64_MAX)).status, STATUS_TOO_BIG);
    EXPECT_EQ(MakePlan(MakeImage(0, 0x1000, 1)).status, STATUS_UNSUPPORTED);
}

TEST(Placement, ElfsThatLie) {
    EXPECT_NE(MakePlan(MakeElf({{}}, 0)).status, STATUS_OK);
    EXPECT_NE(MakePlan(MakeElf({{.memory_size = 0x10}}, 0x80200000)).status, STATUS_OK);
    EXPECT_NE(MakePlan(MakeElf({{.offset = 0x100000}}, 0x80200000)).status, STATUS_OK);
    EXPECT_EQ(MakePlan(MakeElf({{.memory_size = 1ul << 40}}, 0x80200000)).status, STATUS_TOO_BIG);
    EXPECT_EQ(
        MakePlan(MakeElf({{.address = 0x1000}, {.address = UINT64_MAX - 0xfff, .memory_size = 0x1000}}, 0x1000)).status,
        STATUS_TOO_BIG);
    EXPECT_EQ(MakePlan(MakeElf({{.address = 0, .memory_size = UINT64_MAX}}, 0)).status, STATUS_TOO_BIG);
    EXPECT_EQ(MakePlan(MakeElf({{}}, 0x80200000, 1)).status, STATUS_UNSUPPORTED) << "of the other xlen";
    EXPECT_NE(MakePlan(MakeElf({}, 0)).status, STATUS_OK);
    EXPECT_NE(MakePlan({}).status, STATUS_OK);
    EXPECT_NE(MakePlan(std::vector<uint8_t>(100, 0x5a)).status, STATUS_OK);
}

TEST(Placement, RefusalsHaveASentenceAndChangeNothing) {
    Plan plan = MakePlan(std::vector<uint8_t>(100, 0x5a));
    EXPECT_NE(plan.sentence, nullptr);
    EXPECT_EQ(plan.placement.entry, 0u);
    EXPECT_EQ(plan.placement.fdt_base, 0u);
}

TEST(Placement, RandomHeadersLandInsideOrAreRefused) {
    std::mt19937_64 random(7);
    unsigned accepted = 0;
    for (unsigned round = 0; round < 100000; round++) {
        bool is_elf = random() % 2;
        std::vector<uint8_t> kernel = is_elf ? MakeElf({{.address = 0x80201000}, {.address = 0x80205000}}, 0x80201040)
                                             : MakeImage(0x200000, 0x300000);
        for (unsigned change = 1 + random() % 4; change != 0; change--) {
            size_t at = random() % (is_elf ? 64 + 2 * 56 : 64);
            const uint64_t sizes[] = {0, 1, 0x1000, kMegabyte, UINT64_MAX, uint64_t{1} << 63, random()};
            if (random() % 2) {
                kernel[at] = static_cast<uint8_t>(random());
            } else {
                std::memcpy(&kernel[at / 8 * 8], &sizes[random() % 7], 8);
            }
        }
        uint64_t size = random() % (16 * kMegabyte) / 4096 * 4096;
        size_t ramdisk_size = random() % 3 == 0 ? random() : random() % kMegabyte;
        Plan plan = MakePlan(kernel, size, ramdisk_size);
        if (plan.status == STATUS_OK) {
            accepted++;
            ExpectInside(plan, size, kernel.size(), ramdisk_size);
        } else {
            EXPECT_NE(plan.sentence, nullptr);
        }
        ASSERT_FALSE(testing::Test::HasFailure()) << "round " << round;
    }
    EXPECT_GT(accepted, 1000u);
}

} // namespace
