/* cpio reader. A header is 110 characters: a magic of six, then thirteen fields of eight hexadecimal digits. */
#include "lib/cpio.h"

#include <string.h>

#include "lib/align.h"

enum { MAGIC_SIZE = 6, FIELD_SIZE = 8, FIELD_COUNT = 13, HEADER_SIZE = MAGIC_SIZE + FIELD_SIZE * FIELD_COUNT };

/* The fields that are read, by position. */
enum { FIELD_MODE = 1, FIELD_FILE_SIZE = 6, FIELD_NAME_SIZE = 11 };

static const char trailer[] = "TRAILER!!!";

void cpio_init(struct cpio *cpio, const void *archive, size_t size) {
    cpio->bytes = archive;
    cpio->size = size;
    cpio->offset = 0;
}

static bool has_magic(const uint8_t *header) {
    return memcmp(header, "070701", MAGIC_SIZE) == 0 || memcmp(header, "070702", MAGIC_SIZE) == 0;
}

/* The value of a hexadecimal digit; 16 for anything else. */
static uint32_t digit_value(uint8_t character) {
    if (character >= '0' && character <= '9') {
        return (uint32_t)(character - '0');
    }
    uint8_t lower = character | 0x20;
    return lower >= 'a' && lower <= 'f' ? (uint32_t)(lower - 'a' + 10) : 16;
}

/* Every field is checked, also those that nobody reads: a header that is not all digits is not a header. */
static bool parse_fields(const uint8_t *header, uint32_t fields[FIELD_COUNT]) {
    for (unsigned field = 0; field < FIELD_COUNT; field++) {
        fields[field] = 0;
        for (unsigned index = 0; index < FIELD_SIZE; index++) {
            uint32_t digit = digit_value(header[MAGIC_SIZE + field * FIELD_SIZE + index]);
            if (digit > 15) {
                return false;
            }
            fields[field] = fields[field] << 4 | digit;
        }
    }
    return true;
}

/* size includes the NUL, which must be there and be the only one. */
static bool is_terminated(const char *name, uint32_t size) {
    return size > 0 && memchr(name, '\0', size) == name + (size - 1);
}

/*
 * Decodes the entry at the reader's offset and says where the next one starts. The sums are of 64 bits and of a size_t
 * and numbers below 2^32, so they do not overflow where a size_t is 32 bits; where it is 64, an archive is smaller than
 * what would.
 */
static status_t decode(const struct cpio *cpio, struct cpio_entry *out_entry, uint64_t *out_next) {
    uint32_t fields[FIELD_COUNT];
    if (cpio->size - cpio->offset < HEADER_SIZE) {
        return STATUS_CORRUPT;
    }
    const uint8_t *header = cpio->bytes + cpio->offset;
    if (!has_magic(header) || !parse_fields(header, fields)) {
        return STATUS_CORRUPT;
    }
    uint64_t name_offset = (uint64_t)cpio->offset + HEADER_SIZE;
    uint32_t name_size = fields[FIELD_NAME_SIZE];
    if (name_size > cpio->size - name_offset) {
        return STATUS_CORRUPT;
    }
    const char *name = (const char *)cpio->bytes + (size_t)name_offset;
    uint64_t data_offset = align_up(name_offset + name_size, 4);
    uint32_t size = fields[FIELD_FILE_SIZE];
    if (!is_terminated(name, name_size)) {
        return STATUS_CORRUPT;
    }
    if (strcmp(name, trailer) == 0) {
        return STATUS_NOT_FOUND;
    }
    if (data_offset > cpio->size || size > cpio->size - data_offset) {
        return STATUS_CORRUPT;
    }
    out_entry->name = name;
    out_entry->name_size = name_size - 1;
    out_entry->mode = fields[FIELD_MODE];
    out_entry->data = cpio->bytes + (size_t)data_offset;
    out_entry->size = size;
    *out_next = align_up(data_offset + size, 4);
    return STATUS_OK;
}

status_t cpio_next(struct cpio *cpio, struct cpio_entry *out_entry) {
    uint64_t next = 0;
    status_t status = decode(cpio, out_entry, &next);
    if (status == STATUS_OK) {
        /* The padding of the last entry may be missing: then nothing follows, and that is found corrupt next time. */
        cpio->offset = next < cpio->size ? (size_t)next : cpio->size;
    }
    return status;
}

/* The path behind what does not count at its start. */
static const char *skip_prefix(const char *path) {
    for (;;) {
        if (path[0] == '/') {
            path++;
        } else if (path[0] == '.' && path[1] == '/') {
            path += 2;
        } else {
            return strcmp(path, ".") == 0 ? path + 1 : path;
        }
    }
}

status_t cpio_find(const void *archive, size_t size, const char *path, struct cpio_entry *out_entry) {
    struct cpio cpio;
    struct cpio_entry entry;
    status_t status;
    cpio_init(&cpio, archive, size);
    while ((status = cpio_next(&cpio, &entry)) == STATUS_OK) {
        if (strcmp(skip_prefix(entry.name), skip_prefix(path)) == 0) {
            *out_entry = entry;
            return STATUS_OK;
        }
    }
    return status;
}
