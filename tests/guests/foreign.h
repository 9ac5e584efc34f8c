/*
 * What is not the intruder's, and page tables with which it reaches for it: everything mapped as it is, and one piece
 * of the address space whose table would lie in the kernel.
 */
#pragma once

/* QEMU's virt machine: RAM starts with the kernel; the platforms of the tests have at least this much of it. */
#define FOREIGN_KERNEL 0x80000000ul
#define FOREIGN_RAM_END 0x90000000ul

/* An address behind that table, where the guest has nothing of its own. */
#define FOREIGN_WALK 0xc0000000ul

/* Where the table lies at first. */
unsigned long foreign_table(void);

/* Makes it lie elsewhere. */
void foreign_move_table(unsigned long address);

/* Whether an address is the intruder's own: with a second stage its RAM may be where others have the kernel. */
bool foreign_is_own(unsigned long address);

void foreign_tables_on(void);
void foreign_tables_off(void);

/* Translation by a root that is not the guest's, after which it has nothing left. */
void foreign_root_on(void);
