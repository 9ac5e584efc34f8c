/*
 * The hash kinds of FIT images: what they are called in the tree, how long their values are, and a running digest of
 * either kind. The reader checks images with it (lib/fit/fit_verify.h) and the packer writes them.
 *
 * Digests are big-endian byte strings, as FIT stores them. Nothing here has shared state.
 */
#pragma once

#include "abi/status.h"

#include <mbedtls/sha256.h>

#include <stddef.h>
#include <stdint.h>

enum fit_hash_kind {
    FIT_HASH_CRC32,  /* finds accidents; for development */
    FIT_HASH_SHA256, /* for release */
    FIT_HASH_KIND_COUNT,
};

enum { FIT_HASH_SIZE_MAX = 32 };

/* A digest in the making. */
struct fit_hash {
    enum fit_hash_kind kind;
    uint32_t crc32;
    mbedtls_sha256_context sha256;
};

/* The name that `algo` has in the tree. */
const char *fit_hash_name(enum fit_hash_kind kind);

/* The bytes of a digest of this kind. */
size_t fit_hash_size(enum fit_hash_kind kind);

/* STATUS_UNSUPPORTED for a name that is not in the table. */
status_t fit_hash_kind_find(const char *name, enum fit_hash_kind *out_kind);

void fit_hash_start(struct fit_hash *hash, enum fit_hash_kind kind);
void fit_hash_update(struct fit_hash *hash, const void *data, size_t size);

/* Writes fit_hash_size() bytes and ends the digest. */
void fit_hash_finish(struct fit_hash *hash, uint8_t out_digest[FIT_HASH_SIZE_MAX]);
