/* Beside guests that attack it, an innocent one keeps its memory and its share of the hart, for as long as the attack
 * goes on. Under -icount, where what it measures is exact. */
#include "tests/system/hostile.h"

TEST(Hostile, TheInnocentGuestKeepsItsMemoryAndItsShare) {
    /* An instruction is eight nanoseconds. */
    Machine machine({"--", "-icount", "shift=3,sleep=off"});
    ASSERT_NO_FATAL_FAILURE(ExpectAttacksToEnd(&machine));
    ExpectTheInnocentToBeWell(&machine);
}
