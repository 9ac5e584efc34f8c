extern "C" {
#include "lib/fit/fit.h"
#include "lib/fit/fit_verify.h"
#include "tools/packer/fit_writer.h"
}

#include <gtest/gtest.h>
#include <libfdt.h>

#include <cstring>
#include <string>

namespace {

class FitWrite : public testing::Test {
  protected:
    ~FitWrite() override {
        buffer_free(&bytes_);
    }

    void add(const char *name, const char *type, const std::string &data) {
        struct fit_part &part = plan_.parts[plan_.part_count++];
        snprintf(part.name, sizeof(part.name), "%s", name);
        part.description = name;
        part.type = type;
        part.data = data.data();
        part.size = data.size();
    }

    status_t write() {
        buffer_free(&bytes_);
        return fit_write(&plan_, &bytes_, &refusal_);
    }

    const std::string guests_ = "guests", kernel_ = std::string(4096, 'k'), ramdisk_ = std::string(4097, 'r');
    struct fit_plan plan_ = {};
    struct buffer bytes_ = {};
    struct refusal refusal_ = {};
};

TEST_F(FitWrite, IsReadBack) {
    add("guests", "flat_dt", guests_);
    add("kernel-1", "kernel", kernel_);
    add("ramdisk-1", "ramdisk", ramdisk_);
    for (int kind = 0; kind < FIT_HASH_KIND_COUNT; kind++) {
        plan_.hash = static_cast<enum fit_hash_kind>(kind);
        ASSERT_EQ(write(), STATUS_OK) << refusal_.text;
        struct fit fit;
        struct fit_reason reason = {};
        ASSERT_EQ(fit_open(bytes_.data, bytes_.size, &fit, &reason), STATUS_OK) << reason.text;
        ASSERT_EQ(fit.image_count, 3u);
        EXPECT_EQ(fit.description_index, 0u);
        for (size_t index = 0; index < 3; index++) {
            EXPECT_STREQ(fit.images[index].name, plan_.parts[index].name);
            EXPECT_EQ(fit.images[index].size, plan_.parts[index].size);
            EXPECT_EQ(memcmp(fit.images[index].data, plan_.parts[index].data, fit.images[index].size), 0);
            EXPECT_EQ((fit.images[index].data - bytes_.data) % 4096, 0);
            EXPECT_EQ(fit.images[index].is_loadable, index != 0);
            EXPECT_EQ(fit_image_verify(&fit.images[index], &reason), STATUS_OK);
            for (int other = 0; other < FIT_HASH_KIND_COUNT; other++) {
                EXPECT_EQ(fit.images[index].hashes[other] != nullptr, other == kind);
            }
        }
    }
}

TEST_F(FitWrite, IsLaidOutInPages) {
    add("guests", "flat_dt", guests_);
    add("kernel-1", "kernel", kernel_);
    add("ramdisk-1", "ramdisk", ramdisk_);
    ASSERT_EQ(write(), STATUS_OK);
    EXPECT_EQ(fdt_totalsize(bytes_.data), 4096u);
    EXPECT_EQ(bytes_.size, 4096u + 4096 + 4096 + 8192);
}

TEST_F(FitWrite, GivesTheSameBytesEachTime) {
    add("guests", "flat_dt", guests_);
    add("kernel-1", "kernel", kernel_);
    plan_.timestamp = 5;
    ASSERT_EQ(write(), STATUS_OK);
    std::string first(reinterpret_cast<char *>(bytes_.data), bytes_.size);
    ASSERT_EQ(write(), STATUS_OK);
    EXPECT_EQ(std::string(reinterpret_cast<char *>(bytes_.data), bytes_.size), first);
    plan_.timestamp = 6;
    ASSERT_EQ(write(), STATUS_OK);
    EXPECT_NE(std::string(reinterpret_cast<char *>(bytes_.data), bytes_.size), first);
}

TEST_F(FitWrite, RefusesWhatOffsetsDoNotReach) {
    add("guests", "flat_dt", guests_);
    add("kernel-1", "kernel", kernel_);
    plan_.parts[1].size = UINT32_MAX; /* refused before anyone looks at the data */
    EXPECT_EQ(write(), STATUS_TOO_BIG);
    plan_.parts[1].size = SIZE_MAX;
    EXPECT_EQ(write(), STATUS_TOO_BIG);
    EXPECT_STREQ(refusal_.text, "the images are larger than 4 GiB together");
}

TEST_F(FitWrite, RefusesATreeBeyondTheLimit) {
    add("guests", "flat_dt", guests_);
    std::string description(MANIFEST_FIT_TREE_SIZE_MAX, 'x');
    plan_.parts[0].description = description.c_str();
    EXPECT_EQ(write(), STATUS_TOO_BIG);
}

} // namespace
