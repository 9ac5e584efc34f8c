/*
 * The stack that a program starts with (System V psABI; Linux, fs/binfmt_elf.c): at the stack pointer argc, the
 * pointers to the arguments, a null, the environment, a null, the auxiliary vector; above them the strings and 16
 * random bytes.
 *
 * It is built in a buffer of the supervisor, for either word size, and copied to the program afterwards.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "abi/status.h"

/* Types of auxiliary vector entries (Linux, uapi/linux/auxvec.h). */
enum {
    AUXILIARY_NULL = 0,
    AUXILIARY_PROGRAM_HEADERS = 3,
    AUXILIARY_PROGRAM_HEADER_SIZE = 4,
    AUXILIARY_PROGRAM_HEADER_COUNT = 5,
    AUXILIARY_PAGE_SIZE = 6,
    AUXILIARY_BASE = 7,
    AUXILIARY_FLAGS = 8,
    AUXILIARY_ENTRY = 9,
    AUXILIARY_USER = 11,
    AUXILIARY_EFFECTIVE_USER = 12,
    AUXILIARY_GROUP = 13,
    AUXILIARY_EFFECTIVE_GROUP = 14,
    AUXILIARY_HARDWARE = 16,
    AUXILIARY_CLOCK_TICKS = 17,
    AUXILIARY_SECURE = 23,
    AUXILIARY_RANDOM = 25,
    AUXILIARY_PROGRAM_NAME = 31,
};

enum { STACK_IMAGE_RANDOM_SIZE = 16, STACK_IMAGE_ALIGNMENT = 16 };

struct auxiliary {
    uint64_t type;
    uint64_t value;
};

struct stack_request {
    /* Bytes of a pointer: 4 or 8. */
    unsigned word_size;
    /* The first address above the stack, a multiple of STACK_IMAGE_ALIGNMENT. */
    uint64_t top;
    const char *program_name;
    unsigned argument_count;
    const char *const *arguments;
    unsigned environment_count;
    const char *const *environment;
    /* Without the entries that lead into the stack itself and the last one: these are added. */
    unsigned auxiliary_count;
    const struct auxiliary *auxiliary;
    uint8_t random[STACK_IMAGE_RANDOM_SIZE];
};

/*
 * Fills the end of `buffer`, which stands for the `size` bytes below `top`. The program's stack pointer is
 * *out_pointer, and the bytes from there on are at buffer + size - (top - *out_pointer). TOO_BIG.
 */
status_t stack_image_build(const struct stack_request *request, uint8_t *buffer, size_t size, uint64_t *out_pointer);
