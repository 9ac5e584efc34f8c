extern "C" {
#include "lib/fit/fit_hash.h"
}

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

namespace {

std::string digest(enum fit_hash_kind kind, const std::string &data, size_t piece = SIZE_MAX) {
    struct fit_hash hash;
    uint8_t bytes[FIT_HASH_SIZE_MAX];
    fit_hash_start(&hash, kind);
    for (size_t done = 0; done < data.size(); done += std::min(piece, data.size() - done)) {
        fit_hash_update(&hash, data.data() + done, std::min(piece, data.size() - done));
    }
    fit_hash_finish(&hash, bytes);
    std::string text;
    for (size_t index = 0; index < fit_hash_size(kind); index++) {
        char hex[3];
        snprintf(hex, sizeof(hex), "%02x", bytes[index]);
        text += hex;
    }
    return text;
}

// The check value of CRC-32/ISO-HDLC, and FIPS 180-4's example.
TEST(FitHash, KnownValues) {
    EXPECT_EQ(digest(FIT_HASH_CRC32, "123456789"), "cbf43926");
    EXPECT_EQ(digest(FIT_HASH_SHA256, "abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(FitHash, PiecesMakeTheSameDigest) {
    std::string data(1000, 'x');
    for (size_t piece : {1u, 63u, 64u, 65u, 999u}) {
        EXPECT_EQ(digest(FIT_HASH_CRC32, data, piece), digest(FIT_HASH_CRC32, data));
        EXPECT_EQ(digest(FIT_HASH_SHA256, data, piece), digest(FIT_HASH_SHA256, data));
    }
}

TEST(FitHash, FindsKindsByName) {
    for (int kind = 0; kind < FIT_HASH_KIND_COUNT; kind++) {
        enum fit_hash_kind found;
        ASSERT_EQ(fit_hash_kind_find(fit_hash_name(static_cast<enum fit_hash_kind>(kind)), &found), STATUS_OK);
        EXPECT_EQ(found, kind);
    }
    enum fit_hash_kind found;
    EXPECT_EQ(fit_hash_kind_find("md5", &found), STATUS_UNSUPPORTED);
    EXPECT_EQ(fit_hash_kind_find("", &found), STATUS_UNSUPPORTED);
    EXPECT_EQ(fit_hash_kind_find("sha256x", &found), STATUS_UNSUPPORTED);
}

} // namespace
