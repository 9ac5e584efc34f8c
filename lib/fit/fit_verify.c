/*
 * Image data against its hashes.
 */
#include "lib/fit/fit_verify.h"

#include <string.h>

void fit_verify_start(struct fit_verify *verify, const struct fit_image *image) {
    verify->image = image;
    verify->done = 0;
    for (unsigned kind = 0; kind < FIT_HASH_KIND_COUNT; kind++) {
        if (image->hashes[kind] != NULL) {
            fit_hash_start(&verify->hashes[kind], (enum fit_hash_kind)kind);
        }
    }
}

bool fit_verify_advance(struct fit_verify *verify, size_t max_size) {
    const struct fit_image *image = verify->image;
    size_t left = image->size - verify->done;
    size_t size = left < max_size ? left : max_size;
    for (unsigned kind = 0; kind < FIT_HASH_KIND_COUNT; kind++) {
        if (image->hashes[kind] != NULL) {
            fit_hash_update(&verify->hashes[kind], image->data + verify->done, size);
        }
    }
    verify->done += size;
    return size < left;
}

static bool hash_matches(struct fit_verify *verify, enum fit_hash_kind kind) {
    uint8_t digest[FIT_HASH_SIZE_MAX];
    fit_hash_finish(&verify->hashes[kind], digest);
    return memcmp(digest, verify->image->hashes[kind], fit_hash_size(kind)) == 0;
}

status_t fit_verify_finish(struct fit_verify *verify, struct fit_reason *out_reason) {
    const struct fit_image *image = verify->image;
    fit_verify_advance(verify, SIZE_MAX);
    for (unsigned kind = 0; kind < FIT_HASH_KIND_COUNT; kind++) {
        if (image->hashes[kind] != NULL && !hash_matches(verify, (enum fit_hash_kind)kind)) {
            return fit_refuse(out_reason, STATUS_CORRUPT, "image %s is damaged: its %s does not match", image->name,
                              fit_hash_name((enum fit_hash_kind)kind));
        }
    }
    return STATUS_OK;
}

status_t fit_image_verify(const struct fit_image *image, struct fit_reason *out_reason) {
    struct fit_verify verify;
    fit_verify_start(&verify, image);
    return fit_verify_finish(&verify, out_reason);
}
