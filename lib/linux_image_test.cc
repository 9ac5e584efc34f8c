#include <cstdint>
#include <cstring>
#include <memory>
#include <string>

#include <gtest/gtest.h>

extern "C" {
#include "lib/linux_image.h"
}

namespace {

struct Header {
    uint64_t text_offset = 0x200000;
    uint64_t image_size = 0x2000000;
    uint64_t flags = 0;
    uint32_t version = 0x00010002;
    std::string magic2 = "RSC\x05";
    size_t size = 4096;
};

std::unique_ptr<uint8_t[]> Build(const Header &header) {
    std::unique_ptr<uint8_t[]> bytes(new uint8_t[header.size]());
    uint8_t start[64] = {};
    auto put = [&](size_t at, uint64_t value, size_t size) {
        for (size_t index = 0; index < size; index++) {
            start[at + index] = static_cast<uint8_t>(value >> (8 * index));
        }
    };
    put(8, header.text_offset, 8);
    put(16, header.image_size, 8);
    put(24, header.flags, 8);
    put(32, header.version, 4);
    std::memcpy(start + 56, header.magic2.data(), 4);
    std::memcpy(bytes.get(), start, std::min<size_t>(header.size, sizeof start));
    return bytes;
}

void ExpectRefused(const Header &header, status_t status, const std::string &part) {
    auto bytes = Build(header);
    struct linux_image image = {};
    const char *reason = "";
    EXPECT_EQ(linux_image_open(bytes.get(), header.size, &image, &reason), status) << part;
    EXPECT_NE(std::string(reason).find(part), std::string::npos) << reason;
    EXPECT_EQ(image.memory_size, 0u) << "out parameters are written only on STATUS_OK";
}

TEST(LinuxImage, ReadsTheHeader) {
    Header header;
    auto bytes = Build(header);
    struct linux_image image;
    const char *reason = "";
    EXPECT_TRUE(linux_image_recognise(bytes.get(), header.size));
    ASSERT_EQ(linux_image_open(bytes.get(), header.size, &image, &reason), STATUS_OK) << reason;
    EXPECT_EQ(image.text_offset, 0x200000u);
    EXPECT_EQ(image.memory_size, 0x2000000u);
    EXPECT_EQ(image.version_major, 1);
    EXPECT_EQ(image.version_minor, 2);
}

TEST(LinuxImage, ReservedFlagsAndAnExactSizeAreFine) {
    Header header;
    header.flags = ~UINT64_C(1);
    header.image_size = header.size;
    header.text_offset = UINT64_MAX - header.size;
    auto bytes = Build(header);
    struct linux_image image;
    const char *reason = "";
    EXPECT_EQ(linux_image_open(bytes.get(), header.size, &image, &reason), STATUS_OK) << reason;
}

TEST(LinuxImage, RefusesWhatIsNone) {
    Header header;
    header.magic2 = "RSC\x06";
    EXPECT_FALSE(linux_image_recognise(Build(header).get(), header.size));
    ExpectRefused(header, STATUS_INVALID, "not a RISC-V Linux Image");
    for (size_t size : {0, 56, 63}) {
        header = Header();
        header.size = size;
        EXPECT_FALSE(linux_image_recognise(Build(header).get(), size));
        ExpectRefused(header, STATUS_INVALID, "not a RISC-V Linux Image");
    }
    header.size = 64;
    EXPECT_TRUE(linux_image_recognise(Build(header).get(), header.size));
}

TEST(LinuxImage, RefusesByteOrderAndSizes) {
    Header header;
    header.flags = 1;
    ExpectRefused(header, STATUS_UNSUPPORTED, "big-endian");
    header = Header();
    header.image_size = 0;
    ExpectRefused(header, STATUS_CORRUPT, "does not say");
    header = Header();
    header.image_size = header.size - 1;
    ExpectRefused(header, STATUS_CORRUPT, "larger");
    header = Header();
    header.text_offset = UINT64_MAX - header.image_size + 1;
    ExpectRefused(header, STATUS_CORRUPT, "wraps");
}

} // namespace
