/*
 * Page tables of the race: everything as it is, and one page, the window, whose way through root, middle and leaf
 * another hart changes while it is used.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Nothing of a guest is there on QEMU's virt machine, nor may be. */
#define RACE_WINDOW 0xf0000000ul

enum {
    RACE_PAGE_SIZE = 4096,
    RACE_PATTERN = 0x345678,        /* of the three bytes at 4 of all pages that the window may show */
    RACE_PATTERN_BEHIND = 0x6b6b6b, /* of those at 8 */
    RACE_BYTE_FIRST = 0xa2,         /* their bytes at 7 */
    RACE_BYTE_SECOND = 0xb3,
};

/* Makes the tables, with the window at the UART. */
void race_tables_make(void);

/* Translation by them, for the hart that calls; off again. */
void race_tables_on(void);
void race_tables_off(void);

/* The window to the UART by all levels. */
void race_tables_restore(void);

/* Changes one of the levels, to the UART, RAM of the guest's own, the kernel's or another's, to nothing or to the
 * tables themselves. */
void race_tables_change(unsigned long random);

/* Instead of the UART, one of the two pages behind the window, without a fence; and the word at its start. */
void race_tables_show(bool is_second);
volatile uint32_t *race_tables_word(bool is_second);

/* How many bytes of the pages behind the window are not as they were, but for those at 4 to 7 of the two that it may
 * show. */
size_t race_tables_count_strays(void);
