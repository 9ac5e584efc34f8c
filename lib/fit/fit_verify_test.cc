extern "C" {
#include "lib/fit/fit_verify.h"
}

#include "lib/fit/fit_sample.h"

#include <gtest/gtest.h>

#include <string>

namespace {

class FitVerify : public testing::Test {
  protected:
    void SetUp() override {
        crc32_ = fit_sample::make_digest(FIT_HASH_CRC32, data_);
        sha256_ = fit_sample::make_digest(FIT_HASH_SHA256, data_);
        image_.name = "kernel-1";
        image_.data = reinterpret_cast<const uint8_t *>(data_.data());
        image_.size = data_.size();
        image_.hashes[FIT_HASH_CRC32] = crc32_.data();
        image_.hashes[FIT_HASH_SHA256] = sha256_.data();
    }

    std::string data_ = std::string(1000, 'a') + std::string(1000, 'b');
    fit_sample::Bytes crc32_, sha256_;
    struct fit_image image_ = {};
    struct fit_reason reason_ = {};
};

TEST_F(FitVerify, AcceptsWhatMatches) {
    EXPECT_EQ(fit_image_verify(&image_, &reason_), STATUS_OK);
}

TEST_F(FitVerify, OneHashIsEnough) {
    image_.hashes[FIT_HASH_SHA256] = nullptr;
    EXPECT_EQ(fit_image_verify(&image_, &reason_), STATUS_OK);
    data_[0] ^= 1;
    EXPECT_EQ(fit_image_verify(&image_, &reason_), STATUS_CORRUPT);
    EXPECT_STREQ(reason_.text, "image kernel-1 is damaged: its crc32 does not match");
}

TEST_F(FitVerify, EveryHashHasToMatch) {
    sha256_[31] ^= 1;
    EXPECT_EQ(fit_image_verify(&image_, &reason_), STATUS_CORRUPT);
    EXPECT_STREQ(reason_.text, "image kernel-1 is damaged: its sha256 does not match");
    sha256_[31] ^= 1;
    crc32_[0] ^= 0x80;
    EXPECT_EQ(fit_image_verify(&image_, &reason_), STATUS_CORRUPT);
    EXPECT_STREQ(reason_.text, "image kernel-1 is damaged: its crc32 does not match");
}

TEST_F(FitVerify, EveryBitOfTheDataCounts) {
    for (size_t index = 0; index < data_.size(); index += 37) {
        data_[index] ^= static_cast<char>(1 << index % 8);
        EXPECT_EQ(fit_image_verify(&image_, &reason_), STATUS_CORRUPT) << index;
        data_[index] ^= static_cast<char>(1 << index % 8);
    }
}

TEST_F(FitVerify, GoesPieceByPiece) {
    for (size_t piece : {1u, 100u, 1999u, 2000u, 5000u}) {
        struct fit_verify verify;
        fit_verify_start(&verify, &image_);
        size_t count = 1;
        while (fit_verify_advance(&verify, piece)) {
            count++;
        }
        EXPECT_EQ(count, (data_.size() + piece - 1) / piece);
        EXPECT_EQ(fit_verify_finish(&verify, &reason_), STATUS_OK);
    }
}

TEST_F(FitVerify, FinishHashesWhatIsLeft) {
    struct fit_verify verify;
    fit_verify_start(&verify, &image_);
    EXPECT_TRUE(fit_verify_advance(&verify, 10));
    EXPECT_EQ(fit_verify_finish(&verify, &reason_), STATUS_OK);
}

} // namespace
