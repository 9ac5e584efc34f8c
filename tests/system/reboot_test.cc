/* A guest that reboots starts from its image, in scrubbed RAM and with a new seed, as often as it likes; the other
 * guest runs on. */
#include "tests/system/machine.h"

#include <set>

namespace {

class Reboot : public testing::Test {
  protected:
    /* Up to the guest's question what to do next. */
    void expect_life() {
        ASSERT_TRUE(machine_.expect("^\\[reboot\\] ok   the image is as it was packed$"));
        ASSERT_TRUE(machine_.expect("^\\[reboot\\] ok   nothing is left of an earlier life$"));
        ASSERT_TRUE(machine_.expect("^\\[reboot\\] seed ([0-9a-f]{32})$"));
        EXPECT_TRUE(seeds_.insert(machine_.found()).second) << "the seed " << machine_.found() << " came twice";
        ASSERT_TRUE(machine_.expect("^\\[reboot\\] waiting for c, w or q$"));
    }

    void expect_reboot(const std::string &key, const std::string &kind, int boot) {
        machine_.type(key);
        ASSERT_TRUE(machine_.expect("^guest reboot: " + kind +
                                    " reboot \\(no reason given\\) by vcpu 0; it starts again in \\d+ ms$"));
        ASSERT_TRUE(machine_.expect("^guest reboot: started again from its image, boot " + std::to_string(boot) + "$"));
        expect_life();
    }

    Machine machine_;
    std::set<std::string> seeds_;
};

TEST_F(Reboot, StartsAnewFromTheImage) {
    ASSERT_NO_FATAL_FAILURE(expect_life());
    ASSERT_NO_FATAL_FAILURE(expect_reboot("c", "cold", 2));
    ASSERT_NO_FATAL_FAILURE(expect_reboot("w", "warm", 3));
    ASSERT_NO_FATAL_FAILURE(expect_reboot("c", "cold", 4));
    machine_.type("q");
    EXPECT_TRUE(machine_.expect("^guest reboot: shut down \\(no reason given\\)"));
    machine_.type("\x1d"
                  "2q");
    EXPECT_TRUE(machine_.expect("^guest other: shut down \\(no reason given\\)"));
    EXPECT_TRUE(machine_.ends_with(0));
}

} // namespace
