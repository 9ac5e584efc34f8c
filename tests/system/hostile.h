/* What the programs for attacks on an innocent guest (tests/guests/innocent.c) have in common. The rule names the
 * attackers: NAME checks its attack itself and ends, NAME:endless goes on for ever. */
#pragma once

#include "tests/system/machine.h"

/* Waits until those that end have ended; all their checks passed. */
void ExpectAttacksToEnd(Machine *machine);

/* By the kernel's books, up to now: the innocent guest had at least that much of the half of a hart that it was
 * promised, and was interrupted at most so often. */
void ExpectTheBooksToBeInOrder(Machine *machine, double kept, double interrupts_per_ms);

/* Tells the innocent guest that it is over, and expects that all its checks passed; its own measurement is printed.
 * Then the machine ends. */
void ExpectTheInnocentToBeWell(Machine *machine);
