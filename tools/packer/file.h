/*
 * Whole files: read into memory, and written so that a failure leaves nothing behind.
 */
#pragma once

#include "tools/packer/refusal.h"

#include <stddef.h>

/* Bytes on the heap, aligned for anything. {} is empty and needs no freeing. */
struct buffer {
    unsigned char *data;
    size_t size;
};

/* STATUS_NO_MEMORY; the bytes are zero. An empty buffer still has a `data` that is not null. */
status_t buffer_alloc(size_t size, struct buffer *out_buffer, struct refusal *out_refusal);

/* Back to {}. */
void buffer_free(struct buffer *buffer);

/* Reads a regular file. The caller frees the buffer. */
status_t file_read(const char *path, struct buffer *out_buffer, struct refusal *out_refusal);

/* Writes a temporary file beside `path` and renames it, so that `path` is whole or as it was before. */
status_t file_write(const char *path, const struct buffer *buffer, struct refusal *out_refusal);
