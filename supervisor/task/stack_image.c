/*
 * First the size is computed: then the buffer is known to hold everything and is filled upwards, words from the stack
 * pointer and strings from where the words end.
 */
#include "supervisor/task/stack_image.h"

#include <string.h>

#include "lib/align.h"

enum { ADDED_AUXILIARY_COUNT = 3 };

/* Where the next word and the next string go, in the buffer and in the program's memory. */
struct writer {
    uint8_t *buffer;
    uint64_t base;
    unsigned word_size;
    size_t word_offset;
    size_t string_offset;
};

/* argc, arguments, null, environment, null, pairs. */
static uint64_t words_size(const struct stack_request *request) {
    uint64_t pairs = (uint64_t)request->auxiliary_count + ADDED_AUXILIARY_COUNT;
    uint64_t words = 1 + (uint64_t)request->argument_count + 1 + request->environment_count + 1 + 2 * pairs;
    return words * request->word_size;
}

static uint64_t list_size(const char *const *strings, unsigned count) {
    uint64_t size = 0;
    for (unsigned i = 0; i < count; i++) {
        size += strlen(strings[i]) + 1;
    }
    return size;
}

static uint64_t image_size(const struct stack_request *request) {
    uint64_t size = words_size(request) + STACK_IMAGE_RANDOM_SIZE + strlen(request->program_name) + 1 +
                    list_size(request->arguments, request->argument_count) +
                    list_size(request->environment, request->environment_count);
    return align_up(size, STACK_IMAGE_ALIGNMENT);
}

/* RISC-V is little-endian, and so are the machines that we build on. */
static void put_word(struct writer *writer, uint64_t value) {
    memcpy(writer->buffer + writer->word_offset, &value, writer->word_size);
    writer->word_offset += writer->word_size;
}

static uint64_t put_bytes(struct writer *writer, const void *bytes, size_t size) {
    uint64_t address = writer->base + writer->string_offset;
    memcpy(writer->buffer + writer->string_offset, bytes, size);
    writer->string_offset += size;
    return address;
}

static uint64_t put_string(struct writer *writer, const char *string) {
    return put_bytes(writer, string, strlen(string) + 1);
}

static void put_list(struct writer *writer, const char *const *strings, unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        put_word(writer, put_string(writer, strings[i]));
    }
    put_word(writer, 0);
}

static void put_pair(struct writer *writer, uint64_t type, uint64_t value) {
    put_word(writer, type);
    put_word(writer, value);
}

status_t stack_image_build(const struct stack_request *request, uint8_t *buffer, size_t size, uint64_t *out_pointer) {
    uint64_t needed = image_size(request);
    if (needed > size) {
        return STATUS_TOO_BIG;
    }
    struct writer writer = {
        .buffer = buffer + size - needed,
        .base = request->top - needed,
        .word_size = request->word_size,
        .string_offset = (size_t)words_size(request),
    };
    memset(writer.buffer, 0, (size_t)needed);
    put_word(&writer, request->argument_count);
    put_list(&writer, request->arguments, request->argument_count);
    put_list(&writer, request->environment, request->environment_count);
    for (unsigned i = 0; i < request->auxiliary_count; i++) {
        put_pair(&writer, request->auxiliary[i].type, request->auxiliary[i].value);
    }
    put_pair(&writer, AUXILIARY_RANDOM, put_bytes(&writer, request->random, sizeof(request->random)));
    put_pair(&writer, AUXILIARY_PROGRAM_NAME, put_string(&writer, request->program_name));
    put_pair(&writer, AUXILIARY_NULL, 0);
    *out_pointer = writer.base;
    return STATUS_OK;
}
