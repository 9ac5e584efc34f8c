/*
 * The header of a RISC-V Linux boot Image (Linux, Documentation/arch/riscv/boot-image-header), which other guests
 * than Linux use as well.
 *
 * The image is loaded as one piece, text_offset bytes above an address that is a multiple of 2 MiB (rv64) or 4 MiB
 * (rv32), and entered at its first byte.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "abi/status.h"

struct linux_image {
    uint64_t text_offset; /* where it wants to lie above the start of its RAM */
    uint64_t memory_size; /* what it takes from there on with its bss: at least the size of the file */
    uint16_t version_major;
    uint16_t version_minor;
};

/* Whether this begins with such a header, whatever the header then says. */
bool linux_image_recognise(const void *image, size_t size);

/*
 * Reads and checks the header. Every refusal also puts a sentence into *out_reason. STATUS_INVALID: no such header.
 * STATUS_UNSUPPORTED: a big-endian kernel. STATUS_CORRUPT: it says no size, one that the file exceeds, or one that
 * overflows with the offset.
 */
status_t linux_image_open(const void *image, size_t size, struct linux_image *out_image, const char **out_reason);
