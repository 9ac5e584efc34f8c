// Reads the image back as a program's start-up code would.
#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <string>
#include <vector>

extern "C" {
#include "supervisor/task/stack_image.h"
}

namespace {

constexpr uint64_t kTop = 0x7fff0000;

class StackImageTest : public testing::TestWithParam<unsigned> {
  protected:
    StackImageTest() {
        request.word_size = GetParam();
        request.top = kTop;
        request.program_name = "/init";
        request.argument_count = 2;
        request.arguments = arguments;
        request.environment_count = 1;
        request.environment = environment;
        request.auxiliary_count = 2;
        request.auxiliary = auxiliary_in;
        memcpy(request.random, "0123456789abcdef", 16);
    }

    uint64_t Word(uint64_t address) {
        uint64_t value = 0;
        memcpy(&value, At(address), GetParam());
        return value;
    }

    const uint8_t *At(uint64_t address) {
        EXPECT_LE(address, kTop);
        return buffer.data() + buffer.size() - (kTop - address);
    }

    std::string String(uint64_t address) {
        return reinterpret_cast<const char *>(At(address));
    }

    const char *arguments[2] = {"/init", "with blanks in it"};
    const char *environment[1] = {"TERM=dumb"};
    auxiliary auxiliary_in[2] = {{AUXILIARY_PAGE_SIZE, 4096}, {AUXILIARY_ENTRY, 0x10234}};
    stack_request request{};
    std::vector<uint8_t> buffer = std::vector<uint8_t>(1024, 0xee);
};

TEST_P(StackImageTest, ReadsBack) {
    uint64_t pointer;
    ASSERT_EQ(stack_image_build(&request, buffer.data(), buffer.size(), &pointer), STATUS_OK);
    EXPECT_EQ(pointer % STACK_IMAGE_ALIGNMENT, 0u);
    unsigned word = GetParam();
    EXPECT_EQ(Word(pointer), 2u);
    EXPECT_EQ(String(Word(pointer + word)), "/init");
    EXPECT_EQ(String(Word(pointer + 2 * word)), "with blanks in it");
    EXPECT_EQ(Word(pointer + 3 * word), 0u);
    EXPECT_EQ(String(Word(pointer + 4 * word)), "TERM=dumb");
    EXPECT_EQ(Word(pointer + 5 * word), 0u);
    std::map<uint64_t, uint64_t> found;
    uint64_t pair = pointer + 6 * word;
    for (; Word(pair) != AUXILIARY_NULL; pair += 2 * word) {
        found[Word(pair)] = Word(pair + word);
    }
    EXPECT_EQ(found.size(), 4u);
    EXPECT_EQ(found[AUXILIARY_PAGE_SIZE], 4096u);
    EXPECT_EQ(found[AUXILIARY_ENTRY], 0x10234u);
    EXPECT_EQ(String(found[AUXILIARY_PROGRAM_NAME]), "/init");
    EXPECT_EQ(memcmp(At(found[AUXILIARY_RANDOM]), "0123456789abcdef", 16), 0);
    EXPECT_GE(found[AUXILIARY_RANDOM], pair + 2 * word) << "no string lies within the words";
}

TEST_P(StackImageTest, FitsExactlyOrRefuses) {
    uint64_t pointer;
    ASSERT_EQ(stack_image_build(&request, buffer.data(), buffer.size(), &pointer), STATUS_OK);
    size_t exact = kTop - pointer;
    std::vector<uint8_t> tight(exact);
    EXPECT_EQ(stack_image_build(&request, tight.data(), exact, &pointer), STATUS_OK);
    pointer = 1;
    EXPECT_EQ(stack_image_build(&request, tight.data(), exact - 1, &pointer), STATUS_TOO_BIG);
    EXPECT_EQ(pointer, 1u);
}

TEST_P(StackImageTest, WorksWithNothingAtAll) {
    request.argument_count = request.environment_count = request.auxiliary_count = 0;
    uint64_t pointer;
    ASSERT_EQ(stack_image_build(&request, buffer.data(), buffer.size(), &pointer), STATUS_OK);
    EXPECT_EQ(Word(pointer), 0u);
    EXPECT_EQ(Word(pointer + 3 * GetParam()), unsigned{AUXILIARY_RANDOM});
}

INSTANTIATE_TEST_SUITE_P(WordSizes, StackImageTest, testing::Values(4u, 8u));

} // namespace
