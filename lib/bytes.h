/*
 * Numbers out of bytes, in a named byte order and at any alignment.
 *
 * The readers of foreign formats (ELF, Linux Image, device tree) use these instead of casting a pointer: an image lies
 * where its author put it, and a misaligned load traps on some harts.
 */
#pragma once

#include <stdint.h>

static inline uint16_t load_le16(const uint8_t *bytes) {
    return (uint16_t)(bytes[0] | bytes[1] << 8);
}

static inline uint32_t load_le32(const uint8_t *bytes) {
    return (uint32_t)load_le16(bytes) | (uint32_t)load_le16(bytes + 2) << 16;
}

static inline uint64_t load_le64(const uint8_t *bytes) {
    return (uint64_t)load_le32(bytes) | (uint64_t)load_le32(bytes + 4) << 32;
}

static inline uint32_t load_be32(const uint8_t *bytes) {
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static inline uint64_t load_be64(const uint8_t *bytes) {
    return (uint64_t)load_be32(bytes) << 32 | load_be32(bytes + 4);
}
