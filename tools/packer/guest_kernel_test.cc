extern "C" {
#include "abi/manifest.h"
#include "tools/packer/guest_kernel.h"
}

#include "tools/packer/sample_kernel.h"

#include <gtest/gtest.h>

#include <string>

namespace {

using sample_kernel::make_elf;
using sample_kernel::make_linux_image;

class GuestKernelCheck : public testing::Test {
  protected:
    status_t check(const std::string &file, unsigned xlen = 64) {
        return guest_kernel_check("Image", file.data(), file.size(), xlen, &size_, &refusal_);
    }

    uint64_t size_ = 0;
    struct refusal refusal_ = {};
};

TEST_F(GuestKernelCheck, KnowsLinuxImages) {
    ASSERT_EQ(check(make_linux_image(0x300000, 0x200000)), STATUS_OK) << refusal_.text;
    EXPECT_EQ(size_, 0x500000u);
    EXPECT_EQ(check(make_linux_image(), 32), STATUS_OK);
}

TEST_F(GuestKernelCheck, KnowsElf) {
    ASSERT_EQ(check(make_elf(64, 12345)), STATUS_OK) << refusal_.text;
    EXPECT_EQ(size_, 12345u);
    ASSERT_EQ(check(make_elf(32, 100), 32), STATUS_OK) << refusal_.text;
    EXPECT_EQ(size_, 100u);
}

TEST_F(GuestKernelCheck, RefusesTheOtherWidth) {
    EXPECT_EQ(check(make_elf(32)), STATUS_UNSUPPORTED);
    EXPECT_STREQ(refusal_.text, "Image: not a 64-bit ELF file");
    EXPECT_EQ(check(make_elf(64), 32), STATUS_UNSUPPORTED);
    EXPECT_STREQ(refusal_.text, "Image: not a 32-bit ELF file");
}

TEST_F(GuestKernelCheck, RefusesOtherFiles) {
    for (const std::string &file : {std::string("x"), std::string(5000, '\0'), std::string("\x1f\x8b gzip")}) {
        EXPECT_EQ(check(file), STATUS_INVALID);
        EXPECT_STREQ(refusal_.text, "Image: is neither a RISC-V Linux Image nor an ELF file");
    }
    EXPECT_EQ(check(make_linux_image(1000)), STATUS_CORRUPT);
}

TEST_F(GuestKernelCheck, RefusesSizesBeyondAllMachines) {
    EXPECT_EQ(check(make_linux_image(MANIFEST_MEMORY_MAX)), STATUS_OK);
    EXPECT_EQ(check(make_linux_image(MANIFEST_MEMORY_MAX + 1)), STATUS_TOO_BIG);
    EXPECT_EQ(check(make_linux_image(UINT64_MAX)), STATUS_TOO_BIG);
    EXPECT_EQ(check(make_elf(64, UINT64_C(1) << 60, 0x1000)), STATUS_TOO_BIG);
}

} // namespace
