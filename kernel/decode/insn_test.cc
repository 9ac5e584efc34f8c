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
