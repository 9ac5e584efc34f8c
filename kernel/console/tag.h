/*
 * The tag in front of every line of a guest, "[linux] ", ready to be sent, in a colour if there is one.
 */
#pragma once

#include <stdint.h>

enum {
    TAG_NAME_SIZE = 16, /* with the final zero */
    TAG_SIZE = 32,
};

struct tag {
    uint8_t size;  /* bytes to send */
    uint8_t width; /* columns that they take */
    char bytes[TAG_SIZE];
};

enum { TAG_NO_COLOUR = -1 };

/*
 * `colour` is an index into the kernel's choice of colours, taken modulo their count, or TAG_NO_COLOUR. Bytes of the
 * name other than letters, digits, '-', '_' and '.' become '_', and only its first TAG_NAME_SIZE - 1 count.
 */
void tag_init(struct tag *tag, const char *name, int colour);
