#include <gtest/gtest.h>

#include <set>
#include <string>

extern "C" {
#include "supervisor/dev/random.h"
}

namespace {

std::string Fill(struct random *generator, size_t size) {
    std::string bytes(size, 0);
    random_fill(generator, reinterpret_cast<uint8_t *>(bytes.data()), size);
    return bytes;
}

struct random Make(const std::string &seed, uint64_t salt) {
    struct random generator;
    random_init(&generator, reinterpret_cast<const uint8_t *>(seed.data()), seed.size(), salt);
    return generator;
}

TEST(RandomTest, NeverRepeats) {
    struct random generator = Make(std::string(32, 's'), 0);
    std::set<std::string> seen;
    for (int i = 0; i < 1000; i++) {
        EXPECT_TRUE(seen.insert(Fill(&generator, 16)).second);
    }
    std::string wide = Fill(&generator, 100);
    EXPECT_NE(wide.substr(0, 32), wide.substr(32, 32));
}

TEST(RandomTest, DependsOnSeedAndSalt) {
    struct random one = Make(std::string(32, 'a'), 1), same = Make(std::string(32, 'a'), 1);
    struct random salted = Make(std::string(32, 'a'), 2), other = Make(std::string(32, 'b'), 1);
    std::string first = Fill(&one, 40);
    EXPECT_EQ(first, Fill(&same, 40));
    EXPECT_NE(first, Fill(&salted, 40));
    EXPECT_NE(first, Fill(&other, 40));
}

TEST(RandomTest, KnowsAWeakSeed) {
    EXPECT_TRUE(Make(std::string(16, 'a'), 0).is_seeded);
    EXPECT_FALSE(Make("short", 0).is_seeded);
    EXPECT_FALSE(Make("", 0).is_seeded);
}

TEST(RandomTest, AnEmptyRequestMovesOn) {
    struct random one = Make(std::string(32, 'a'), 1), same = Make(std::string(32, 'a'), 1);
    EXPECT_EQ(Fill(&one, 0), "");
    EXPECT_NE(Fill(&one, 16), Fill(&same, 16));
}

} // namespace
