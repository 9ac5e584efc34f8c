#include <algorithm>
#include <cctype>
#include <cstdint>
#include <cstring>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

extern "C" {
#include "lib/isa.h"
}

namespace {

using namespace std::string_literals;

#define ISA_TEST_ID(id, name, policy) ISA_##id,
const enum isa_extension kAll[] = {ISA_EXTENSION_LIST(ISA_TEST_ID)};
#undef ISA_TEST_ID

struct isa Parse(const std::string &text) {
    struct isa isa = {};
    // Without a NUL behind it: the parser is told the size.
    std::vector<char> bytes(text.begin(), text.end());
    EXPECT_EQ(isa_parse(bytes.data(), bytes.size(), &isa), STATUS_OK) << text;
    return isa;
}

std::string Format(const struct isa &isa) {
    char text[ISA_TEXT_SIZE];
    size_t wanted = isa_format(&isa, text, sizeof text);
    EXPECT_LT(wanted, sizeof text);
    EXPECT_EQ(std::strlen(text), wanted);
    return text;
}

// What the string means, in canonical form.
std::string Canonical(const std::string &text) {
    return Format(Parse(text));
}

bool Has(const struct isa &isa, enum isa_extension extension) {
    return isa_has(&isa, extension);
}

struct isa Only(const std::vector<enum isa_extension> &extensions) {
    struct isa isa;
    isa_init(&isa, 64);
    for (enum isa_extension extension : extensions) {
        isa_add(&isa, extension);
    }
    return isa;
}

TEST(IsaTable, NamesAreLowerCaseDistinctAndFound) {
    std::set<std::string> names;
    EXPECT_EQ(std::size(kAll), static_cast<size_t>(ISA_EXTENSION_COUNT));
    for (enum isa_extension extension : kAll) {
        std::string name = isa_name(extension);
        EXPECT_TRUE(names.insert(name).second) << name;
        EXPECT_TRUE(std::all_of(name.begin(), name.end(), [](char c) { return std::islower(c) || std::isdigit(c); }));
        EXPECT_FALSE(std::isdigit(name.back())) << name << " would be taken for one with a version";
        enum isa_extension found;
        ASSERT_EQ(isa_find(name.data(), name.size(), &found), STATUS_OK);
        EXPECT_EQ(found, extension);
        std::string upper = name;
        std::transform(upper.begin(), upper.end(), upper.begin(), [](char c) { return std::toupper(c); });
        ASSERT_EQ(isa_find(upper.data(), upper.size(), &found), STATUS_OK);
        EXPECT_EQ(found, extension);
    }
    enum isa_extension found = ISA_I;
    EXPECT_EQ(isa_find("zicsrx", 6, &found), STATUS_NOT_FOUND);
    EXPECT_EQ(isa_find("zics", 4, &found), STATUS_NOT_FOUND);
    EXPECT_EQ(isa_find("", 0, &found), STATUS_NOT_FOUND);
}

// Unprivileged manual, naming conventions: single letters, then Z by category, then S; by name within each.
TEST(IsaTable, IsInCanonicalOrder) {
    const std::string letters = "imafdqlcbkjtpvh";
    auto key = [&](const std::string &name) -> std::tuple<int, size_t, std::string> {
        if (name.size() == 1) {
            return {0, letters.find(name), ""};
        }
        return {name[0] == 'z' ? 1 : 2, name[0] == 'z' ? letters.find(name[1]) : 0, name};
    };
    for (size_t index = 1; index < std::size(kAll); index++) {
        std::string before = isa_name(kAll[index - 1]), name = isa_name(kAll[index]);
        EXPECT_LT(key(before), key(name));
    }
}

TEST(IsaTable, Policies) {
    EXPECT_EQ(isa_policy(ISA_I), ISA_GUEST_OK);
    EXPECT_EQ(isa_policy(ISA_SVINVAL), ISA_GUEST_OK);
    EXPECT_EQ(isa_policy(ISA_V), ISA_NEEDS_ENABLE);
    EXPECT_EQ(isa_policy(ISA_SSTC), ISA_NEEDS_ENABLE);
    EXPECT_EQ(isa_policy(ISA_ZKR), ISA_NEEDS_ENABLE);
    EXPECT_EQ(isa_policy(ISA_H), ISA_MACHINE_ONLY);
    for (enum isa_extension extension : kAll) {
        std::string prefix = std::string(isa_name(extension)).substr(0, 2);
        if (prefix == "sm" || prefix == "sh" || prefix == "sd") {
            EXPECT_EQ(isa_policy(extension), ISA_MACHINE_ONLY) << isa_name(extension);
        }
        if (prefix == "zv") {
            EXPECT_EQ(isa_policy(extension), ISA_NEEDS_ENABLE) << isa_name(extension);
        }
    }
}

TEST(IsaParse, RefusesWhatIsNoIsaString) {
    struct isa isa = {};
    for (const std::string &text : {""s, "r"s, "rv6"s, "rv128i"s, "rv63i"s, "x86-64"s, " rv64i"s, "rv\0\0i"s}) {
        EXPECT_EQ(isa_parse(text.data(), text.size(), &isa), STATUS_INVALID) << text;
    }
    EXPECT_EQ(isa.xlen, 0u) << "out parameters are written only on STATUS_OK";
}

TEST(IsaParse, ReadsTheBase) {
    EXPECT_EQ(Parse("rv32i").xlen, 32u);
    EXPECT_EQ(Parse("RV64I").xlen, 64u);
    EXPECT_EQ(Canonical("rv64"), "rv64") << "no base: nothing is implied";
    EXPECT_EQ(Canonical("rv32"), "rv32");
    EXPECT_EQ(Canonical("rv32i"), "rv32i_zicntr_zicsr_zifencei_zihpm");
}

TEST(IsaParse, SingleLettersAndWhatTheyImply) {
    EXPECT_EQ(Canonical("rv64imafdc"), "rv64imafdc_zicntr_zicsr_zifencei_zihpm_zmmul_zaamo_zalrsc_zca");
    EXPECT_EQ(Canonical("rv64ib"), "rv64ib_zicntr_zicsr_zifencei_zihpm_zba_zbb_zbs");
    EXPECT_EQ(Canonical("rv64gc"), Canonical("rv64imafdc_zicsr_zifencei"));
    EXPECT_EQ(Canonical("rv64iq"), Canonical("rv64ifdq"));
    EXPECT_TRUE(Has(Parse("rv64gcv"), ISA_ZVL128B));
    EXPECT_TRUE(Has(Parse("rv64gcv"), ISA_ZVL32B));
    EXPECT_FALSE(Has(Parse("rv64gcv"), ISA_ZVL256B));
    EXPECT_TRUE(Has(Parse("rv64imafdch"), ISA_H));
    EXPECT_EQ(Canonical("rv64cidma"), Canonical("rv64imafdc")) << "any order";
}

TEST(IsaParse, NamesVersionsAndCase) {
    EXPECT_EQ(Canonical("rv64i_zba_zbb"), "rv64i_zicntr_zicsr_zifencei_zihpm_zba_zbb");
    EXPECT_EQ(Canonical("rv64i2p1m2p0_zicsr2p0_zba1p0_zbb1_sstc0p5"), Canonical("rv64im_zicsr_zba_zbb_sstc"));
    EXPECT_EQ(Canonical("RV64IMA_Zicsr_SSTC"), Canonical("rv64ima_zicsr_sstc"));
    EXPECT_EQ(Canonical("rv64i2m"), Canonical("rv64im"));
    EXPECT_EQ(Canonical("rv64i9p9m_zba19p90"), Canonical("rv64im_zba"));
    EXPECT_EQ(Canonical("rv64i_m_a"), Canonical("rv64ima"));
    EXPECT_EQ(Canonical("rv64i__m_"), Canonical("rv64im"));
    EXPECT_EQ(Canonical("rv64imazicond_zba"), Canonical("rv64ima_zicond_zba")) << "directly behind the letters";
    EXPECT_TRUE(Has(Parse("rv64i_zvl128b1p0"), ISA_ZVL128B));
    EXPECT_TRUE(Has(Parse("rv64i_zve32x"), ISA_ZVE32X));
    EXPECT_TRUE(Has(Parse("rv64i_svrsw60t59b"), ISA_SVRSW60T59B));
    EXPECT_TRUE(Has(Parse("rv64i_zic64b2"), ISA_ZIC64B));
}

TEST(IsaParse, IgnoresWhatItDoesNotKnow) {
    EXPECT_EQ(Canonical("rv64ipk_xventanacondops_zfoo_sfoo2p0_zba"), Canonical("rv64i_zba"));
    EXPECT_EQ(Canonical("rv64i_z_s_x_zicsrr_zbap"), Canonical("rv64i"));
    EXPECT_EQ(Canonical("rv64i_xtheadba"), Canonical("rv64i")) << "the letters of a vendor's name count for nothing";
    EXPECT_EQ(Canonical("rv64i\xff\x01\n"), Canonical("rv64i"));
    EXPECT_EQ(Canonical("rv64i2p"), Canonical("rv64i"));
    EXPECT_EQ(Canonical("rv64i99999999999999999999p"), Canonical("rv64i"));
    EXPECT_EQ(Canonical("rv64i_2p0_zba"), Canonical("rv64i_zba"));
    EXPECT_EQ(Canonical("rv64i_x2_xp0_x2p0_zba2x0_zbap0_zba2p"), Canonical("rv64i")) << "no versions, or no names";
}

TEST(IsaParse, OldQemuPrivilegeLetters) {
    EXPECT_EQ(Canonical("rv64imafdcsu"), Canonical("rv64imafdc"));
    EXPECT_EQ(Canonical("rv64imafdcsuh_sstc"), Canonical("rv64imafdch_sstc"));
    EXPECT_TRUE(Has(Parse("rv64i_supm"), ISA_SUPM));
    EXPECT_TRUE(Has(Parse("rv64isstc"), ISA_SSTC));
}

TEST(IsaParse, QemuRv64) {
    struct isa isa = Parse("rv64imafdch_zicbom_zicbop_zicboz_ziccamoa_ziccif_zicclsm_ziccrse_zicntr_zicsr_zifencei_"
                           "zihintntl_zihintpause_zihpm_zmmul_za64rs_zaamo_zalrsc_zawrs_zfa_zca_zcd_zba_zbb_zbc_zbs_"
                           "sdtrig_shcounterenw_shgatpa_shtvala_shvsatpa_shvstvala_shvstvecd_ssccptr_sscounterenw_"
                           "sstc_sstvala_sstvecd_ssu64xl_svadu_svvptc");
    EXPECT_EQ(Format(isa), "rv64imafdch_zicbom_zicbop_zicboz_ziccamoa_ziccif_zicclsm_ziccrse_zicntr_zicsr_zifencei_"
                           "zihintntl_zihintpause_zihpm_zmmul_za64rs_zaamo_zalrsc_zawrs_zfa_zca_zcd_zba_zbb_zbc_zbs_"
                           "sdtrig_shcounterenw_shgatpa_shtvala_shvsatpa_shvstvala_shvstvecd_ssccptr_sscounterenw_"
                           "sstc_sstvala_sstvecd_ssu64xl_svadu_svvptc");
    isa_remove_policy(&isa, ISA_MACHINE_ONLY);
    isa_remove_policy(&isa, ISA_NEEDS_ENABLE);
    EXPECT_EQ(Format(isa), "rv64imafdc_ziccamoa_ziccif_zicclsm_ziccrse_zicsr_zifencei_zihintntl_zihintpause_"
                           "zmmul_za64rs_zaamo_zalrsc_zawrs_zfa_zca_zcd_zba_zbb_zbc_zbs_ssccptr_sscounterenw_sstvala_"
                           "sstvecd_ssu64xl_svvptc");
}

TEST(IsaParseList, ReadsBaseAndList) {
    struct isa isa;
    std::string list = "i\0m\0zicsr\0unknown\0\0Sstc\0"s;
    ASSERT_EQ(isa_parse_list("rv64i", list.data(), list.size(), &isa), STATUS_OK);
    EXPECT_EQ(Format(isa), "rv64im_zicsr_zmmul_sstc") << "i implies nothing here";
    ASSERT_EQ(isa_parse_list("rv32i", "", 0, &isa), STATUS_OK);
    EXPECT_EQ(Format(isa), "rv32i");
}

TEST(IsaParseList, Refuses) {
    struct isa isa = {};
    for (const char *base : {"", "rv64", "rv64e", "rv64im", "rv128i", "i"}) {
        EXPECT_EQ(isa_parse_list(base, "m", 2, &isa), STATUS_INVALID) << base;
    }
    std::vector<char> open = {'m', '\0', 'a'};
    EXPECT_EQ(isa_parse_list("rv64i", open.data(), open.size(), &isa), STATUS_CORRUPT);
    EXPECT_EQ(isa.xlen, 0u);
}

TEST(IsaSet, AddsWhatIsImplied) {
    EXPECT_EQ(Format(Only({ISA_D})), "rv64fd_zicsr");
    EXPECT_EQ(Format(Only({ISA_ZK})), "rv64_zbkb_zbkc_zbkx_zk_zkn_zknd_zkne_zknh_zkr_zkt");
    EXPECT_EQ(Format(Only({ISA_SMSTATEEN})), "rv64_smstateen_ssstateen");
}

TEST(IsaSet, RemovesWhatImpliesIt) {
    struct isa isa = Parse("rv64imafdcv_zfh_zk");
    isa_remove(&isa, ISA_F);
    for (enum isa_extension extension : {ISA_F, ISA_D, ISA_V, ISA_ZFH, ISA_ZFHMIN, ISA_ZVE64D, ISA_ZVE32F}) {
        EXPECT_FALSE(Has(isa, extension)) << isa_name(extension);
    }
    EXPECT_TRUE(Has(isa, ISA_ZVE64X)) << "integer vectors need no f";
    isa_remove_policy(&isa, ISA_NEEDS_ENABLE);
    EXPECT_FALSE(Has(isa, ISA_ZKR));
    EXPECT_FALSE(Has(isa, ISA_ZK)) << "zk without zkr would be a lie";
    EXPECT_TRUE(Has(isa, ISA_ZKN));
    EXPECT_FALSE(Has(isa, ISA_ZVE64X));
}

TEST(IsaSet, Intersects) {
    struct isa isa = Parse("rv64imafdcb_zicbom_sstc"), other = Parse("rv64imac_zba_zbs_sstc_svadu");
    ASSERT_EQ(isa_intersect(&isa, &other), STATUS_OK);
    EXPECT_EQ(Format(isa), Canonical("rv64imac_zba_zbs_sstc"));
    struct isa narrow = Parse("rv32i");
    std::string before = Format(isa);
    EXPECT_EQ(isa_intersect(&isa, &narrow), STATUS_INVALID);
    EXPECT_EQ(Format(isa), before);
}

// Closed: adding each member again changes nothing.
bool IsClosed(const struct isa &isa) {
    struct isa again = isa;
    for (enum isa_extension extension : kAll) {
        if (Has(isa, extension)) {
            isa_add(&again, extension);
        }
    }
    return Format(again) == Format(isa);
}

TEST(IsaSet, StaysClosedOverRandomOperations) {
    std::mt19937 random(7);
    struct isa isa = Parse("rv64gc");
    for (int step = 0; step < 5000; step++) {
        enum isa_extension extension = kAll[random() % std::size(kAll)];
        struct isa other = Only({kAll[random() % std::size(kAll)], kAll[random() % std::size(kAll)], extension});
        switch (random() % 8) {
        case 0:
            isa_remove(&isa, extension);
            ASSERT_FALSE(Has(isa, extension));
            break;
        case 1:
            ASSERT_EQ(isa_intersect(&other, &isa), STATUS_OK);
            ASSERT_TRUE(IsClosed(other));
            break;
        default:
            isa_add(&isa, extension);
            ASSERT_TRUE(Has(isa, extension));
        }
        ASSERT_TRUE(IsClosed(isa)) << Format(isa);
    }
}

TEST(IsaFormat, WhatIsWrittenReadsBackTheSame) {
    std::mt19937 random(8);
    for (int step = 0; step < 300; step++) {
        struct isa isa = Only({ISA_I, ISA_ZICNTR, ISA_ZIHPM, ISA_ZIFENCEI});
        for (unsigned count = random() % 40; count > 0; count--) {
            isa_add(&isa, kAll[random() % std::size(kAll)]);
        }
        EXPECT_EQ(Canonical(Format(isa)), Format(isa));
        char list[ISA_TEXT_SIZE];
        size_t size = isa_format_list(&isa, list, sizeof list);
        struct isa from_list;
        ASSERT_EQ(isa_parse_list("rv64i", list, size, &from_list), STATUS_OK);
        EXPECT_EQ(Format(from_list), Format(isa));
    }
}

TEST(IsaFormat, EverythingFits) {
    struct isa isa = Only(std::vector<enum isa_extension>(std::begin(kAll), std::end(kAll)));
    char text[ISA_TEXT_SIZE];
    EXPECT_LT(isa_format(&isa, text, sizeof text), sizeof text);
    EXPECT_LE(isa_format_list(&isa, text, sizeof text), sizeof text);
}

TEST(IsaFormat, CutsAndSaysWhatItWanted) {
    struct isa isa = Only({ISA_M, ISA_ZICSR});
    char text[8];
    EXPECT_EQ(isa_format(&isa, text, sizeof text), 17u); // rv64m_zicsr_zmmul
    EXPECT_STREQ(text, "rv64m_z");
    char exact[17];
    EXPECT_EQ(isa_format(&isa, exact, sizeof exact), 17u);
    EXPECT_STREQ(exact, "rv64m_zicsr_zmmu") << "no room for the NUL otherwise";
    EXPECT_EQ(isa_format(&isa, text, 1), 17u);
    EXPECT_STREQ(text, "");
    EXPECT_EQ(isa_format(&isa, nullptr, 0), 17u);
    EXPECT_EQ(isa_format_list(&isa, nullptr, 0), 14u); // m, zicsr, zmmul and their NULs
    EXPECT_EQ(isa_format_list(&isa, text, sizeof text), 14u);
    EXPECT_EQ(std::string(text, 8), "m\0zicsr\0"s);
}

} // namespace
