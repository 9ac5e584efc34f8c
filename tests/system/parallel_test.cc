/*
 * The same as hostile_test with harts that really run at the same time, and so without -icount, where they take turns:
 * how an attack on one hart disturbs another one. Time is the build machine's here, which has other things to do: so a
 * share is not exact, but who disturbs whom is counted.
 */
#include "tests/system/hostile.h"

TEST(Parallel, TheInnocentGuestIsNotDisturbed) {
    Machine machine;
    ASSERT_NO_FATAL_FAILURE(ExpectAttacksToEnd(&machine));
    /* The end of its own turn, once in 5 ms of it, is 0.2. */
    ASSERT_NO_FATAL_FAILURE(ExpectTheBooksToBeInOrder(&machine, 0.8, 0.6));
    ExpectTheInnocentToBeWell(&machine);
}
