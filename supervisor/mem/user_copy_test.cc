#include <gtest/gtest.h>

#include "supervisor/mem/fake_memory.h"

extern "C" {
#include "supervisor/mem/access.h"
#include "supervisor/mem/user_copy.h"
}

namespace {

class UserCopyTest : public testing::Test {
  protected:
    UserCopyTest() {
        EXPECT_EQ(page_table_init(&supervisor, &page_table_sv32, memory.interface()), STATUS_OK);
        EXPECT_EQ(address_space_init(&space, &supervisor, 0x10000, 0x40000000), STATUS_OK);
        EXPECT_EQ(address_space_map(&space, 0x20000, 0x3000, ACCESS_READ | ACCESS_WRITE), STATUS_OK);
        EXPECT_EQ(address_space_map(&space, 0x23000, 0x1000, ACCESS_READ), STATUS_OK);
    }

    FakeMemory memory{64};
    page_table supervisor;
    address_space space;
};

TEST_F(UserCopyTest, CrossesPages) {
    std::string text(0x2800, 'x');
    for (size_t i = 0; i < text.size(); i++) {
        text[i] = static_cast<char>(i * 7);
    }
    ASSERT_EQ(user_copy_out(&space, 0x20400, text.data(), text.size()), STATUS_OK);
    std::string back(text.size(), 0);
    ASSERT_EQ(user_copy_in(&space, back.data(), 0x20400, back.size()), STATUS_OK);
    EXPECT_EQ(back, text);
}

TEST_F(UserCopyTest, StopsWhereTheProgramMayNotGo) {
    char buffer[0x2000] = {};
    EXPECT_EQ(user_copy_out(&space, 0x22000, buffer, 0x1001), STATUS_FAULT) << "runs into read-only memory";
    EXPECT_EQ(user_copy_in(&space, buffer, 0x23800, 0x801), STATUS_FAULT) << "runs off the end";
    EXPECT_EQ(user_copy_in(&space, buffer, 0, 1), STATUS_FAULT);
    EXPECT_EQ(user_copy_in(&space, buffer, ~uint64_t{0}, 16), STATUS_FAULT);
    EXPECT_EQ(user_copy_out(&space, 0xffffffc000000000, buffer, 16), STATUS_FAULT);
    EXPECT_EQ(user_copy_in(&space, buffer, 0, 0), STATUS_OK) << "nothing is anybody's";
}

TEST_F(UserCopyTest, ChecksAWholeRange) {
    EXPECT_EQ(user_check(&space, 0x20000, 0x4000, ACCESS_READ), STATUS_OK);
    EXPECT_EQ(user_check(&space, 0x20000, 0x4000, ACCESS_WRITE), STATUS_FAULT);
    EXPECT_EQ(user_check(&space, 0x20000, ~size_t{0}, ACCESS_READ), STATUS_FAULT);
}

TEST_F(UserCopyTest, ThePopulatingLoaderIsNotBoundByAccess) {
    EXPECT_EQ(user_populate(&space, 0x23ffc, "code", 4), STATUS_OK);
    EXPECT_EQ(user_populate(&space, 0x23ffc, "code!", 5), STATUS_FAULT);
}

} // namespace
