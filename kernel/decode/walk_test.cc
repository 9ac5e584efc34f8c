#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

extern "C" {
#include "kernel/decode/walk.h"
}

namespace {

constexpr uint64_t kV = 1, kR = 2, kW = 4, kX = 8, kU = 16, kG = 32, kA = 64, kD = 128, kRsw = 0x300;
constexpr uint64_t kN = UINT64_C(1) << 63;
constexpr uint64_t kFull = kV | kR | kW | kX | kA | kD; // an S page with everything

uint64_t Pbmt(uint64_t type) {
    return type << 61;
}

// Memory as the PTEs in it; an address without one cannot be read.
struct Memory {
    std::map<uint64_t, uint64_t> ptes;
    size_t expected_size = 8;
    int reads = 0;
};

status_t ReadPte(void *reader, gpaddr_t address, size_t size, uint64_t *out_pte) {
    Memory *memory = static_cast<Memory *>(reader);
    memory->reads++;
    EXPECT_EQ(size, memory->expected_size);
    EXPECT_EQ(address.value % size, 0u);
    auto found = memory->ptes.find(address.value);
    if (found == memory->ptes.end()) {
        return STATUS_FAULT;
    }
    *out_pte = found->second;
    return STATUS_OK;
}

struct SchemeCase {
    const char *name;
    unsigned xlen;
    uint64_t mode;
    unsigned levels;
    unsigned index_bits;
    unsigned pte_size;
    unsigned address_bits;
    unsigned physical_bits;
};

const SchemeCase kSchemes[] = {
    {"Sv32", 32, 1, 2, 10, 4, 32, 34},
    {"Sv39", 64, 8, 3, 9, 8, 39, 56},
    {"Sv48", 64, 9, 4, 9, 8, 48, 56},
    {"Sv57", 64, 10, 5, 9, 8, 57, 56},
};

class Walk : public testing::TestWithParam<SchemeCase> {
  protected:
    void SetUp() override {
        const SchemeCase &scheme = GetParam();
        uint64_t satp = scheme.xlen == 32 ? UINT64_C(1) << 31 | 0x155 << 22 | kRoot >> 12
                                          : scheme.mode << 60 | UINT64_C(0xabcd) << 44 | kRoot >> 12;
        context = {};
        context.scheme = walk_scheme_of_satp(satp, scheme.xlen);
        context.root = walk_root_of_satp(satp, scheme.xlen);
        memory.expected_size = scheme.pte_size;
        ASSERT_NE(context.scheme, nullptr);
        ASSERT_STREQ(context.scheme->name, scheme.name);
        ASSERT_EQ(context.root.value, kRoot);
    }

    uint64_t PageSize(unsigned level) {
        return UINT64_C(1) << (12 + level * GetParam().index_bits);
    }

    // A PTE that points at, or maps, a physical address.
    uint64_t Pte(uint64_t physical, uint64_t flags) {
        return physical >> 12 << 10 | flags;
    }

    // Where the PTE for an address is at a level, tables one after the other from the root on.
    uint64_t Place(uint64_t address, unsigned level) {
        const SchemeCase &scheme = GetParam();
        uint64_t index = address >> (12 + level * scheme.index_bits) & ((UINT64_C(1) << scheme.index_bits) - 1);
        return kRoot + (scheme.levels - 1 - level) * 0x1000 + index * scheme.pte_size;
    }

    // Puts a PTE for the address at a level, and pointers above it.
    void Map(uint64_t address, unsigned level, uint64_t pte) {
        memory.ptes.clear();
        for (unsigned above = GetParam().levels - 1; above > level; above--) {
            memory.ptes[Place(address, above)] = Pte(kRoot + (GetParam().levels - above) * 0x1000, kV);
        }
        memory.ptes[Place(address, level)] = pte;
    }

    status_t Translate(uint64_t address, enum walk_access access) {
        memory.reads = 0;
        struct walk_result before = {gpaddr(77), 77};
        result = before;
        status_t status = walk_translate(&context, address, access, ReadPte, &memory, &result);
        if (status != STATUS_OK) {
            EXPECT_EQ(result.address.value, 77u) << "out parameters are written only on STATUS_OK";
        }
        EXPECT_LE(memory.reads, static_cast<int>(GetParam().levels));
        return status;
    }

    // Whether a page with these flags lets an access through.
    bool Allows(uint64_t flags, enum walk_access access) {
        Map(kAddress, 0, Pte(kPhysical, flags));
        status_t status = Translate(kAddress, access);
        EXPECT_TRUE(status == STATUS_OK || status == STATUS_DENIED);
        return status == STATUS_OK;
    }

    static constexpr uint64_t kRoot = 0x80200000, kAddress = 0x40c05678, kPhysical = 0x81234000;

    struct walk_context context;
    struct walk_result result;
    Memory memory;
};

TEST_P(Walk, TranslatesPagesOfEverySize) {
    for (unsigned level = 0; level < GetParam().levels; level++) {
        uint64_t size = PageSize(level);
        // The highest page of physical memory of this size, unless there is none in 56 bits.
        uint64_t physical = (UINT64_C(1) << GetParam().physical_bits) - size;
        Map(kAddress, level, Pte(physical, kFull));
        ASSERT_EQ(Translate(kAddress, WALK_LOAD), STATUS_OK) << level;
        EXPECT_EQ(result.address.value, physical | (kAddress & (size - 1)));
        EXPECT_EQ(result.page_size, size);
        EXPECT_EQ(memory.reads, static_cast<int>(GetParam().levels - level));
    }
}

TEST_P(Walk, RefusesMisalignedSuperpages) {
    for (unsigned level = 1; level < GetParam().levels; level++) {
        for (uint64_t bit = 0x1000; bit < PageSize(level); bit <<= 1) {
            Map(kAddress, level, Pte(bit, kFull));
            EXPECT_EQ(Translate(kAddress, WALK_LOAD), STATUS_DENIED) << level << " " << bit;
        }
    }
}

TEST_P(Walk, AddressesAreCanonical) {
    unsigned bits = GetParam().address_bits;
    uint64_t low_top = (UINT64_C(1) << (bits - 1)) - 1;
    Map(low_top, 0, Pte(kPhysical, kFull));
    EXPECT_EQ(Translate(low_top, WALK_LOAD), STATUS_OK);
    Map(low_top + 1, 0, Pte(kPhysical, kFull));
    if (GetParam().xlen == 32) {
        EXPECT_EQ(Translate(low_top + 1, WALK_LOAD), STATUS_OK) << "the upper half of 32 bits";
        EXPECT_EQ(Translate(UINT64_C(1) << 32 | kAddress, WALK_LOAD), STATUS_DENIED);
        EXPECT_EQ(Translate(~UINT64_C(0) << 31, WALK_LOAD), STATUS_DENIED) << "registers are zero-extended";
        return;
    }
    EXPECT_EQ(Translate(low_top + 1, WALK_LOAD), STATUS_DENIED);
    EXPECT_EQ(Translate(~low_top, WALK_LOAD), STATUS_OK) << "the same bits, sign-extended";
    for (unsigned bit = bits; bit < 64; bit++) {
        EXPECT_EQ(Translate(~low_top ^ UINT64_C(1) << bit, WALK_LOAD), STATUS_DENIED) << bit;
        EXPECT_EQ(Translate(low_top ^ UINT64_C(1) << bit, WALK_LOAD), STATUS_DENIED) << bit;
    }
    EXPECT_EQ(memory.reads, 0);
}

TEST_P(Walk, FailsWhereATableCannotBeRead) {
    for (unsigned level = 0; level < GetParam().levels; level++) {
        Map(kAddress, 0, Pte(kPhysical, kFull));
        memory.ptes.erase(Place(kAddress, level));
        EXPECT_EQ(Translate(kAddress, WALK_LOAD), STATUS_FAULT) << level;
    }
}

TEST_P(Walk, APointerAtTheLastLevelIsAFault) {
    Map(kAddress, 0, Pte(kPhysical, kV));
    EXPECT_EQ(Translate(kAddress, WALK_LOAD), STATUS_DENIED);
    EXPECT_EQ(memory.reads, static_cast<int>(GetParam().levels));
}

TEST_P(Walk, RefusesInvalidAndReservedEncodingsAtEveryLevel) {
    for (unsigned level = 0; level < GetParam().levels; level++) {
        for (uint64_t flags : {UINT64_C(0), kFull & ~kV, kV | kW, kV | kW | kX, kV | kW | kX | kA | kD | kU}) {
            Map(kAddress, level, Pte(0, flags));
            EXPECT_EQ(Translate(kAddress, WALK_LOAD), STATUS_DENIED) << level << " " << flags;
        }
        Map(kAddress, level, Pte(0, kFull | kG | kRsw));
        EXPECT_EQ(Translate(kAddress, WALK_LOAD), STATUS_OK) << "G and RSW mean nothing here";
    }
    for (uint64_t flag : {kU, kA, kD}) {
        Map(kAddress, 0, Pte(kPhysical, kFull));
        memory.ptes[Place(kAddress, 1)] |= flag;
        EXPECT_EQ(Translate(kAddress, WALK_LOAD), STATUS_DENIED) << "reserved in a pointer: " << flag;
    }
    Map(kAddress, 0, Pte(kPhysical, kFull));
    memory.ptes[Place(kAddress, 1)] |= kG | kRsw;
    EXPECT_EQ(Translate(kAddress, WALK_LOAD), STATUS_OK);
}

TEST_P(Walk, HighBits) {
    if (GetParam().pte_size == 4) {
        return;
    }
    for (unsigned bit = 54; bit < 64; bit++) {
        for (unsigned level = 0; level < 2; level++) {
            Map(kAddress, level, Pte(0, kFull) | UINT64_C(1) << bit);
            EXPECT_EQ(Translate(kAddress, WALK_LOAD), STATUS_DENIED) << bit;
            Map(kAddress, 0, Pte(kPhysical, kFull));
            memory.ptes[Place(kAddress, 1)] |= UINT64_C(1) << bit;
            EXPECT_EQ(Translate(kAddress, WALK_LOAD), STATUS_DENIED) << "in a pointer: " << bit;
        }
    }
}

TEST_P(Walk, MemoryTypes) {
    if (GetParam().pte_size == 4) {
        return;
    }
    context.has_pbmt = true;
    for (unsigned level = 0; level < GetParam().levels; level++) {
        for (uint64_t type = 0; type < 4; type++) {
            Map(kAddress, level, Pte(0, kFull) | Pbmt(type));
            EXPECT_EQ(Translate(kAddress, WALK_LOAD), type < 3 ? STATUS_OK : STATUS_DENIED) << type;
            EXPECT_TRUE(type == 3 || result.address.value < PageSize(level)) << "no part of the address";
        }
    }
    Map(kAddress, 0, Pte(kPhysical, kFull));
    memory.ptes[Place(kAddress, 1)] |= Pbmt(1);
    EXPECT_EQ(Translate(kAddress, WALK_LOAD), STATUS_DENIED) << "reserved in a pointer";
    Map(kAddress, 0, Pte(kPhysical, kFull) | kN);
    EXPECT_EQ(Translate(kAddress, WALK_LOAD), STATUS_DENIED) << "N is another extension";
    for (unsigned bit = 54; bit < 61; bit++) {
        Map(kAddress, 0, Pte(kPhysical, kFull) | UINT64_C(1) << bit);
        EXPECT_EQ(Translate(kAddress, WALK_LOAD), STATUS_DENIED) << bit;
    }
}

TEST_P(Walk, Napot) {
    if (GetParam().pte_size == 4) {
        return;
    }
    context.has_napot = true;
    for (uint64_t low = 0; low < 16; low++) {
        Map(kAddress, 0, Pte(0x81230000 | low << 12, kFull) | kN);
        ASSERT_EQ(Translate(kAddress, WALK_LOAD), low == 8 ? STATUS_OK : STATUS_DENIED) << low;
        if (low == 8) {
            EXPECT_EQ(result.address.value, 0x81230000u | (kAddress & 0xffff));
            EXPECT_EQ(result.page_size, 0x10000u);
        }
    }
    Map(kAddress, 1, Pte(0, kFull) | kN);
    EXPECT_EQ(Translate(kAddress, WALK_LOAD), STATUS_DENIED) << "only at level 0";
    Map(kAddress, 1, Pte(0x8000, kFull) | kN);
    EXPECT_EQ(Translate(kAddress, WALK_LOAD), STATUS_DENIED);
    Map(kAddress, 0, Pte(kPhysical, kFull));
    memory.ptes[Place(kAddress, 1)] |= kN;
    EXPECT_EQ(Translate(kAddress, WALK_LOAD), STATUS_DENIED) << "reserved in a pointer";
    Map(kAddress, 0, Pte(kPhysical, kFull) | Pbmt(1));
    EXPECT_EQ(Translate(kAddress, WALK_LOAD), STATUS_DENIED) << "PBMT is another extension";
}

TEST_P(Walk, AccessedAndDirtyAreTheHartsAffair) {
    for (enum walk_access access : {WALK_LOAD, WALK_STORE, WALK_FETCH}) {
        EXPECT_TRUE(Allows(kFull, access));
        EXPECT_TRUE(Allows(kFull & ~kA, access));
        EXPECT_TRUE(Allows(kFull & ~kD, access));
    }
}

// Every combination of R W X U with every state, against the manual's sentences.
TEST_P(Walk, Permissions) {
    for (unsigned bits = 0; bits < 256; bits++) {
        uint64_t flags = kV | kA | kD | ((bits & 1) != 0 ? kR : 0) | ((bits & 2) != 0 ? kW : 0) |
                         ((bits & 4) != 0 ? kX : 0) | ((bits & 8) != 0 ? kU : 0);
        context.is_user = (bits & 16) != 0;
        context.sum = (bits & 32) != 0;
        context.mxr = (bits & 64) != 0;
        enum walk_access accesses[] = {(bits & 128) != 0 ? WALK_FETCH : WALK_LOAD, WALK_STORE};
        for (enum walk_access access : accesses) {
            bool readable = (flags & kR) != 0 || (context.mxr && (flags & kX) != 0);
            bool permitted = access == WALK_LOAD ? readable : (flags & (access == WALK_STORE ? kW : kX)) != 0;
            bool user_page = (flags & kU) != 0;
            bool privileged = context.is_user ? user_page : !user_page || (context.sum && access != WALK_FETCH);
            bool encoded = (flags & (kR | kX)) != 0 && ((flags & kW) == 0 || (flags & kR) != 0);
            EXPECT_EQ(Allows(flags, access), permitted && privileged && encoded) << bits << " " << access;
        }
    }
}

TEST_P(Walk, RandomTablesStayInsideTheGuestsAddresses) {
    std::mt19937_64 random(GetParam().address_bits);
    size_t translated = 0;
    for (int step = 0; step < 20000; step++) {
        unsigned level = static_cast<unsigned>(random() % GetParam().levels);
        Map(kAddress, level, kFull);
        for (auto &[place, pte] : memory.ptes) {
            if (random() % 3 == 0) {
                pte = random() & (random() % 2 == 0 ? ~UINT64_C(0) >> 10 : ~UINT64_C(0));
                pte &= GetParam().pte_size == 4 ? UINT32_MAX : UINT64_MAX;
            }
        }
        context.has_napot = random() % 2 != 0;
        context.has_pbmt = random() % 2 != 0;
        context.is_user = random() % 2 != 0;
        if (Translate(kAddress, static_cast<enum walk_access>(random() % 3)) == STATUS_OK) {
            translated++;
            EXPECT_LT(result.address.value, UINT64_C(1) << GetParam().physical_bits);
            EXPECT_EQ((result.address.value ^ kAddress) & 0xfff, 0u);
        }
    }
    EXPECT_GT(translated, 0u);
}

INSTANTIATE_TEST_SUITE_P(Schemes, Walk, testing::ValuesIn(kSchemes),
                         [](const auto &info) { return std::string(info.param.name); });

TEST(WalkScheme, OfSatp) {
    EXPECT_STREQ(walk_scheme_of_satp(0, 32)->name, "Bare");
    EXPECT_STREQ(walk_scheme_of_satp(0x7fffffff, 32)->name, "Bare");
    EXPECT_STREQ(walk_scheme_of_satp(0x80000000, 32)->name, "Sv32");
    EXPECT_STREQ(walk_scheme_of_satp(0, 64)->name, "Bare");
    for (uint64_t mode = 0; mode < 16; mode++) {
        EXPECT_EQ(walk_scheme_of_satp(mode << 60, 64) != nullptr, mode == 0 || (mode >= 8 && mode <= 10)) << mode;
    }
    EXPECT_EQ(walk_root_of_satp(0xffffffff, 32).value, UINT64_C(0x3fffff000));
    EXPECT_EQ(walk_root_of_satp(UINT64_MAX, 64).value, UINT64_C(0xfffffffffff000));
}

TEST(WalkScheme, BareIsTheIdentity) {
    for (unsigned xlen : {32u, 64u}) {
        struct walk_context context = {};
        context.scheme = walk_scheme_of_satp(0, xlen);
        struct walk_result result = {};
        Memory memory;
        uint64_t size = UINT64_C(1) << (xlen == 32 ? 32 : 56);
        ASSERT_EQ(walk_translate(&context, size - 1, WALK_FETCH, ReadPte, &memory, &result), STATUS_OK);
        EXPECT_EQ(result.address.value, size - 1);
        EXPECT_EQ(result.page_size, size);
        EXPECT_EQ(walk_translate(&context, size, WALK_FETCH, ReadPte, &memory, &result), STATUS_INVALID);
        EXPECT_EQ(memory.reads, 0);
    }
}

} // namespace
