/*
 * key' = SHA-256(key, 0), block n = SHA-256(key, 1, n): the usual hash generator, with the parts kept apart by a byte
 * in between.
 */
#include "supervisor/dev/random.h"

#include <string.h>

#include "mbedtls/sha256.h"

enum { PURPOSE_NEXT_KEY = 0, PURPOSE_OUTPUT = 1, BLOCK_SIZE = 32 };

/* The functions of the library fail only for algorithms that it was not built with. */
static void hash(uint8_t *out, const uint8_t *first, size_t first_size, const void *second, size_t second_size) {
    mbedtls_sha256_context context;
    mbedtls_sha256_init(&context);
    (void)mbedtls_sha256_starts_ret(&context, 0);
    (void)mbedtls_sha256_update_ret(&context, first, first_size);
    (void)mbedtls_sha256_update_ret(&context, second, second_size);
    (void)mbedtls_sha256_finish_ret(&context, out);
    mbedtls_sha256_free(&context);
}

void random_init(struct random *random, const uint8_t *seed, size_t seed_size, uint64_t salt) {
    random->is_seeded = seed_size >= RANDOM_SEED_MINIMUM;
    hash(random->key, seed, seed_size, &salt, sizeof(salt));
}

void random_fill(struct random *random, uint8_t *bytes, size_t size) {
    uint8_t block[BLOCK_SIZE];
    uint8_t suffix[1 + sizeof(uint64_t)] = {PURPOSE_OUTPUT};
    for (uint64_t index = 0; size != 0; index++) {
        memcpy(&suffix[1], &index, sizeof(index));
        hash(block, random->key, sizeof(random->key), suffix, sizeof(suffix));
        size_t piece = size < sizeof(block) ? size : sizeof(block);
        memcpy(bytes, block, piece);
        bytes += piece;
        size -= piece;
    }
    suffix[0] = PURPOSE_NEXT_KEY;
    hash(random->key, random->key, sizeof(random->key), suffix, 1);
}
