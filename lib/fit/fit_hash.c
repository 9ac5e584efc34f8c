/*
 * One row per hash kind. The sums themselves come from zlib and mbed TLS; the row hides their calling
 * conventions.
 *
 * mbed TLS' return values are not looked at: its software implementation has no failure to report.
 */
#include "lib/fit/fit_hash.h"

#include <string.h>
#include <zlib.h>

struct hash_row {
    const char *name;
    size_t size;
    void (*start)(struct fit_hash *hash);
    void (*update)(struct fit_hash *hash, const uint8_t *data, size_t size);
    void (*finish)(struct fit_hash *hash, uint8_t *out_digest);
};

static void crc32_start(struct fit_hash *hash) {
    hash->crc32 = 0;
}

static void crc32_update(struct fit_hash *hash, const uint8_t *data, size_t size) {
    hash->crc32 = (uint32_t)crc32_z(hash->crc32, data, size);
}

static void crc32_finish(struct fit_hash *hash, uint8_t *out_digest) {
    for (unsigned index = 0; index < sizeof(hash->crc32); index++) {
        out_digest[index] = (uint8_t)(hash->crc32 >> (24 - 8 * index));
    }
}

static void sha256_start(struct fit_hash *hash) {
    mbedtls_sha256_init(&hash->sha256);
    (void)mbedtls_sha256_starts_ret(&hash->sha256, 0);
}

static void sha256_update(struct fit_hash *hash, const uint8_t *data, size_t size) {
    (void)mbedtls_sha256_update_ret(&hash->sha256, data, size);
}

static void sha256_finish(struct fit_hash *hash, uint8_t *out_digest) {
    (void)mbedtls_sha256_finish_ret(&hash->sha256, out_digest);
    mbedtls_sha256_free(&hash->sha256);
}

static const struct hash_row rows[FIT_HASH_KIND_COUNT] = {
    [FIT_HASH_CRC32] = {"crc32", 4, crc32_start, crc32_update, crc32_finish},
    [FIT_HASH_SHA256] = {"sha256", 32, sha256_start, sha256_update, sha256_finish},
};

const char *fit_hash_name(enum fit_hash_kind kind) {
    return rows[kind].name;
}

size_t fit_hash_size(enum fit_hash_kind kind) {
    return rows[kind].size;
}

status_t fit_hash_kind_find(const char *name, enum fit_hash_kind *out_kind) {
    for (unsigned kind = 0; kind < FIT_HASH_KIND_COUNT; kind++) {
        if (strcmp(name, rows[kind].name) == 0) {
            *out_kind = (enum fit_hash_kind)kind;
            return STATUS_OK;
        }
    }
    return STATUS_UNSUPPORTED;
}

void fit_hash_start(struct fit_hash *hash, enum fit_hash_kind kind) {
    hash->kind = kind;
    rows[kind].start(hash);
}

void fit_hash_update(struct fit_hash *hash, const void *data, size_t size) {
    rows[hash->kind].update(hash, data, size);
}

void fit_hash_finish(struct fit_hash *hash, uint8_t out_digest[FIT_HASH_SIZE_MAX]) {
    rows[hash->kind].finish(hash, out_digest);
}
