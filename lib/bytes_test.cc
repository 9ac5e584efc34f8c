#include <cstdint>

#include <gtest/gtest.h>

extern "C" {
#include "lib/bytes.h"
}

namespace {

// One byte more than needed in front, so that every load is also made at an odd address.
const uint8_t kBytes[] = {0x00, 0xf1, 0x02, 0x83, 0x04, 0xe5, 0x06, 0x97, 0xf8};

TEST(Bytes, LittleEndian) {
    EXPECT_EQ(load_le16(kBytes + 1), 0x02f1);
    EXPECT_EQ(load_le16(kBytes + 7), 0xf897);
    EXPECT_EQ(load_le32(kBytes + 1), 0x048302f1u);
    EXPECT_EQ(load_le32(kBytes + 5), 0xf89706e5u);
    EXPECT_EQ(load_le64(kBytes + 1), UINT64_C(0xf89706e5048302f1));
}

TEST(Bytes, BigEndian) {
    EXPECT_EQ(load_be32(kBytes + 1), 0xf1028304u);
    EXPECT_EQ(load_be32(kBytes + 5), 0xe50697f8u);
    EXPECT_EQ(load_be64(kBytes + 1), UINT64_C(0xf1028304e50697f8));
}

} // namespace
