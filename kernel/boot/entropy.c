/*
 * A hash ratchet: what is drawn is SHA-256(pool, 1), what stays is SHA-256(pool, 0). Who sees a draw learns nothing of
 * the pool, and the pool does not tell earlier draws.
 */
#include "kernel/boot/entropy.h"

#include <mbedtls/sha256.h>

#include "kernel/arch/hart.h"
#include "kernel/irq/timer.h"
#include "kernel/sync/spinlock.h"

static struct {
    struct spinlock lock;
    /* guarded by lock: */
    uint8_t pool[ENTROPY_SIZE];
    bool is_seeded;
} entropy;

enum { DIRECTION_KEEP = 0, DIRECTION_DRAW = 1 };

static void derive(const uint8_t *pool, uint8_t direction, const void *more, size_t more_size, uint8_t *out_bytes) {
    mbedtls_sha256_context hash;
    mbedtls_sha256_init(&hash);
    mbedtls_sha256_starts_ret(&hash, 0);
    mbedtls_sha256_update_ret(&hash, pool, ENTROPY_SIZE);
    mbedtls_sha256_update_ret(&hash, &direction, 1);
    mbedtls_sha256_update_ret(&hash, more, more_size);
    mbedtls_sha256_finish_ret(&hash, out_bytes);
    mbedtls_sha256_free(&hash);
}

/* The caller holds the lock, or is alone. */
static void stir(const void *bytes, size_t size) {
    derive(entropy.pool, DIRECTION_KEEP, bytes, size, entropy.pool);
}

bool entropy_init(const uint8_t *seed, size_t seed_size) {
    uint8_t hardware[ENTROPY_SIZE];
    bool has_hardware = arch_entropy(arch_hart_self(), hardware, sizeof hardware);
    if (has_hardware) {
        stir(hardware, sizeof hardware);
    }
    stir(seed, seed_size);
    entropy.is_seeded = has_hardware || seed_size >= ENTROPY_SIZE;
    return entropy.is_seeded;
}

bool entropy_draw(uint8_t out_bytes[ENTROPY_SIZE]) {
    uint64_t now = timer_now(); /* no source of its own; it only keeps two draws apart once more */
    if (!entropy.is_seeded) {
        return false;
    }
    spinlock_lock(&entropy.lock);
    derive(entropy.pool, DIRECTION_DRAW, &now, sizeof now, out_bytes);
    stir(&now, sizeof now);
    spinlock_unlock(&entropy.lock);
    return true;
}

uint32_t entropy_lock_count(void) {
    return spinlock_count(&entropy.lock);
}
