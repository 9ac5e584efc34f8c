extern "C" {
#include "lib/manifest/manifest.h"
#include "tools/packer/description.h"
}

#include <gtest/gtest.h>

#include <string>

namespace {

class DescriptionWrite : public testing::Test {
  protected:
    DescriptionWrite() {
        options_.guest_count = 2;
        options_.guests[0].name = name_.data();
        options_.guests[0].memory = 4096;
        options_.guests[0].vcpus = 1;
        options_.guests[1].name = other_.data();
        options_.guests[1].bootargs = bootargs_.data();
        options_.guests[1].hidden = hidden_.data();
        options_.guests[1].hidden_size = hidden_.size();
        options_.guests[1].memory = UINT64_C(5) << 32;
        options_.guests[1].vcpus = 3;
        options_.guests[1].has_keyboard = true;
        options_.guests[1].weight = 7;
        options_.guests[1].budget = 1000;
        options_.guests[1].period = 5000;
        options_.guests[1].affinity[0] = 3;
        options_.guests[1].affinity[1] = 1;
        options_.guests[1].affinity_count = 2;
        options_.guests[1].isolation = isolation_.data();
        options_.guests[1].has_ram_address = true;
        options_.guests[1].ram_address = 0x40000000;
        options_.guests[1].restart = restart_.data();
        options_.guests[1].backoff_ms = 20;
        options_.guests[1].restart_limit = 3;
        options_.guests[1].watchdog_ms = 1000;
    }

    ~DescriptionWrite() override {
        buffer_free(&buffer_);
    }

    status_t write() {
        return description_write(&options_, images_, &buffer_, &refusal_);
    }

    std::string isolation_ = "gstage", restart_ = "on-crash";
    std::string name_ = "a", other_ = "b", bootargs_ = "quiet", hidden_ = std::string("v\0sstc\0", 7);
    const struct guest_images images_[2] = {{"kernel-1", nullptr}, {"kernel-2", "ramdisk-1"}};
    struct options options_ = {};
    struct buffer buffer_ = {};
    struct refusal refusal_ = {};
};

TEST_F(DescriptionWrite, IsReadBack) {
    ASSERT_EQ(write(), STATUS_OK) << refusal_.text;
    struct manifest manifest;
    struct fit_reason reason = {};
    ASSERT_EQ(manifest_read(buffer_.data, buffer_.size, &manifest, &reason), STATUS_OK) << reason.text;
    ASSERT_EQ(manifest.guest_count, 2u);
    EXPECT_STREQ(manifest.guests[0].name, "a");
    EXPECT_STREQ(manifest.guests[0].kernel, "kernel-1");
    EXPECT_EQ(manifest.guests[0].ramdisk, nullptr);
    EXPECT_FALSE(manifest.guests[0].has_keyboard);
    EXPECT_STREQ(manifest.guests[1].ramdisk, "ramdisk-1");
    EXPECT_STREQ(manifest.guests[1].bootargs, "quiet");
    EXPECT_EQ(manifest.guests[1].memory, UINT64_C(5) << 32);
    EXPECT_EQ(manifest.guests[1].vcpus, 3u);
    EXPECT_TRUE(manifest.guests[1].has_keyboard);
    EXPECT_TRUE(manifest_guest_hides(&manifest.guests[1], "sstc"));
    EXPECT_EQ(manifest.guests[0].weight, MANIFEST_WEIGHT_DEFAULT);
    EXPECT_EQ(manifest.guests[0].affinity_count, 0u);
    EXPECT_EQ(manifest.guests[1].weight, 7u);
    EXPECT_EQ(manifest.guests[1].budget, 1000u);
    EXPECT_EQ(manifest.guests[1].period, 5000u);
    ASSERT_EQ(manifest.guests[1].affinity_count, 2u);
    EXPECT_EQ(manifest_guest_affinity(&manifest.guests[1], 0), 3u);
    EXPECT_EQ(manifest_guest_affinity(&manifest.guests[1], 1), 1u);
    EXPECT_EQ(manifest.guests[0].isolation, MANIFEST_ISOLATION_AUTO);
    EXPECT_FALSE(manifest.guests[0].has_ram_address);
    EXPECT_EQ(manifest.guests[1].isolation, MANIFEST_ISOLATION_GSTAGE);
    EXPECT_TRUE(manifest.guests[1].has_ram_address);
    EXPECT_EQ(manifest.guests[1].ram_address, 0x40000000u);
    EXPECT_EQ(manifest.guests[0].restart, MANIFEST_RESTARTS_NEVER);
    EXPECT_EQ(manifest.guests[1].restart, MANIFEST_RESTARTS_ON_CRASH);
    EXPECT_EQ(manifest.guests[1].backoff_ms, 20u);
    EXPECT_EQ(manifest.guests[1].restart_limit, 3u);
    EXPECT_EQ(manifest.guests[1].watchdog_ms, 1000u);
}

TEST_F(DescriptionWrite, RefusesWhatDoesNotFit) {
    bootargs_.assign(MANIFEST_DESCRIPTION_SIZE_MAX, 'x');
    options_.guests[1].bootargs = bootargs_.data();
    EXPECT_EQ(write(), STATUS_TOO_BIG);
}

} // namespace
