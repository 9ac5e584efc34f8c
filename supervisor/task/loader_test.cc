// Programs made byte by byte, loaded into an address space of counted pages.
#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "supervisor/mem/fake_memory.h"

extern "C" {
#include "supervisor/mem/access.h"
#include "supervisor/mem/user_copy.h"
#include "supervisor/task/loader.h"
}

namespace {

constexpr uint32_t kRead = 4, kWrite = 2, kExecute = 1;

struct Segment {
    uint32_t flags;
    uint64_t offset, address, file_size, memory_size;
};

void Put(std::string *bytes, size_t at, uint64_t value, size_t size) {
    if (bytes->size() < at + size) {
        bytes->resize(at + size);
    }
    memcpy(bytes->data() + at, &value, size);
}

std::string Elf64(uint16_t type, uint64_t entry, const std::vector<Segment> &segments) {
    std::string out("\177ELF\2\1\1", 7);
    Put(&out, 16, type, 2);
    Put(&out, 18, 243, 2);
    Put(&out, 20, 1, 4);
    Put(&out, 24, entry, 8);
    Put(&out, 32, 64, 8);
    Put(&out, 52, 64, 2);
    Put(&out, 54, 56, 2);
    Put(&out, 56, segments.size(), 2);
    for (size_t i = 0; i < segments.size(); i++) {
        size_t at = 64 + i * 56;
        const Segment &segment = segments[i];
        Put(&out, at, 1, 4);
        Put(&out, at + 4, segment.flags, 4);
        Put(&out, at + 8, segment.offset, 8);
        Put(&out, at + 16, segment.address, 8);
        Put(&out, at + 32, segment.file_size, 8);
        Put(&out, at + 40, segment.memory_size, 8);
        Put(&out, at + 48, 0x1000, 8);
    }
    out.resize(0x3000);
    for (size_t i = 0x1000; i < out.size(); i++) {
        out[i] = static_cast<char>(i * 13 + i / 256);
    }
    return out;
}

class LoaderTest : public testing::Test {
  protected:
    LoaderTest() {
        EXPECT_EQ(page_table_init(&supervisor, &page_table_sv39, memory.interface()), STATUS_OK);
        EXPECT_EQ(address_space_init(&space, &supervisor, 0x10000, 0x40000000), STATUS_OK);
    }

    status_t Load(const std::string &image) {
        return loader_load(&space, image.data(), image.size(), ELF_CLASS_64, &loaded, &reason);
    }

    std::string Bytes(uint64_t address, size_t size) {
        std::string out(size, 0);
        EXPECT_EQ(user_copy_in(&space, out.data(), address, size), STATUS_OK);
        return out;
    }

    FakeMemory memory{64};
    page_table supervisor;
    address_space space;
    program loaded{};
    const char *reason = "";
};

TEST_F(LoaderTest, LoadsSegmentsWithTheirAccess) {
    std::string image = Elf64(
        2, 0x20120, {{kRead | kExecute, 0, 0x20000, 0x1800, 0x1800}, {kRead | kWrite, 0x2800, 0x22800, 0x100, 0x2000}});
    ASSERT_EQ(Load(image), STATUS_OK) << reason;
    EXPECT_EQ(loaded.entry, 0x20120u);
    EXPECT_EQ(loaded.headers, 0x20040u);
    EXPECT_EQ(loaded.headers_count, 2u);
    EXPECT_EQ(loaded.header_size, 56u);
    EXPECT_EQ(loaded.end, 0x25000u);
    EXPECT_EQ(Bytes(0x20000, 0x1800), image.substr(0, 0x1800));
    EXPECT_EQ(Bytes(0x21800, 0x800), std::string(0x800, 0)) << "behind the segment nothing of the file";
    EXPECT_EQ(Bytes(0x22800, 0x100), image.substr(0x2800, 0x100));
    EXPECT_EQ(Bytes(0x22900, 0x1f00), std::string(0x1f00, 0));
    EXPECT_EQ(user_check(&space, 0x20000, 1, ACCESS_WRITE), STATUS_FAULT);
    EXPECT_EQ(user_check(&space, 0x22800, 1, ACCESS_WRITE), STATUS_OK);
    EXPECT_EQ(user_check(&space, 0x22800, 1, ACCESS_EXECUTE), STATUS_FAULT);
    EXPECT_GE(memory.code_fences, 1);
}

TEST_F(LoaderTest, MovesPositionIndependentPrograms) {
    std::string image = Elf64(3, 0x120, {{kRead | kExecute, 0, 0, 0x1000, 0x1000}});
    ASSERT_EQ(Load(image), STATUS_OK) << reason;
    EXPECT_EQ(loaded.entry, 0x1000120u);
    EXPECT_EQ(loaded.headers, 0x1000040u);
    EXPECT_EQ(Bytes(0x1000000, 0x1000), image.substr(0, 0x1000));
}

TEST_F(LoaderTest, RefusesWhatDoesNotFit) {
    EXPECT_EQ(Load(Elf64(2, 0x1000, {{kRead | kExecute, 0, 0x1000, 0x1000, 0x1000}})), STATUS_INVALID);
    EXPECT_STRNE(reason, "");
    EXPECT_EQ(Load(Elf64(2, 0x3ffff000, {{kRead | kExecute, 0, 0x3ffff000, 0x1000, 0x1001}})), STATUS_INVALID);
    EXPECT_EQ(Load(Elf64(2, 0xffffffffffffe000, {{kRead | kExecute, 0, 0xffffffffffffe000, 0x1000, 0x1000}})),
              STATUS_INVALID);
    EXPECT_EQ(Load(Elf64(3, 0xffffffffffffe000, {{kRead | kExecute, 0, 0xffffffffffffe000, 0x1000, 0x1000}})),
              STATUS_INVALID);
}

TEST_F(LoaderTest, RefusesTwoSegmentsInOnePage) {
    EXPECT_EQ(
        Load(Elf64(2, 0x20000,
                   {{kRead | kExecute, 0, 0x20000, 0x800, 0x800}, {kRead | kWrite, 0x800, 0x20800, 0x100, 0x100}})),
        STATUS_EXISTS);
}

TEST_F(LoaderTest, SaysWhenMemoryRunsOut) {
    EXPECT_EQ(Load(Elf64(2, 0x20000,
                         {{kRead | kExecute, 0, 0x20000, 0x1000, 0x1000},
                          {kRead | kWrite, 0x1000, 0x100000, 0x2000, 0x2000}})),
              STATUS_OK);
    FakeMemory little(4);
    page_table table;
    address_space poor;
    ASSERT_EQ(page_table_init(&table, &page_table_sv39, little.interface()), STATUS_OK);
    ASSERT_EQ(address_space_init(&poor, &table, 0x10000, 0x40000000), STATUS_OK);
    std::string image = Elf64(2, 0x20000, {{kRead | kExecute, 0, 0x20000, 0x1000, 0x1000}});
    EXPECT_EQ(loader_load(&poor, image.data(), image.size(), ELF_CLASS_64, &loaded, &reason), STATUS_NO_MEMORY);
    address_space_destroy(&poor);
    EXPECT_EQ(little.used(), 1u);
}

TEST_F(LoaderTest, PassesOnWhatTheReaderSays) {
    EXPECT_EQ(Load("#!/bin/sh\n"), STATUS_INVALID);
    EXPECT_STRNE(reason, "");
}

} // namespace
