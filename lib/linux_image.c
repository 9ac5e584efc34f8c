/*
 * Linux Image header: 64 bytes, little-endian. Recognised by magic2 only: "magic" is deprecated since version 0.2 of
 * the header. Reserved flags are not looked at, since a later version may give them a meaning.
 */
#include "lib/linux_image.h"

#include <string.h>

#include "lib/bytes.h"

enum {
    OFFSET_TEXT_OFFSET = 8,
    OFFSET_IMAGE_SIZE = 16,
    OFFSET_FLAGS = 24,
    OFFSET_VERSION = 32,
    OFFSET_MAGIC2 = 56,
    HEADER_SIZE = 64,
};

enum { FLAG_BIG_ENDIAN = 1 };

static status_t refuse(const char **out_reason, status_t status, const char *reason) {
    *out_reason = reason;
    return status;
}

bool linux_image_recognise(const void *image, size_t size) {
    return size >= HEADER_SIZE && memcmp((const uint8_t *)image + OFFSET_MAGIC2, "RSC\x05", 4) == 0;
}

status_t linux_image_open(const void *image, size_t size, struct linux_image *out_image, const char **out_reason) {
    const uint8_t *header = image;
    if (!linux_image_recognise(image, size)) {
        return refuse(out_reason, STATUS_INVALID, "not a RISC-V Linux Image");
    }
    uint64_t text_offset = load_le64(header + OFFSET_TEXT_OFFSET);
    uint64_t memory_size = load_le64(header + OFFSET_IMAGE_SIZE);
    uint32_t version = load_le32(header + OFFSET_VERSION);
    if ((header[OFFSET_FLAGS] & FLAG_BIG_ENDIAN) != 0) {
        return refuse(out_reason, STATUS_UNSUPPORTED, "a big-endian Linux Image");
    }
    if (memory_size == 0) {
        return refuse(out_reason, STATUS_CORRUPT, "the Linux Image does not say how much memory it takes");
    }
    if (memory_size < size) {
        return refuse(out_reason, STATUS_CORRUPT, "the Linux Image file is larger than its header says");
    }
    if (text_offset > UINT64_MAX - memory_size) {
        return refuse(out_reason, STATUS_CORRUPT, "the Linux Image wraps around the address space");
    }
    out_image->text_offset = text_offset;
    out_image->memory_size = memory_size;
    out_image->version_major = (uint16_t)(version >> 16);
    out_image->version_minor = (uint16_t)version;
    return STATUS_OK;
}
