/*
 * The reader's side of a FIT under damage: every truncation, every flipped bit of the tree and random scribbling must
 * end in a refusal or in a FIT that keeps every promise of its headers, and never in a fault, which the sanitizers
 * show.
 */
extern "C" {
#include "tools/packer/contents.h"
#include "tools/packer/pack.h"
}

#include "tools/packer/sample_kernel.h"
#include "tools/packer/temporary_folder.h"

#include <gtest/gtest.h>
#include <libfdt.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace {

/* A FIT of two guests, made once. */
const std::string &good_fit() {
    static const std::string fit = [] {
        TemporaryFolder folder;
        std::string kernel = folder.write("Image", sample_kernel::make_linux_image());
        std::string ramdisk = folder.write("ramdisk", std::string(500, 'r'));
        std::vector<std::string> words = {"packer", "--output", "unused", "--guest",           "linux",  "--kernel",
                                          kernel,   "--initrd", ramdisk,  "--guest",           "other",  "--kernel",
                                          kernel,   "--vcpus",  "2",      "--hide-extensions", "sstc,v", "--bootargs",
                                          "quiet"};
        std::vector<char *> argv;
        for (std::string &word : words) {
            argv.push_back(word.data());
        }
        struct options options;
        struct buffer bytes;
        struct refusal refusal;
        if (options_parse(static_cast<int>(argv.size()), argv.data(), nullptr, &options, &refusal) != STATUS_OK ||
            pack(&options, &bytes, &refusal) != STATUS_OK) {
            ADD_FAILURE() << refusal.text;
            return std::string();
        }
        std::string made(reinterpret_cast<char *>(bytes.data), bytes.size);
        buffer_free(&bytes);
        options_free(&options);
        return made;
    }();
    return fit;
}

/* Walks all that the contents point to. */
void touch(const struct contents &contents) {
    for (size_t index = 0; index < contents.manifest.guest_count; index++) {
        const struct manifest_guest &guest = contents.manifest.guests[index];
        ASSERT_LT(strlen(guest.name), MANIFEST_GUEST_NAME_SIZE);
        ASSERT_LT(strlen(guest.bootargs), MANIFEST_BOOTARGS_SIZE);
        ASSERT_NE(guest.kernel_image, nullptr);
        ASSERT_FALSE(manifest_guest_hides(&guest, "none"));
        ASSERT_GE(guest.vcpus, 1u);
        ASSERT_LE(guest.vcpus, MANIFEST_VCPUS_MAX);
        ASSERT_EQ(guest.memory % MANIFEST_MEMORY_ALIGN, 0u);
    }
}

class Contents : public testing::Test {
  protected:
    /* Reads `bytes` from an allocation of just that size, so that a byte too far is noticed. */
    status_t read(const std::string &bytes) {
        auto copy = std::make_unique<unsigned char[]>(bytes.size());
        std::copy(bytes.begin(), bytes.end(), copy.get());
        struct buffer buffer = {copy.get(), bytes.size()};
        status_t status = contents_read("test", &buffer, &contents_, &refusal_);
        if (status == STATUS_OK) {
            touch(contents_);
        } else {
            EXPECT_GT(strlen(refusal_.text), strlen("test: "));
        }
        return status;
    }

    static size_t tree_size() {
        return fdt_totalsize(good_fit().data());
    }

    struct contents contents_;
    struct refusal refusal_ = {};
};

TEST_F(Contents, ReadsWhatIsGood) {
    ASSERT_EQ(read(good_fit()), STATUS_OK) << refusal_.text;
    EXPECT_EQ(contents_.manifest.guest_count, 2u);
}

TEST_F(Contents, RefusesEveryTruncation) {
    ASSERT_EQ(read(good_fit()), STATUS_OK);
    const size_t needed = contents_.fit.size;
    for (size_t size = 0; size < needed; size += 64) {
        EXPECT_NE(read(good_fit().substr(0, size)), STATUS_OK) << size;
    }
    EXPECT_NE(read(good_fit().substr(0, needed - 1)), STATUS_OK);
    EXPECT_EQ(read(good_fit().substr(0, needed)), STATUS_OK);
}

TEST_F(Contents, SurvivesEveryFlippedBitOfTheTree) {
    std::string bytes = good_fit();
    const size_t end = fdt_off_dt_strings(bytes.data()) + fdt_size_dt_strings(bytes.data());
    size_t refused = 0;
    for (size_t bit = 0; bit < 8 * end; bit++) {
        bytes[bit / 8] ^= static_cast<char>(1 << bit % 8);
        refused += read(bytes) != STATUS_OK;
        bytes[bit / 8] ^= static_cast<char>(1 << bit % 8);
    }
    /* What is for people (descriptions, the timestamp) may change unnoticed; most is not. */
    EXPECT_GT(refused, 4 * end);
}

TEST_F(Contents, FindsFlippedBitsOfTheData) {
    std::string bytes = good_fit();
    ASSERT_EQ(read(bytes), STATUS_OK);
    size_t start = tree_size();
    for (size_t image = 0; image < contents_.fit.image_count; image++) {
        const size_t size = contents_.fit.images[image].size;
        for (size_t index = start; index < start + size; index += 7) {
            bytes[index] ^= static_cast<char>(1 << index % 8);
            ASSERT_EQ(read(bytes), STATUS_CORRUPT) << index;
            ASSERT_NE(std::string(refusal_.text).find("is damaged: its sha256 does not match"), std::string::npos);
            bytes[index] ^= static_cast<char>(1 << index % 8);
        }
        ASSERT_EQ(read(bytes), STATUS_OK);
        start += (size + 4095) / 4096 * 4096;
    }
}

TEST_F(Contents, SurvivesScribbling) {
    std::mt19937 random(1);
    const size_t end = fdt_off_dt_strings(good_fit().data()) + fdt_size_dt_strings(good_fit().data());
    for (int round = 0; round < 20000; round++) {
        std::string bytes = good_fit();
        for (unsigned count = 1 + random() % 8; count > 0; count--) {
            size_t position = random() % end / 4 * 4;
            static const uint32_t words[] = {0, 1, 2, 3, 4, 9, 0xff, 0x7fffffff, 0x80000000, 0xffffffff};
            uint32_t word = random() % 2 == 0 ? words[random() % std::size(words)] : static_cast<uint32_t>(random());
            fdt32_st(bytes.data() + position, word);
        }
        (void)read(bytes);
    }
}

/* The guest description behind its hash: what a packer that means harm could have written. */
TEST_F(Contents, DescriptionSurvivesEveryFlippedBit) {
    ASSERT_EQ(read(good_fit()), STATUS_OK);
    const size_t size = contents_.fit.images[contents_.fit.description_index].size;
    auto description = std::make_unique<unsigned char[]>(size);
    std::copy_n(good_fit().begin() + static_cast<std::ptrdiff_t>(tree_size()), size, description.get());
    struct fit_reason reason = {};
    for (size_t bit = 0; bit < 8 * size; bit++) {
        struct contents contents;
        description[bit / 8] ^= static_cast<unsigned char>(1 << bit % 8);
        if (manifest_read(description.get(), size, &contents.manifest, &reason) == STATUS_OK) {
            EXPECT_GE(contents.manifest.guest_count, 1u);
        }
        description[bit / 8] ^= static_cast<unsigned char>(1 << bit % 8);
    }
}

TEST_F(Contents, PrintsGuestsAndImages) {
    std::string bytes = good_fit();
    struct buffer buffer = {reinterpret_cast<unsigned char *>(bytes.data()), bytes.size()};
    ASSERT_EQ(contents_read("test", &buffer, &contents_, &refusal_), STATUS_OK);
    char *text = nullptr;
    size_t size = 0;
    FILE *output = open_memstream(&text, &size);
    contents_print(&contents_, output);
    fclose(output);
    std::string printed(text, size);
    free(text);
    EXPECT_NE(printed.find("guest other               128 MiB   2 vcpus  kernel kernel-1\n"), std::string::npos)
        << printed;
    EXPECT_NE(printed.find("      bootargs  quiet\n      hides  sstc\n      hides  v\n"), std::string::npos) << printed;
    EXPECT_NE(printed.find("image ramdisk-1"), std::string::npos) << printed;
}

} // namespace
