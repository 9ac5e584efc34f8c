/*
 * The same as hostile_test with harts that really run at the same time, and so without -icount, where they take turns:
 * how an attack on one hart disturbs another one. Time is the build machine's here, which has other things to do: so a
 * share is not exact, but who disturbs whom is counted.
 */
#include "tests/system/hostile.h"

TEST(Parallel, TheInnocentGuestIsNotDisturbed) {
    Machine machine;
    ASSERT_NO_FATAL_FAILURE(ExpectAttacksToEnd(&machine));
    /* In 5 ms of its own it comes to the end of its turn, and each of four vcpus may wake up or be started once. */
    ASSERT_NO_FATAL_FAILURE(ExpectTheBooksToBeInOrder(&machine, 0.8, 1.0));
    ExpectTheInnocentToBeWell(&machine);
}
