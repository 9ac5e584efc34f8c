/* restart: which ends lead to another life, how long the wait is, when it is enough. */
#include <gtest/gtest.h>

extern "C" {
#include "kernel/guest/restart.h"
}

namespace {

constexpr uint64_t kShort = 5;
constexpr uint64_t kLong = RESTART_STABLE_MS;

struct manifest_guest Policy(enum manifest_restart restart, uint32_t backoff_ms = 100, uint32_t limit = 0) {
    struct manifest_guest manifest = {};
    manifest.restart = restart;
    manifest.backoff_ms = backoff_ms;
    manifest.restart_limit = limit;
    return manifest;
}

bool StartsAgain(enum manifest_restart restart, enum restart_end end) {
    struct manifest_guest manifest = Policy(restart);
    uint32_t in_row = 0;
    return restart_decide(&manifest, end, kShort, &in_row).starts_again;
}

TEST(Restart, EachPolicyHasItsEnds) {
    EXPECT_FALSE(StartsAgain(MANIFEST_RESTARTS_NEVER, RESTART_SHUTDOWN));
    EXPECT_FALSE(StartsAgain(MANIFEST_RESTARTS_NEVER, RESTART_CRASH));
    EXPECT_TRUE(StartsAgain(MANIFEST_RESTARTS_NEVER, RESTART_REBOOT));
    EXPECT_FALSE(StartsAgain(MANIFEST_RESTARTS_ON_CRASH, RESTART_SHUTDOWN));
    EXPECT_TRUE(StartsAgain(MANIFEST_RESTARTS_ON_CRASH, RESTART_CRASH));
    EXPECT_TRUE(StartsAgain(MANIFEST_RESTARTS_ON_CRASH, RESTART_REBOOT));
    EXPECT_TRUE(StartsAgain(MANIFEST_RESTARTS_ALWAYS, RESTART_SHUTDOWN));
    EXPECT_TRUE(StartsAgain(MANIFEST_RESTARTS_ALWAYS, RESTART_CRASH));
    for (enum manifest_restart restart :
         {MANIFEST_RESTARTS_NEVER, MANIFEST_RESTARTS_ON_CRASH, MANIFEST_RESTARTS_ALWAYS}) {
        EXPECT_TRUE(StartsAgain(restart, RESTART_ORDERED));
        EXPECT_FALSE(StartsAgain(restart, RESTART_FINAL));
    }
}

TEST(Restart, TheWaitDoublesUpToAMinute) {
    struct manifest_guest manifest = Policy(MANIFEST_RESTARTS_ALWAYS);
    uint32_t in_row = 0;
    for (uint64_t expected : {100, 200, 400, 800, 1600, 3200, 6400, 12800, 25600, 51200, 60000, 60000}) {
        EXPECT_EQ(restart_decide(&manifest, RESTART_CRASH, kShort, &in_row).backoff_ms, expected);
    }
    in_row = UINT32_MAX;
    EXPECT_EQ(restart_decide(&manifest, RESTART_CRASH, kShort, &in_row).backoff_ms, 60000u);
    EXPECT_EQ(in_row, UINT32_MAX) << "and does not begin anew";
}

TEST(Restart, ALongLifeEndsTheRow) {
    struct manifest_guest manifest = Policy(MANIFEST_RESTARTS_ON_CRASH, 10);
    uint32_t in_row = 0;
    EXPECT_EQ(restart_decide(&manifest, RESTART_CRASH, kShort, &in_row).backoff_ms, 10u);
    EXPECT_EQ(restart_decide(&manifest, RESTART_CRASH, kLong - 1, &in_row).backoff_ms, 20u);
    EXPECT_EQ(restart_decide(&manifest, RESTART_CRASH, kLong, &in_row).backoff_ms, 0u);
    EXPECT_EQ(restart_decide(&manifest, RESTART_CRASH, kShort, &in_row).backoff_ms, 20u);
}

TEST(Restart, TheLimitIsOfRestartsInARow) {
    struct manifest_guest manifest = Policy(MANIFEST_RESTARTS_ALWAYS, 100, 2);
    uint32_t in_row = 0;
    EXPECT_TRUE(restart_decide(&manifest, RESTART_CRASH, kShort, &in_row).starts_again);
    EXPECT_TRUE(restart_decide(&manifest, RESTART_REBOOT, kShort, &in_row).starts_again);
    struct restart_verdict verdict = restart_decide(&manifest, RESTART_SHUTDOWN, kShort, &in_row);
    EXPECT_FALSE(verdict.starts_again);
    EXPECT_TRUE(verdict.limit_reached);
    EXPECT_TRUE(restart_decide(&manifest, RESTART_CRASH, kLong, &in_row).starts_again) << "a new row";
    EXPECT_EQ(in_row, 1u);
}

TEST(Restart, APersonIsNotMadeToWaitNorCounted) {
    struct manifest_guest manifest = Policy(MANIFEST_RESTARTS_NEVER, 100, 1);
    uint32_t in_row = 7;
    struct restart_verdict verdict = restart_decide(&manifest, RESTART_ORDERED, kShort, &in_row);
    EXPECT_TRUE(verdict.starts_again);
    EXPECT_EQ(verdict.backoff_ms, 0u);
    EXPECT_EQ(in_row, 0u);
}

} // namespace
