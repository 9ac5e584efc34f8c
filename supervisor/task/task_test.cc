// A program's birth and death: nothing is lost whatever goes wrong on the way.
#include <gtest/gtest.h>

#include <cstring>
#include <string>

#include "supervisor/mem/fake_memory.h"

extern "C" {
#include "supervisor/mem/user_copy.h"
#include "supervisor/task/task.h"
}

namespace {

constexpr uint64_t kLimit = 0x40000000;

// One segment at 0x20000 with the headers in it.
std::string Program() {
    std::string out("\177ELF\2\1\1", 7);
    out.resize(0x200);
    auto put = [&out](size_t at, uint64_t value, size_t size) { memcpy(out.data() + at, &value, size); };
    put(16, 2, 2);
    put(18, 243, 2);
    put(20, 1, 4);
    put(24, 0x20100, 8);
    put(32, 64, 8);
    put(52, 64, 2);
    put(54, 56, 2);
    put(56, 1, 2);
    put(64, 1, 4);
    put(68, 5, 4);
    put(80, 0x20000, 8);
    put(96, out.size(), 8);
    put(104, out.size(), 8);
    put(112, 0x1000, 8);
    return out;
}

class TaskTest : public testing::Test {
  protected:
    status_t Create(FakeMemory *memory) {
        EXPECT_EQ(page_table_init(&supervisor, &page_table_sv39, memory->interface()), STATUS_OK);
        random_init(&generator, nullptr, 0, 0);
        request.image = image.data();
        request.image_size = image.size();
        return task_create(&created, &request, &supervisor, &services, &reason);
    }

    std::string image = Program();
    const char *arguments[2] = {"/bin/test", "one"};
    task_request request{.image = nullptr,
                         .image_size = 0,
                         .format = ELF_CLASS_64,
                         .word_size = 8,
                         .path = "/bin/test",
                         .argument_count = 2,
                         .arguments = arguments,
                         .environment_count = 0,
                         .environment = nullptr,
                         .hardware = 0,
                         .address_limit = kLimit};
    page_table supervisor;
    struct random generator;
    task_services services{nullptr, &generator, {}};
    struct task created;
    const char *reason = "";
};

TEST_F(TaskTest, StartsWithItsStackAndNothingElse) {
    FakeMemory memory(32);
    ASSERT_EQ(Create(&memory), STATUS_OK) << reason;
    EXPECT_STREQ(created.name, "test");
    EXPECT_EQ(created.state, TASK_RUNNING);
    EXPECT_EQ(created.context.x[0], 0x20100u);
    EXPECT_EQ(created.heap_start, 0x21000u);
    uint64_t argument_count;
    ASSERT_EQ(user_copy_in(&created.space, &argument_count, created.context.x[2], 8), STATUS_OK);
    EXPECT_EQ(argument_count, 2u);
    for (int i = 1; i < 32; i++) {
        EXPECT_TRUE(i == 2 || created.context.x[i] == 0) << "x" << i << " tells the program something";
    }
    task_destroy(&created);
    EXPECT_EQ(memory.used(), 1u);
}

TEST_F(TaskTest, ARefusalLeavesNothing) {
    for (size_t pages = 1; pages < 20; pages++) {
        FakeMemory memory(pages);
        status_t status = Create(&memory);
        if (status == STATUS_OK) {
            task_destroy(&created);
        } else {
            EXPECT_EQ(status, STATUS_NO_MEMORY);
            EXPECT_STRNE(reason, "");
        }
        EXPECT_EQ(memory.used(), 1u);
    }
}

TEST_F(TaskTest, RefusesArgumentsThatDoNotFit) {
    FakeMemory memory(32);
    std::string longest(5000, 'x');
    arguments[1] = longest.c_str();
    EXPECT_EQ(Create(&memory), STATUS_TOO_BIG);
    EXPECT_EQ(memory.used(), 1u);
}

TEST_F(TaskTest, RefusesAProgramWhereItsStackIs) {
    FakeMemory memory(32);
    uint64_t address = kLimit - 0x200000;
    memcpy(image.data() + 80, &address, 8);
    address += 0x100;
    memcpy(image.data() + 24, &address, 8);
    EXPECT_EQ(Create(&memory), STATUS_EXISTS);
    EXPECT_EQ(memory.used(), 1u);
}

TEST_F(TaskTest, CutsALongName) {
    FakeMemory memory(32);
    std::string path = "/" + std::string(100, 'n');
    request.path = path.c_str();
    ASSERT_EQ(Create(&memory), STATUS_OK) << reason;
    EXPECT_EQ(strlen(created.name), size_t{TASK_NAME_SIZE} - 1);
    task_destroy(&created);
}

} // namespace
