/*
 * The boot arguments of /chosen: words separated by blanks. The supervisor knows
 *
 *   init=PATH   the first program, in the ramdisk; /init if absent, the last one counts
 *   -- WORD...  what follows is handed to that program as its arguments
 *
 * and leaves all others (console=, quiet, ...) to whom they concern.
 */
#pragma once

#include <stddef.h>

#include "abi/status.h"

enum { BOOTARGS_SIZE = 1024, BOOTARGS_WORD_LIMIT = 32 };

struct bootargs {
    const char *init;
    /* argument[0] is init itself. */
    unsigned argument_count;
    const char *arguments[BOOTARGS_WORD_LIMIT];
    /* What the pointers point into. */
    char text[BOOTARGS_SIZE];
};

/* TOO_BIG: the text, or the number of arguments. A null text is an empty one. */
status_t bootargs_parse(struct bootargs *bootargs, const char *text);
