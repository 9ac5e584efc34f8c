/*
 * Page by page, because neighbours in user memory need not be neighbours in RAM.
 */
#include "supervisor/mem/user_copy.h"

#include <string.h>

#include "supervisor/mem/access.h"

/* Of `size` bytes, those in the page at `address`. */
static status_t piece_resolve(struct address_space *space, uint64_t address, size_t size, unsigned access,
                              void **out_bytes, size_t *out_size) {
    uint64_t available;
    status_t status = address_space_resolve(space, address, access, out_bytes, &available);
    if (status == STATUS_OK) {
        *out_size = size < available ? size : (size_t)available;
    }
    return status;
}

status_t user_copy_in(struct address_space *space, void *to, uint64_t from, size_t size) {
    uint8_t *target = to;
    while (size != 0) {
        void *bytes;
        size_t piece;
        status_t status = piece_resolve(space, from, size, ACCESS_READ, &bytes, &piece);
        if (status != STATUS_OK) {
            return status;
        }
        memcpy(target, bytes, piece);
        target += piece;
        from += piece;
        size -= piece;
    }
    return STATUS_OK;
}

static status_t copy_to(struct address_space *space, uint64_t to, const void *from, size_t size, unsigned access) {
    const uint8_t *source = from;
    while (size != 0) {
        void *bytes;
        size_t piece;
        status_t status = piece_resolve(space, to, size, access, &bytes, &piece);
        if (status != STATUS_OK) {
            return status;
        }
        memcpy(bytes, source, piece);
        source += piece;
        to += piece;
        size -= piece;
    }
    return STATUS_OK;
}

status_t user_copy_out(struct address_space *space, uint64_t to, const void *from, size_t size) {
    return copy_to(space, to, from, size, ACCESS_WRITE);
}

status_t user_populate(struct address_space *space, uint64_t to, const void *from, size_t size) {
    return copy_to(space, to, from, size, ACCESS_NONE);
}

status_t user_check(struct address_space *space, uint64_t address, size_t size, unsigned access) {
    while (size != 0) {
        void *bytes;
        size_t piece;
        status_t status = piece_resolve(space, address, size, access, &bytes, &piece);
        if (status != STATUS_OK) {
            return status;
        }
        address += piece;
        size -= piece;
    }
    return STATUS_OK;
}
