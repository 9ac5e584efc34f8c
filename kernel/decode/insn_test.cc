// The expectations are a table of masks and values, one row per instruction, made from the manual's listings; the
// decoder has no such table. Every 16-bit instruction is tried, and every 32-bit one with each value of all fields that
// matter.
#include <cstdint>
#include <random>
#include <string>

#include <gtest/gtest.h>

extern "C" {
#include "kernel/decode/insn.h"
}

namespace {

enum Register { kRd, kRs2, kShort, kShortRs2 };

struct Row {
    const char *name;
    uint32_t mask;
    uint32_t match;
    unsigned xlens; // 1: rv32, 2: rv64
    enum insn_kind kind;
    uint8_t size;
    Register where;
    bool is_float;
    bool sign_extend;
};

constexpr unsigned kBoth = 3, k32 = 1, k64 = 2;

const Row kShortRows[] = {
    {"c.fld", 0xe003, 0x2000, kBoth, INSN_LOAD, 8, kShort, true, false},
    {"c.lw", 0xe003, 0x4000, kBoth, INSN_LOAD, 4, kShort, false, true},
    {"c.flw", 0xe003, 0x6000, k32, INSN_LOAD, 4, kShort, true, false},
    {"c.ld", 0xe003, 0x6000, k64, INSN_LOAD, 8, kShort, false, true},
    {"c.lbu", 0xfc03, 0x8000, kBoth, INSN_LOAD, 1, kShort, false, false},
    {"c.lhu", 0xfc43, 0x8400, kBoth, INSN_LOAD, 2, kShort, false, false},
    {"c.lh", 0xfc43, 0x8440, kBoth, INSN_LOAD, 2, kShort, false, true},
    {"c.sb", 0xfc03, 0x8800, kBoth, INSN_STORE, 1, kShort, false, false},
    {"c.sh", 0xfc43, 0x8c00, kBoth, INSN_STORE, 2, kShort, false, false},
    {"c.fsd", 0xe003, 0xa000, kBoth, INSN_STORE, 8, kShort, true, false},
    {"c.sw", 0xe003, 0xc000, kBoth, INSN_STORE, 4, kShort, false, false},
    {"c.fsw", 0xe003, 0xe000, k32, INSN_STORE, 4, kShort, true, false},
    {"c.sd", 0xe003, 0xe000, k64, INSN_STORE, 8, kShort, false, false},
    {"c.fldsp", 0xe003, 0x2002, kBoth, INSN_LOAD, 8, kRd, true, false},
    {"reserved c.lwsp x0", 0xef83, 0x4002, kBoth, INSN_OTHER, 0, kRd, false, false},
    {"c.lwsp", 0xe003, 0x4002, kBoth, INSN_LOAD, 4, kRd, false, true},
    {"c.flwsp", 0xe003, 0x6002, k32, INSN_LOAD, 4, kRd, true, false},
    {"reserved c.ldsp x0", 0xef83, 0x6002, k64, INSN_OTHER, 0, kRd, false, false},
    {"c.ldsp", 0xe003, 0x6002, k64, INSN_LOAD, 8, kRd, false, true},
    {"c.fsdsp", 0xe003, 0xa002, kBoth, INSN_STORE, 8, kShortRs2, true, false},
    {"c.swsp", 0xe003, 0xc002, kBoth, INSN_STORE, 4, kShortRs2, false, false},
    {"c.fswsp", 0xe003, 0xe002, k32, INSN_STORE, 4, kShortRs2, true, false},
    {"c.sdsp", 0xe003, 0xe002, k64, INSN_STORE, 8, kShortRs2, false, false},
};

#define AMO_ROWS(name, funct5)                                                                      \
    {name ".b", 0xf800707f, 0x0000002f | funct5 << 27, kBoth, INSN_AMO, 1, kRd, false, true},       \
        {name ".h", 0xf800707f, 0x0000102f | funct5 << 27, kBoth, INSN_AMO, 2, kRd, false, true},   \
        {name ".w", 0xf800707f, 0x0000202f | funct5 << 27, kBoth, INSN_AMO, 4, kRd, false, true}, { \
        name ".d", 0xf800707f, 0x0000302f | funct5 << 27, k64, INSN_AMO, 8, kRd, false, true        \
    }

const Row kFullRows[] = {
    {"lb", 0x707f, 0x0003, kBoth, INSN_LOAD, 1, kRd, false, true},
    {"lh", 0x707f, 0x1003, kBoth, INSN_LOAD, 2, kRd, false, true},
    {"lw", 0x707f, 0x2003, kBoth, INSN_LOAD, 4, kRd, false, true},
    {"ld", 0x707f, 0x3003, k64, INSN_LOAD, 8, kRd, false, true},
    {"lbu", 0x707f, 0x4003, kBoth, INSN_LOAD, 1, kRd, false, false},
    {"lhu", 0x707f, 0x5003, kBoth, INSN_LOAD, 2, kRd, false, false},
    {"lwu", 0x707f, 0x6003, k64, INSN_LOAD, 4, kRd, false, false},
    {"sb", 0x707f, 0x0023, kBoth, INSN_STORE, 1, kRs2, false, false},
    {"sh", 0x707f, 0x1023, kBoth, INSN_STORE, 2, kRs2, false, false},
    {"sw", 0x707f, 0x2023, kBoth, INSN_STORE, 4, kRs2, false, false},
    {"sd", 0x707f, 0x3023, k64, INSN_STORE, 8, kRs2, false, false},
    {"flh", 0x707f, 0x1007, kBoth, INSN_LOAD, 2, kRd, true, false},
    {"flw", 0x707f, 0x2007, kBoth, INSN_LOAD, 4, kRd, true, false},
    {"fld", 0x707f, 0x3007, kBoth, INSN_LOAD, 8, kRd, true, false},
    {"fsh", 0x707f, 0x1027, kBoth, INSN_STORE, 2, kRs2, true, false},
    {"fsw", 0x707f, 0x2027, kBoth, INSN_STORE, 4, kRs2, true, false},
    {"fsd", 0x707f, 0x3027, kBoth, INSN_STORE, 8, kRs2, true, false},
    {"lr.w", 0xf9f0707f, 0x1000202f, kBoth, INSN_LOAD_RESERVED, 4, kRd, false, true},
    {"lr.d", 0xf9f0707f, 0x1000302f, k64, INSN_LOAD_RESERVED, 8, kRd, false, true},
    {"sc.w", 0xf800707f, 0x1800202f, kBoth, INSN_STORE_CONDITIONAL, 4, kRd, false, true},
    {"sc.d", 0xf800707f, 0x1800302f, k64, INSN_STORE_CONDITIONAL, 8, kRd, false, true},
    AMO_ROWS("amoswap", 0x01u),
    AMO_ROWS("amoadd", 0x00u),
    AMO_ROWS("amoxor", 0x04u),
    AMO_ROWS("amoand", 0x0cu),
    AMO_ROWS("amoor", 0x08u),
    AMO_ROWS("amomin", 0x10u),
    AMO_ROWS("amomax", 0x14u),
    AMO_ROWS("amominu", 0x18u),
    AMO_ROWS("amomaxu", 0x1cu),
    AMO_ROWS("amocas", 0x05u),
    {"amocas.d (pair)", 0xf800707f, 0x2800302f, k32, INSN_AMO, 8, kRd, false, true},
    {"amocas.q", 0xf800707f, 0x2800402f, k64, INSN_AMO, 16, kRd, false, true},
};

template <size_t N> const Row *Find(const Row (&rows)[N], uint32_t bits, unsigned xlen) {
    for (const Row &row : rows) {
        if ((bits & row.mask) == row.match && (row.xlens & (xlen == 64 ? k64 : k32)) != 0) {
            return &row;
        }
    }
    return nullptr;
}

unsigned RegisterOf(const Row &row, uint32_t bits) {
    switch (row.where) {
    case kRd:
        return bits >> 7 & 31;
    case kRs2:
        return bits >> 20 & 31;
    case kShort:
        return 8 + (bits >> 2 & 7);
    case kShortRs2:
        return bits >> 2 & 31;
    }
    return 0;
}

void Check(const Row *row, uint32_t bits, unsigned xlen, unsigned length) {
    struct insn_access access = insn_decode(bits, xlen);
    std::string where = std::string(row != nullptr ? row->name : "none") + " rv" + std::to_string(xlen);
    enum insn_kind kind = row != nullptr ? row->kind : INSN_OTHER;
    ASSERT_EQ(access.kind, kind) << where << std::hex << " " << bits;
    ASSERT_EQ(access.length, length) << where << std::hex << " " << bits;
    if (kind == INSN_OTHER) {
        return;
    }
    ASSERT_EQ(access.size, row->size) << where;
    ASSERT_EQ(access.register_index, RegisterOf(*row, bits)) << where << std::hex << " " << bits;
    ASSERT_EQ(access.is_float, row->is_float) << where;
    ASSERT_EQ(access.sign_extend, row->sign_extend) << where;
    ASSERT_EQ(access.is_store, kind != INSN_LOAD && kind != INSN_LOAD_RESERVED) << where;
}

class Insn : public testing::TestWithParam<unsigned> {};

TEST_P(Insn, EveryCompressedInstruction) {
    for (uint32_t bits = 0; bits < 0x10000; bits++) {
        if ((bits & 3) != 3) {
            ASSERT_NO_FATAL_FAILURE(Check(Find(kShortRows, bits, GetParam()), bits, GetParam(), 2));
        }
    }
}

TEST_P(Insn, TheHighHalfOfACompressedInstructionDoesNotMatter) {
    std::mt19937 random(9);
    for (uint32_t bits = 0; bits < 0x10000; bits++) {
        if ((bits & 3) != 3) {
            uint32_t wide = bits | static_cast<uint32_t>(random()) << 16;
            ASSERT_NO_FATAL_FAILURE(Check(Find(kShortRows, bits, GetParam()), wide, GetParam(), 2));
        }
    }
}

// funct5, funct3 and opcode in full; rd, rs1, rs2, aq and rl at random.
TEST_P(Insn, EveryOpcodeAndFunction) {
    std::mt19937 random(10);
    for (uint32_t funct5 = 0; funct5 < 32; funct5++) {
        for (uint32_t funct3 = 0; funct3 < 8; funct3++) {
            for (uint32_t opcode = 3; opcode < 128; opcode += 4) {
                for (int sample = 0; sample < 8; sample++) {
                    uint32_t rest = static_cast<uint32_t>(random()) & 0x07ff8f80;
                    rest &= sample % 2 == 0 ? ~0x01f00000u : ~0u; // rs2 = 0, as LR has it
                    uint32_t bits = funct5 << 27 | funct3 << 12 | opcode | rest;
                    bool is_longer = (opcode & 0x1c) == 0x1c;
                    const Row *row = is_longer ? nullptr : Find(kFullRows, bits, GetParam());
                    ASSERT_NO_FATAL_FAILURE(Check(row, bits, GetParam(), is_longer ? 0 : 4));
                }
            }
        }
    }
}

TEST_P(Insn, RandomBits) {
    std::mt19937 random(11);
    for (int step = 0; step < 1000000; step++) {
        uint32_t bits = static_cast<uint32_t>(random()) | 3;
        bool is_longer = (bits & 0x1c) == 0x1c;
        const Row *row = is_longer ? nullptr : Find(kFullRows, bits, GetParam());
        ASSERT_NO_FATAL_FAILURE(Check(row, bits, GetParam(), is_longer ? 0 : 4));
    }
}

INSTANTIATE_TEST_SUITE_P(Xlens, Insn, testing::Values(32u, 64u),
                         [](const auto &info) { return "Rv" + std::to_string(info.param); });

struct PlaceExample {
    const char *text;
    uint32_t bits;
    unsigned xlen;
    unsigned base;
    int offset;
};

// As the assembler encodes them.
const PlaceExample kPlaces[] = {
    {"lb a0, -1(a5)", 0xfff78503, 32, 15, -1},     {"lbu s0, 7(s1)", 0x0074c403, 32, 9, 7},
    {"lw a0, 2047(sp)", 0x7ff12503, 32, 2, 2047},  {"lh t6, -2048(t5)", 0x800f1f83, 32, 30, -2048},
    {"sb a2, 2(a5)", 0x00c78123, 32, 15, 2},       {"sw a0, -2048(a1)", 0x80a5a023, 32, 11, -2048},
    {"sh t6, 2047(t5)", 0x7fff1fa3, 32, 30, 2047}, {"sw a0, -4(s0)", 0xfea42e23, 32, 8, -4},
    {"ld a0, -8(a5)", 0xff87b503, 64, 15, -8},     {"sd a0, 2040(a5)", 0x7ea7bc23, 64, 15, 2040},
    {"c.lw a0, 4(s0)", 0x4048, 32, 8, 4},          {"c.lw a5, 64(a1)", 0x41bc, 32, 11, 64},
    {"c.lw a5, 124(a1)", 0x5dfc, 32, 11, 124},     {"c.lw a5, 56(a1)", 0x5d9c, 32, 11, 56},
    {"c.sw a0, 68(s1)", 0xc0e8, 32, 9, 68},        {"c.lwsp a0, 4(sp)", 0x4512, 32, 2, 4},
    {"c.lwsp a0, 28(sp)", 0x4572, 32, 2, 28},      {"c.lwsp a0, 32(sp)", 0x5502, 32, 2, 32},
    {"c.lwsp a0, 192(sp)", 0x450e, 32, 2, 192},    {"c.swsp a0, 60(sp)", 0xde2a, 32, 2, 60},
    {"c.swsp a0, 192(sp)", 0xc1aa, 32, 2, 192},    {"c.lbu a0, 1(a1)", 0x81c8, 32, 11, 1},
    {"c.lbu a0, 2(a1)", 0x81a8, 32, 11, 2},        {"c.lhu a0, 2(a1)", 0x85a8, 32, 11, 2},
    {"c.lh a0, 2(a1)", 0x85e8, 32, 11, 2},         {"c.sb a2, 2(a5)", 0x8bb0, 32, 15, 2},
    {"c.sb a0, 3(a1)", 0x89e8, 32, 11, 3},         {"c.sh a0, 2(a1)", 0x8da8, 32, 11, 2},
    {"c.ld a0, 56(a1)", 0x7d88, 64, 11, 56},       {"c.ld a0, 64(a1)", 0x61a8, 64, 11, 64},
    {"c.ld a0, 128(a1)", 0x61c8, 64, 11, 128},     {"c.sd a0, 248(a1)", 0xfde8, 64, 11, 248},
    {"c.ldsp a0, 24(sp)", 0x6562, 64, 2, 24},      {"c.ldsp a0, 32(sp)", 0x7502, 64, 2, 32},
    {"c.ldsp a0, 448(sp)", 0x651e, 64, 2, 448},    {"c.sdsp a0, 56(sp)", 0xfc2a, 64, 2, 56},
    {"c.sdsp a0, 448(sp)", 0xe3aa, 64, 2, 448},
};

TEST(InsnExamples, WhereTheAccessLies) {
    for (const PlaceExample &example : kPlaces) {
        struct insn_access access = insn_decode(example.bits, example.xlen);
        struct insn_place place = insn_place(example.bits, &access);
        EXPECT_EQ(place.base_index, example.base) << example.text;
        EXPECT_EQ(place.offset, example.offset) << example.text;
    }
}

TEST(InsnExamples, AsLinuxWritesThem) {
    struct insn_access access = insn_decode(0x00c78123, 64); // sb a2,2(a5)
    EXPECT_EQ(access.kind, INSN_STORE);
    EXPECT_EQ(access.size, 1);
    EXPECT_EQ(access.register_index, 12);
    access = insn_decode(0x00050503, 64); // lb a0,0(a0)
    EXPECT_EQ(access.kind, INSN_LOAD);
    EXPECT_TRUE(access.sign_extend);
    EXPECT_EQ(access.register_index, 10);
    access = insn_decode(0x4188, 64); // c.lw a0,0(a1)
    EXPECT_EQ(access.kind, INSN_LOAD);
    EXPECT_EQ(access.length, 2);
    EXPECT_EQ(access.register_index, 10);
    EXPECT_EQ(insn_decode(0, 64).kind, INSN_OTHER) << "the illegal instruction";
    EXPECT_EQ(insn_decode(0xffffffff, 64).length, 0);
    EXPECT_EQ(insn_decode(0x10500073, 64).kind, INSN_OTHER) << "wfi";
}

} // namespace
