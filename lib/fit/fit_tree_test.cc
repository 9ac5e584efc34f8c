extern "C" {
#include "lib/fit/fit_tree.h"
}

#include "lib/fit/fit_sample.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace {

class FitTreeCheck : public testing::Test {
  protected:
    status_t check() {
        return fit_tree_check("it", tree_.data(), tree_.size(), &reason_);
    }

    fit_sample::Bytes tree_ = fit_sample::write(fit_sample::make_fit());
    struct fit_reason reason_ = {};
};

TEST_F(FitTreeCheck, AcceptsWhatIsWell) {
    EXPECT_EQ(check(), STATUS_OK);
}

TEST_F(FitTreeCheck, RefusesWhatIsNone) {
    EXPECT_EQ(fit_tree_check("it", nullptr, 0, &reason_), STATUS_CORRUPT);
    EXPECT_EQ(fit_tree_check("it", tree_.data(), 39, &reason_), STATUS_CORRUPT);
    tree_[0] ^= 1;
    EXPECT_EQ(check(), STATUS_CORRUPT);
    EXPECT_STREQ(reason_.text, "it is not a device tree");
}

TEST_F(FitTreeCheck, RefusesAnOddPlace) {
    tree_.insert(tree_.begin(), 4, 0);
    EXPECT_EQ(fit_tree_check("it", tree_.data() + 4, tree_.size() - 4, &reason_), STATUS_INVALID);
    EXPECT_STREQ(reason_.text, "it is not at an 8-byte boundary");
}

TEST_F(FitTreeCheck, RefusesOldVersions) {
    fdt_set_version(tree_.data(), 16);
    EXPECT_EQ(check(), STATUS_UNSUPPORTED);
    EXPECT_STREQ(reason_.text, "it is of a version before 17");
}

TEST_F(FitTreeCheck, RefusesWhatIsCutOff) {
    tree_.resize(fdt_totalsize(tree_.data()) - 1);
    EXPECT_EQ(check(), STATUS_CORRUPT);
}

/* libfdt alone would load words from there. */
TEST_F(FitTreeCheck, RefusesMisalignedBlocks) {
    const uint32_t structure = fdt_off_dt_struct(tree_.data());
    for (uint32_t offset : {1u, 2u, 3u, 5u}) {
        fdt_set_off_dt_struct(tree_.data(), structure + offset);
        EXPECT_EQ(check(), STATUS_CORRUPT);
    }
    fdt_set_off_dt_struct(tree_.data(), structure);
    fdt_set_off_mem_rsvmap(tree_.data(), fdt_off_mem_rsvmap(tree_.data()) + 4);
    EXPECT_EQ(check(), STATUS_CORRUPT);
    EXPECT_STREQ(reason_.text, "it is damaged");
}

} // namespace
