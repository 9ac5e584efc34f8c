/*
 * Byte ring. Everything is built from two moves: the contiguous span at a position, and advancing a counter.
 */
#include "lib/ring.h"

#include <string.h>

#include "lib/align.h"

static size_t smaller(size_t a, size_t b) {
    return a < b ? a : b;
}

/* The piece of at most limit bytes that begins at counter value position and does not wrap. */
static struct ring_span span_at(const struct ring *ring, uint32_t position, size_t limit) {
    uint32_t index = position & (ring->size - 1);
    struct ring_span span = {ring->bytes + index, smaller(limit, ring->size - index)};
    return span;
}

status_t ring_init(struct ring *ring, void *memory, size_t size) {
    if (!is_power_of_two(size) || size > UINT32_C(1) << 31) {
        return STATUS_INVALID;
    }
    ring->bytes = memory;
    ring->size = (uint32_t)size;
    ring->written = 0;
    ring->read = 0;
    return STATUS_OK;
}

size_t ring_count(const struct ring *ring) {
    return ring->written - ring->read;
}

size_t ring_space(const struct ring *ring) {
    return ring->size - ring_count(ring);
}

void ring_clear(struct ring *ring) {
    ring->read = ring->written;
}

struct ring_span ring_peek(const struct ring *ring, size_t offset) {
    size_t skipped = smaller(offset, ring_count(ring));
    return span_at(ring, ring->read + (uint32_t)skipped, ring_count(ring) - skipped);
}

size_t ring_drop(struct ring *ring, size_t count) {
    size_t dropped = smaller(count, ring_count(ring));
    ring->read += (uint32_t)dropped;
    return dropped;
}

struct ring_span ring_reserve(const struct ring *ring) {
    return span_at(ring, ring->written, ring_space(ring));
}

size_t ring_commit(struct ring *ring, size_t count) {
    size_t committed = smaller(count, ring_reserve(ring).size);
    ring->written += (uint32_t)committed;
    return committed;
}

size_t ring_put(struct ring *ring, const void *data, size_t size) {
    const uint8_t *source = data;
    size_t total = smaller(size, ring_space(ring));
    for (size_t done = 0; done < total;) {
        struct ring_span span = ring_reserve(ring);
        size_t piece = smaller(span.size, total - done);
        memcpy(span.bytes, source + done, piece);
        done += ring_commit(ring, piece);
    }
    return total;
}

size_t ring_get(struct ring *ring, void *data, size_t size) {
    uint8_t *target = data;
    size_t total = smaller(size, ring_count(ring));
    for (size_t done = 0; done < total;) {
        struct ring_span span = ring_peek(ring, 0);
        size_t piece = smaller(span.size, total - done);
        memcpy(target + done, span.bytes, piece);
        done += ring_drop(ring, piece);
    }
    return total;
}
