extern "C" {
#include "lib/fit/fit.h"
#include "lib/fit/fit_verify.h"
}

#include "lib/fit/fit_sample.h"

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <string>

namespace {

using fit_sample::Bytes;
using fit_sample::Fit;
using fit_sample::Hash;
using fit_sample::Image;
using fit_sample::make_fit;

class FitOpen : public testing::Test {
  protected:
    status_t open(const Fit &description) {
        bytes_ = fit_sample::write(description);
        return open();
    }

    status_t open() {
        return fit_open(bytes_.data(), bytes_.size(), &fit_, &reason_);
    }

    /* Opens what make_fit() says with its kernel changed. */
    template <typename Change> status_t open_with(Change change) {
        Fit description = make_fit();
        change(description.images[1]);
        return open(description);
    }

    Bytes bytes_;
    struct fit fit_;
    struct fit_reason reason_ = {};
};

TEST_F(FitOpen, ReadsWhatIsThere) {
    ASSERT_EQ(open(make_fit()), STATUS_OK) << reason_.text;
    ASSERT_EQ(fit_.image_count, 3u);
    EXPECT_EQ(fit_.description_index, 0u);
    EXPECT_EQ(fit_.size, 4u * 4096 + 300);
    const struct fit_image *kernel = fit_image_find(&fit_, "kernel-1");
    ASSERT_NE(kernel, nullptr);
    EXPECT_EQ(kernel, &fit_.images[1]);
    EXPECT_STREQ(kernel->type, "kernel");
    EXPECT_EQ(kernel->os, nullptr);
    EXPECT_EQ(kernel->size, 5000u);
    EXPECT_EQ(kernel->data[4999], 'k');
    EXPECT_TRUE(kernel->is_loadable);
    EXPECT_FALSE(fit_.images[0].is_loadable);
    EXPECT_NE(kernel->hashes[FIT_HASH_CRC32], nullptr);
    EXPECT_EQ(kernel->hashes[FIT_HASH_SHA256], nullptr);
    EXPECT_EQ(fit_image_find(&fit_, "kernel"), nullptr);
    for (size_t index = 0; index < fit_.image_count; index++) {
        EXPECT_EQ(fit_image_verify(&fit_.images[index], &reason_), STATUS_OK);
    }
}

TEST_F(FitOpen, TakesBothHashes) {
    ASSERT_EQ(open_with([](Image &kernel) { kernel.hashes = {Hash{}, Hash{.algo = "sha256", .node_name = "hash-2"}}; }),
              STATUS_OK);
    EXPECT_NE(fit_.images[1].hashes[FIT_HASH_SHA256], nullptr);
    EXPECT_EQ(fit_image_verify(&fit_.images[1], &reason_), STATUS_OK);
}

TEST_F(FitOpen, TakesAbsolutePositions) {
    ASSERT_EQ(open_with([](Image &kernel) { kernel.position = 4096 + 4096; }), STATUS_OK) << reason_.text;
    EXPECT_EQ(fit_image_verify(&fit_.images[1], &reason_), STATUS_OK);
}

TEST_F(FitOpen, TakesSpaceBehindIt) {
    bytes_ = fit_sample::write(make_fit());
    size_t size = bytes_.size();
    bytes_.resize(size + 100);
    EXPECT_EQ(open(), STATUS_OK);
    EXPECT_LE(fit_.size, size);
}

TEST_F(FitOpen, RefusesWhatIsNoTree) {
    EXPECT_EQ(fit_open(nullptr, 0, &fit_, &reason_), STATUS_CORRUPT);
    bytes_.assign(4096, 0);
    EXPECT_EQ(open(), STATUS_CORRUPT);
    EXPECT_STREQ(reason_.text, "there is no FIT: it would start with a device tree");
}

TEST_F(FitOpen, RefusesADamagedTree) {
    bytes_ = fit_sample::write(make_fit());
    fdt_set_size_dt_struct(bytes_.data(), fdt_size_dt_struct(bytes_.data()) - 4);
    EXPECT_EQ(open(), STATUS_CORRUPT);
    EXPECT_STREQ(reason_.text, "the FIT's tree is damaged");
}

TEST_F(FitOpen, RefusesAHugeTree) {
    bytes_ = fit_sample::write(make_fit());
    bytes_.resize(MANIFEST_FIT_TREE_SIZE_MAX + 4096);
    fdt_set_totalsize(bytes_.data(), MANIFEST_FIT_TREE_SIZE_MAX + 1);
    EXPECT_EQ(open(), STATUS_TOO_BIG);
}

TEST_F(FitOpen, RefusesACutTree) {
    bytes_ = fit_sample::write(make_fit());
    bytes_.resize(4095);
    EXPECT_EQ(open(), STATUS_CORRUPT);
    EXPECT_STREQ(reason_.text, "the FIT is cut off inside its tree");
}

TEST_F(FitOpen, RefusesCutData) {
    bytes_ = fit_sample::write(make_fit());
    bytes_.resize(4096 * 4 + 299);
    EXPECT_EQ(open(), STATUS_CORRUPT);
    EXPECT_STREQ(reason_.text, "image ramdisk-1 reaches beyond the end of the FIT");
}

TEST_F(FitOpen, RefusesATreeWithoutImages) {
    Fit description = make_fit();
    description.images_node = "images@1"; /* which libfdt's look-up of "images" would find */
    EXPECT_EQ(open(description), STATUS_CORRUPT);
    EXPECT_STREQ(reason_.text, "there is no FIT: the tree has no /images");
}

TEST_F(FitOpen, RefusesImagesWithoutHash) {
    EXPECT_EQ(open_with([](Image &kernel) { kernel.hashes.clear(); }), STATUS_INVALID);
    EXPECT_STREQ(reason_.text, "image kernel-1 has no hash");
}

TEST_F(FitOpen, RefusesUnknownHashes) {
    EXPECT_EQ(open_with([](Image &kernel) { kernel.hashes[0].algo = "md5"; }), STATUS_UNSUPPORTED);
    EXPECT_STREQ(reason_.text, "image kernel-1 has a hash of an unknown kind; crc32 and sha256 are known");
    EXPECT_EQ(open_with([](Image &kernel) { kernel.hashes.push_back(Hash{.algo = "sha1", .node_name = "hash@2"}); }),
              STATUS_UNSUPPORTED);
}

TEST_F(FitOpen, RefusesHalfHashes) {
    EXPECT_EQ(open_with([](Image &kernel) { kernel.hashes[0].has_algo = false; }), STATUS_INVALID);
    EXPECT_EQ(open_with([](Image &kernel) { kernel.hashes[0].has_value = false; }), STATUS_INVALID);
    EXPECT_EQ(open_with([](Image &kernel) { kernel.hashes[0].value = Bytes(3); }), STATUS_INVALID);
    EXPECT_STREQ(reason_.text, "image kernel-1 has no crc32 value of 4 bytes");
    EXPECT_EQ(open_with([](Image &kernel) { kernel.hashes.push_back(Hash{.node_name = "hash-2"}); }), STATUS_CORRUPT);
    EXPECT_STREQ(reason_.text, "image kernel-1 has two hashes of kind crc32");
}

TEST_F(FitOpen, RefusesDataOutsideTheFit) {
    for (uint32_t offset : {0x10000u, 0x7fffffffu, 0xfffff000u, 0xffffffffu}) {
        EXPECT_EQ(open_with([&](Image &kernel) { kernel.offset = offset; }), STATUS_CORRUPT) << offset;
        EXPECT_EQ(open_with([&](Image &kernel) { kernel.position = offset; }), STATUS_CORRUPT) << offset;
        EXPECT_EQ(open_with([&](Image &kernel) { kernel.size = offset; }), STATUS_CORRUPT) << offset;
    }
    EXPECT_STREQ(reason_.text, "image kernel-1 reaches beyond the end of the FIT");
}

TEST_F(FitOpen, RefusesDataInsideTheTree) {
    for (uint32_t position : {0u, 8u, 4095u}) {
        EXPECT_EQ(open_with([&](Image &kernel) { kernel.position = position; }), STATUS_CORRUPT) << position;
        EXPECT_STREQ(reason_.text, "image kernel-1 overlaps the tree");
    }
    EXPECT_EQ(open_with([](Image &kernel) { kernel.is_inline = true; }), STATUS_UNSUPPORTED);
}

TEST_F(FitOpen, RefusesDataWithoutPlace) {
    EXPECT_EQ(open_with([](Image &kernel) { kernel.has_offset = false; }), STATUS_INVALID);
    EXPECT_EQ(open_with([](Image &kernel) { kernel.has_size = false; }), STATUS_INVALID);
    EXPECT_EQ(open_with([](Image &kernel) { kernel.size = 0; }), STATUS_INVALID);
}

TEST_F(FitOpen, RefusesCompression) {
    EXPECT_EQ(open_with([](Image &kernel) { kernel.compression = "gzip"; }), STATUS_UNSUPPORTED);
    EXPECT_EQ(open_with([](Image &kernel) { kernel.compression.reset(); }), STATUS_OK);
}

TEST_F(FitOpen, RefusesImagesWithoutType) {
    EXPECT_EQ(open_with([](Image &kernel) { kernel.type.reset(); }), STATUS_INVALID);
}

TEST_F(FitOpen, RefusesNamesThatCouldDoHarm) {
    for (const char *name : {"kernel@1", "kernel\x1b[2J", "k k", "", "a-name-that-is-longer-than-allowed"}) {
        EXPECT_EQ(open_with([&](Image &kernel) { kernel.name = name; }), STATUS_INVALID) << name;
        EXPECT_EQ(std::string(reason_.text).find("image 2 of the FIT has a name"), 0u);
    }
    EXPECT_EQ(open_with([](Image &kernel) { kernel.name = "guests"; }), STATUS_CORRUPT);
    EXPECT_STREQ(reason_.text, "two images are called guests");
}

TEST_F(FitOpen, RefusesTooManyImages) {
    Fit description = make_fit();
    while (description.images.size() < MANIFEST_IMAGES_MAX) {
        description.images.push_back({.name = "x" + std::to_string(description.images.size())});
    }
    EXPECT_EQ(open(description), STATUS_OK);
    description.images.push_back({.name = "last"});
    EXPECT_EQ(open(description), STATUS_TOO_BIG);
}

TEST_F(FitOpen, RefusesConfigurationsThatLeadNowhere) {
    Fit description = make_fit();
    description.default_configuration.reset();
    EXPECT_EQ(open(description), STATUS_INVALID);
    description.default_configuration = "conf";
    EXPECT_EQ(open(description), STATUS_CORRUPT);
    description = make_fit();
    description.fdt.reset();
    EXPECT_EQ(open(description), STATUS_INVALID);
    description.fdt = std::string("guests\0guests", 13);
    EXPECT_EQ(open(description), STATUS_INVALID);
    description.fdt = "nothing";
    EXPECT_EQ(open(description), STATUS_CORRUPT);
    description.fdt = "kernel-1";
    EXPECT_EQ(open(description), STATUS_INVALID);
    EXPECT_STREQ(reason_.text, "image kernel-1 is the default configuration's fdt, but not of type flat_dt");
    description = make_fit();
    description.loadables.push_back("nothing");
    EXPECT_EQ(open(description), STATUS_CORRUPT);
    EXPECT_STREQ(reason_.text, "entry 3 of the default configuration's loadables names no image");
    description.loadables.assign(MANIFEST_IMAGES_MAX + 1, "kernel-1");
    EXPECT_EQ(open(description), STATUS_CORRUPT);
}

TEST_F(FitOpen, ANamesCharactersAreFew) {
    EXPECT_TRUE(fit_name_is_valid("fdt-a_b.c,d+1"));
    EXPECT_TRUE(fit_name_is_valid("1234567890123456789012345678901"));
    EXPECT_FALSE(fit_name_is_valid("12345678901234567890123456789012"));
    EXPECT_FALSE(fit_name_is_valid(""));
    EXPECT_FALSE(fit_name_is_valid("a/b"));
    EXPECT_FALSE(fit_name_is_valid("a\xc3\xa9"));
}

} // namespace
