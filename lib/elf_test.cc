// ELF files are built field by field here, so that each can be made wrong on its own; both classes take every test.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

extern "C" {
#include "lib/elf.h"
}

namespace {

struct Segment {
    uint32_t type = 1;
    uint32_t flags = 4;
    uint64_t offset = 0;
    uint64_t address = 0;
    uint64_t physical = 0;
    uint64_t file_size = 0;
    uint64_t memory_size = 0;
    uint64_t alignment = 4096;
};

struct File {
    enum elf_class format = ELF_CLASS_64;
    std::string magic = "\177ELF";
    uint8_t class_byte = 0; // 0: that of format
    uint8_t data = 1;
    uint8_t ident_version = 1;
    uint16_t type = 2;
    uint16_t machine = 243;
    uint32_t version = 1;
    uint64_t entry = 0x80000010;
    uint64_t headers_offset = 0; // 0: behind the header
    uint16_t entry_size = 0;     // 0: the right one
    int headers_count = -1;      // -1: the right one
    std::vector<Segment> segments;
    size_t size = 0x3000;
};

class Writer {
  public:
    Writer(std::vector<uint8_t> &bytes, bool wide) : bytes_(bytes), wide_(wide) {
    }
    void Put(uint64_t value, size_t size) {
        for (size_t index = 0; index < size; index++) {
            if (at_ < bytes_.size()) {
                bytes_[at_] = static_cast<uint8_t>(value >> (8 * index));
            }
            at_++;
        }
    }
    void Word(uint64_t value) {
        Put(value, wide_ ? 8 : 4);
    }
    void Seek(size_t at) {
        at_ = at;
    }

  private:
    std::vector<uint8_t> &bytes_;
    bool wide_;
    size_t at_ = 0;
};

void WriteSegment(Writer &out, const Segment &segment, bool wide) {
    out.Put(segment.type, 4);
    if (wide) {
        out.Put(segment.flags, 4);
    }
    out.Word(segment.offset);
    out.Word(segment.address);
    out.Word(segment.physical);
    out.Word(segment.file_size);
    out.Word(segment.memory_size);
    if (!wide) {
        out.Put(segment.flags, 4);
    }
    out.Word(segment.alignment);
}

std::vector<uint8_t> Build(const File &file) {
    bool wide = file.format == ELF_CLASS_64;
    size_t header_size = wide ? 64 : 52, entry_size = wide ? 56 : 32;
    std::vector<uint8_t> bytes(file.size);
    Writer out(bytes, wide);
    for (char letter : file.magic) {
        out.Put(static_cast<uint8_t>(letter), 1);
    }
    out.Put(file.class_byte != 0 ? file.class_byte : file.format, 1);
    out.Put(file.data, 1);
    out.Put(file.ident_version, 1);
    out.Seek(16);
    out.Put(file.type, 2);
    out.Put(file.machine, 2);
    out.Put(file.version, 4);
    out.Word(file.entry);
    out.Word(file.headers_offset != 0 ? file.headers_offset : header_size);
    out.Word(0);
    out.Put(0, 4);
    out.Put(header_size, 2);
    out.Put(file.entry_size != 0 ? file.entry_size : entry_size, 2);
    out.Put(file.headers_count >= 0 ? static_cast<uint64_t>(file.headers_count) : file.segments.size(), 2);
    uint64_t table = file.headers_offset != 0 ? file.headers_offset : header_size;
    for (size_t index = 0; index < file.segments.size() && table < file.size; index++) {
        out.Seek(table + index * entry_size);
        WriteSegment(out, file.segments[index], wide);
    }
    return bytes;
}

class Elf : public testing::TestWithParam<enum elf_class> {
  protected:
    // Text, then data with a bss behind it, with a note in between that nobody loads.
    File Good() {
        File file;
        file.format = GetParam();
        Segment text, note, data;
        text.flags = 5;
        text.address = text.physical = 0x80000000;
        text.file_size = text.memory_size = 0x1000;
        note.type = 4;
        note.offset = UINT32_MAX;
        data.flags = 6;
        data.offset = 0x1000;
        data.address = 0x80001000;
        data.physical = 0x90001000;
        data.file_size = 0x800;
        data.memory_size = 0x2000;
        file.segments = {text, note, data};
        return file;
    }

    uint64_t Limit() {
        return GetParam() == ELF_CLASS_32 ? UINT32_MAX : UINT64_MAX;
    }

    status_t Open(const std::vector<uint8_t> &bytes) {
        // In a block of its own and of its exact size, so that the sanitizer sees a byte too far.
        copy_.reset(new uint8_t[bytes.size()]);
        std::copy(bytes.begin(), bytes.end(), copy_.get());
        reason = "";
        return elf_open(copy_.get(), bytes.size(), GetParam(), &elf, &reason);
    }

    void ExpectRefused(const File &file, status_t status, const std::string &part) {
        std::memset(&elf, 0x5a, sizeof elf);
        EXPECT_EQ(Open(Build(file)), status) << part;
        EXPECT_NE(std::string(reason).find(part), std::string::npos) << "'" << reason << "' has no '" << part << "'";
        EXPECT_EQ(elf.entry, UINT64_C(0x5a5a5a5a5a5a5a5a)) << "out parameters are written only on STATUS_OK";
    }

    struct elf elf;
    const char *reason = "";

  private:
    std::unique_ptr<uint8_t[]> copy_;
};

TEST_P(Elf, DescribesAnExecutable) {
    ASSERT_EQ(Open(Build(Good())), STATUS_OK) << reason;
    EXPECT_EQ(elf.entry, 0x80000010u);
    EXPECT_EQ(elf.first_address, 0x80000000u);
    EXPECT_EQ(elf.last_address, 0x80002fffu);
    EXPECT_FALSE(elf.is_position_independent);

    uint32_t cursor = 0;
    struct elf_segment segment;
    ASSERT_TRUE(elf_next_segment(&elf, &cursor, &segment));
    EXPECT_EQ(segment.offset, 0u);
    EXPECT_EQ(segment.address, 0x80000000u);
    EXPECT_EQ(segment.physical_address, 0x80000000u);
    EXPECT_EQ(segment.file_size, 0x1000u);
    EXPECT_EQ(segment.memory_size, 0x1000u);
    EXPECT_TRUE(segment.is_readable && segment.is_executable && !segment.is_writable);
    ASSERT_TRUE(elf_next_segment(&elf, &cursor, &segment));
    EXPECT_EQ(segment.offset, 0x1000u);
    EXPECT_EQ(segment.address, 0x80001000u);
    EXPECT_EQ(segment.physical_address, 0x90001000u);
    EXPECT_EQ(segment.file_size, 0x800u);
    EXPECT_EQ(segment.memory_size, 0x2000u);
    EXPECT_TRUE(segment.is_readable && !segment.is_executable && segment.is_writable);
    EXPECT_FALSE(elf_next_segment(&elf, &cursor, &segment));
    EXPECT_FALSE(elf_next_segment(&elf, &cursor, &segment));
}

TEST_P(Elf, AcceptsStaticPositionIndependentOnes) {
    File file = Good();
    file.type = 3;
    file.entry = 0x10;
    file.segments[0].address = file.segments[0].physical = 0;
    file.segments[2].address = file.segments[2].physical = 0x1000;
    file.segments[1].type = 2; // PT_DYNAMIC: its relocations
    ASSERT_EQ(Open(Build(file)), STATUS_OK) << reason;
    EXPECT_TRUE(elf.is_position_independent);
    EXPECT_EQ(elf.first_address, 0u);
}

TEST_P(Elf, AcceptsAnImageAtAnOddAddress) {
    std::vector<uint8_t> bytes = Build(Good());
    bytes.insert(bytes.begin(), 0);
    ASSERT_EQ(elf_open(bytes.data() + 1, bytes.size() - 1, GetParam(), &elf, &reason), STATUS_OK) << reason;
    uint32_t cursor = 0;
    struct elf_segment segment;
    EXPECT_TRUE(elf_next_segment(&elf, &cursor, &segment));
}

TEST_P(Elf, AcceptsExecuteOnlyTextAndABssBehindTheFile) {
    File file = Good();
    file.segments[0].flags = 1;
    file.segments[2].offset = file.size;
    file.segments[2].file_size = 0;
    file.segments[2].alignment = 1;
    ASSERT_EQ(Open(Build(file)), STATUS_OK) << reason;
    uint32_t cursor = 0;
    struct elf_segment segment;
    ASSERT_TRUE(elf_next_segment(&elf, &cursor, &segment));
    EXPECT_TRUE(!segment.is_readable && segment.is_executable && !segment.is_writable);
    ASSERT_TRUE(elf_next_segment(&elf, &cursor, &segment));
    EXPECT_EQ(segment.file_size, 0u);
    EXPECT_EQ(segment.offset, file.size);
}

TEST_P(Elf, LeavesOutSegmentsWithoutMemory) {
    File file = Good();
    Segment empty;
    empty.address = Limit(); // would be out of order and wrap if it counted
    empty.alignment = 1;
    file.segments.insert(file.segments.begin(), empty);
    ASSERT_EQ(Open(Build(file)), STATUS_OK) << reason;
    uint32_t cursor = 0;
    struct elf_segment segment;
    ASSERT_TRUE(elf_next_segment(&elf, &cursor, &segment));
    EXPECT_EQ(segment.address, 0x80000000u);
}

TEST_P(Elf, AcceptsASegmentUpToTheEndOfTheAddressSpace) {
    File file = Good();
    file.segments[2].address = Limit() - 0xfff;
    file.segments[2].physical = Limit() - 0xfff;
    file.segments[2].memory_size = 0x1000;
    ASSERT_EQ(Open(Build(file)), STATUS_OK) << reason;
    EXPECT_EQ(elf.last_address, Limit());
    file.segments[2].memory_size = 0x1001;
    ExpectRefused(file, STATUS_CORRUPT, "wraps");
    file.segments[2].address = 0x80001000;
    ExpectRefused(file, STATUS_CORRUPT, "wraps");
}

TEST_P(Elf, RefusesWhatIsNoElf) {
    File file = Good();
    file.magic = "\177ELG";
    ExpectRefused(file, STATUS_INVALID, "not an ELF");
    file = Good();
    for (size_t size : {0, 3, 4, 15}) {
        file.size = size;
        ExpectRefused(file, STATUS_INVALID, "not an ELF");
    }
}

TEST_P(Elf, RefusesOtherKinds) {
    File file = Good();
    file.class_byte = GetParam() == ELF_CLASS_32 ? 2 : 1;
    ExpectRefused(file, STATUS_UNSUPPORTED, GetParam() == ELF_CLASS_32 ? "not a 32-bit" : "not a 64-bit");
    file = Good();
    file.class_byte = 3;
    ExpectRefused(file, STATUS_UNSUPPORTED, "-bit");
    file = Good();
    file.data = 2;
    ExpectRefused(file, STATUS_UNSUPPORTED, "little-endian");
    file = Good();
    file.ident_version = 0;
    ExpectRefused(file, STATUS_UNSUPPORTED, "version");
    file = Good();
    file.version = 2;
    ExpectRefused(file, STATUS_UNSUPPORTED, "version");
    file = Good();
    file.machine = 62;
    ExpectRefused(file, STATUS_UNSUPPORTED, "machine");
    for (uint16_t type : {0, 1, 4}) {
        file = Good();
        file.type = type;
        ExpectRefused(file, STATUS_UNSUPPORTED, "not an executable");
    }
    file = Good();
    file.segments[1].type = 3;
    ExpectRefused(file, STATUS_UNSUPPORTED, "interpreter");
}

TEST_P(Elf, RefusesABadHeader) {
    File file = Good();
    for (size_t size : {16, GetParam() == ELF_CLASS_32 ? 51 : 63}) {
        file.size = size;
        ExpectRefused(file, STATUS_CORRUPT, "cut short");
    }
    file.size = GetParam() == ELF_CLASS_32 ? 52 : 64;
    ExpectRefused(file, STATUS_CORRUPT, "headers lie outside");
    file = Good();
    file.entry_size = 40;
    ExpectRefused(file, STATUS_CORRUPT, "wrong size");
    file = Good();
    file.headers_count = 0xffff;
    ExpectRefused(file, STATUS_UNSUPPORTED, "too many");
}

TEST_P(Elf, RefusesAProgramHeaderTableOutsideTheFile) {
    size_t table_size = 3 * (GetParam() == ELF_CLASS_32 ? 32 : 56);
    File file = Good();
    file.headers_offset = file.size - table_size;
    EXPECT_EQ(Open(Build(file)), STATUS_OK) << reason;
    for (uint64_t offset :
         {file.size - table_size + 1, file.size, file.size + 1, size_t(Limit()), size_t(Limit() - 8)}) {
        file.headers_offset = offset;
        ExpectRefused(file, STATUS_CORRUPT, "headers lie outside");
    }
    file = Good();
    file.headers_count = 0xfffe;
    ExpectRefused(file, STATUS_CORRUPT, "headers lie outside");
}

TEST_P(Elf, RefusesSegmentsOutsideTheFile) {
    File file = Good();
    file.segments[2].offset = file.size - 0x800;
    file.segments[2].alignment = 1;
    EXPECT_EQ(Open(Build(file)), STATUS_OK) << reason;
    for (uint64_t offset : {file.size - 0x7ff, file.size, file.size + 1, size_t(Limit()), size_t(Limit() - 0x7ff)}) {
        file.segments[2].offset = offset;
        ExpectRefused(file, STATUS_CORRUPT, "segment lies outside");
    }
    file = Good();
    file.segments[2].file_size = Limit();
    file.segments[2].memory_size = Limit();
    ExpectRefused(file, STATUS_CORRUPT, "segment lies outside");
    file = Good();
    file.segments[2].memory_size = 0x7ff;
    ExpectRefused(file, STATUS_CORRUPT, "larger in the file");
}

TEST_P(Elf, ChecksAlignment) {
    File file = Good();
    for (uint64_t alignment : {0, 1, 2, 16, 0x1000}) {
        file.segments[2].alignment = alignment;
        EXPECT_EQ(Open(Build(file)), STATUS_OK) << alignment << reason;
    }
    file.segments[2].alignment = 0x2000;
    EXPECT_EQ(Open(Build(file)), STATUS_OK) << "address and offset agree modulo 8 KiB";
    for (uint64_t alignment : {3, 0x1001, 0x3000, 0x7fffffff}) {
        file.segments[2].alignment = alignment;
        ExpectRefused(file, STATUS_CORRUPT, "misaligned");
    }
    file.segments[2].alignment = 16;
    file.segments[2].address += 8;
    ExpectRefused(file, STATUS_CORRUPT, "misaligned");
}

TEST_P(Elf, RefusesOverlapAndDisorder) {
    File file = Good();
    file.segments[0].memory_size = 0x1001;
    ExpectRefused(file, STATUS_CORRUPT, "overlap");
    file = Good();
    std::swap(file.segments[0], file.segments[2]);
    ExpectRefused(file, STATUS_CORRUPT, "overlap");
    file = Good();
    file.segments.push_back(file.segments[2]);
    ExpectRefused(file, STATUS_CORRUPT, "overlap");
}

TEST_P(Elf, ChecksTheEntry) {
    File file = Good();
    for (uint64_t entry : {0x80000000, 0x80000ffe}) {
        file.entry = entry;
        EXPECT_EQ(Open(Build(file)), STATUS_OK) << reason;
    }
    file.segments[0].memory_size = 0xf01;
    file.segments[0].file_size = 0xf01;
    file.entry = 0x80000f00;
    EXPECT_EQ(Open(Build(file)), STATUS_OK) << "the last byte" << reason;
    for (uint64_t entry : {UINT64_C(0), UINT64_C(0x80000f02), UINT64_C(0x7ffffffe), UINT64_C(0x80000011),
                           UINT64_C(0x80001000), Limit()}) {
        file.entry = entry;
        ExpectRefused(file, STATUS_CORRUPT, "entry");
    }
}

TEST_P(Elf, RefusesNothingToLoad) {
    File file = Good();
    file.segments.clear();
    ExpectRefused(file, STATUS_CORRUPT, "nothing to load");
    file = Good();
    file.segments = {file.segments[1]};
    ExpectRefused(file, STATUS_CORRUPT, "nothing to load");
}

TEST_P(Elf, WhatIsAcceptedOfDamagedFilesIsInBounds) {
    std::mt19937_64 random(4);
    File file = Good();
    file.size = 0x1800;
    std::vector<uint8_t> good = Build(file);
    size_t accepted = 0;
    for (int step = 0; step < 20000; step++) {
        std::vector<uint8_t> bytes = good;
        for (unsigned flips = 1 + random() % 3; flips > 0; flips--) {
            bytes[random() % 256] = static_cast<uint8_t>(random() % 4 == 0 ? 0xff : random());
        }
        bytes.resize(random() % 8 == 0 ? random() % bytes.size() : bytes.size());
        if (Open(bytes) != STATUS_OK) {
            EXPECT_STRNE(reason, "");
            continue;
        }
        accepted++;
        uint32_t cursor = 0;
        struct elf_segment segment;
        while (elf_next_segment(&elf, &cursor, &segment)) {
            ASSERT_LE(segment.offset, bytes.size());
            ASSERT_LE(segment.file_size, bytes.size() - segment.offset);
            ASSERT_GE(segment.memory_size, segment.file_size);
            ASSERT_GE(segment.address, elf.first_address);
            ASSERT_LE(segment.address + (segment.memory_size - 1), elf.last_address);
        }
    }
    EXPECT_GT(accepted, 0u);
}

INSTANTIATE_TEST_SUITE_P(Classes, Elf, testing::Values(ELF_CLASS_32, ELF_CLASS_64),
                         [](const auto &info) { return info.param == ELF_CLASS_32 ? "Elf32" : "Elf64"; });

} // namespace
