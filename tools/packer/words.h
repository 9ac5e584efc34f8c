/*
 * A description file as the words that it consists of: the options of the command line, one to a line,
 *
 *     # guests of the demo
 *     --guest linux
 *     --kernel Image
 *     --bootargs "console=ttyS0 quiet"
 *
 * Words are separated by white space and line ends. In double quotes a backslash takes the next character as it is, in
 * single quotes everything is as it is; # starts a comment where a word could start.
 */
#pragma once

#include "tools/packer/refusal.h"

#include <stddef.h>

enum { WORDS_MAX = 4096 };

struct word {
    char *text; /* not null */
    unsigned line;
};

/* {} is empty and needs no freeing. */
struct words {
    size_t count;
    struct word *items;
};

/*
 * Splits `size` bytes of `text`; `path` is for the sentence. STATUS_INVALID for an open quote or a NUL,
 * STATUS_TOO_BIG above WORDS_MAX words, STATUS_NO_MEMORY. The caller frees the words.
 */
status_t words_split(const char *path, const char *text, size_t size, struct words *out_words,
                     struct refusal *out_refusal);

void words_free(struct words *words);
