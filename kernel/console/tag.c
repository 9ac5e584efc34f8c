/* Builds a tag once, so that showing a line is copying bytes. */
#include "kernel/console/tag.h"

#include <string.h>

/* ECMA-48 SGR: foreground colours that are legible on dark and light grounds, the most different ones first. */
static const char colours[][6] = {"\033[36m", "\033[33m", "\033[32m", "\033[35m", "\033[34m", "\033[31m"};
static const char plain[] = "\033[0m";

static_assert(sizeof(colours[0]) + (TAG_NAME_SIZE - 1) + 2 + sizeof(plain) + 1 <= TAG_SIZE, "the largest tag fits");

static void append(struct tag *tag, const char *text, size_t size) {
    memcpy(tag->bytes + tag->size, text, size);
    tag->size = (uint8_t)(tag->size + size);
}

static char safe(char character) {
    static const char allowed[] = "-._0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

    return memchr(allowed, character, sizeof(allowed) - 1) != nullptr ? character : '_';
}

void tag_init(struct tag *tag, const char *name, int colour) {
    size_t length = strlen(name);
    size_t name_size = length < TAG_NAME_SIZE ? length : TAG_NAME_SIZE - 1;

    *tag = (struct tag){.width = (uint8_t)(name_size + 3)};
    if (colour >= 0) {
        append(tag, colours[(size_t)colour % (sizeof(colours) / sizeof(colours[0]))], 5);
    }
    append(tag, "[", 1);
    for (size_t index = 0; index < name_size; index++) {
        char character = safe(name[index]);
        append(tag, &character, 1);
    }
    append(tag, "]", 1);
    if (colour >= 0) {
        append(tag, plain, sizeof(plain) - 1);
    }
    append(tag, " ", 1);
}
