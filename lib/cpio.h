/*
 * A defensive reader of cpio archives in the "new ASCII" format (magic 070701, or 070702 with checksums, which are not
 * looked at): initial RAM disks. Format: cpio(5), and Linux, Documentation/driver-api/early-userspace/buffer-format.
 *
 * Entries point into the archive: nothing is copied, and names and data of one archive may be read at once. Nothing
 * behind the first TRAILER!!! is looked at.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "abi/status.h"

struct cpio_entry {
    const char *name;    /* NUL-terminated, as written: maybe with a leading "./" or "/" */
    size_t name_size;    /* without the NUL */
    uint32_t mode;       /* type and permissions, as in struct stat */
    const uint8_t *data; /* the file's bytes, or a symbolic link's target, which has no NUL */
    size_t size;
};

/* A position in an archive. */
struct cpio {
    const uint8_t *bytes;
    size_t size;
    size_t offset; /* of the entry that comes next */
};

void cpio_init(struct cpio *cpio, const void *archive, size_t size);

/*
 * The next entry. STATUS_NOT_FOUND: the trailer is reached; the archive was whole up to there. STATUS_CORRUPT: no entry
 * starts here, one is cut short, or its name is not terminated where it says. Either answer then stays the same.
 */
status_t cpio_next(struct cpio *cpio, struct cpio_entry *out_entry);

/*
 * The first entry with this path; leading "./" and "/" count on neither side, and "." is the root. STATUS_NOT_FOUND:
 * there is none. STATUS_CORRUPT: the archive is damaged in front of it.
 */
status_t cpio_find(const void *archive, size_t size, const char *path, struct cpio_entry *out_entry);
