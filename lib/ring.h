/*
 * A ring of bytes over memory of the caller: consoles and channels queue through it.
 *
 * The size is a power of two, all of which can be filled. The two counters run free and wrap at 2^32: their difference
 * is what is inside, so full and empty never look the same. No locking: one object, one lock, held by the caller.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "abi/status.h"

struct ring {
    uint8_t *bytes;
    uint32_t size;
    uint32_t written; /* bytes ever put, modulo 2^32 */
    uint32_t read;    /* bytes ever taken, modulo 2^32 */
};

/* A stretch of bytes inside the ring's memory, valid until the ring is next changed. */
struct ring_span {
    uint8_t *bytes;
    size_t size;
};

/* Makes an empty ring. STATUS_INVALID unless size is a power of two of at most 2^31. */
status_t ring_init(struct ring *ring, void *memory, size_t size);

/* Bytes inside, and bytes that still fit. */
size_t ring_count(const struct ring *ring);
size_t ring_space(const struct ring *ring);

/* Forgets what is inside. */
void ring_clear(struct ring *ring);

/* Puts as much of data as fits, from its start on; returns how much that was. */
size_t ring_put(struct ring *ring, const void *data, size_t size);

/* Takes up to size bytes, oldest first; returns how many. */
size_t ring_get(struct ring *ring, void *data, size_t size);

/*
 * The bytes from offset (0 is the oldest) as far as they lie in one piece, without taking them; empty when the ring
 * holds no more than offset. Two calls, the second with the first one's size added to offset, see everything.
 */
struct ring_span ring_peek(const struct ring *ring, size_t offset);

/* Takes the oldest count bytes, or all of them if there are fewer; returns how many. */
size_t ring_drop(struct ring *ring, size_t count);

/* The memory that the next bytes go to, as far as it is free and in one piece; ring_commit makes them count. */
struct ring_span ring_reserve(const struct ring *ring);

/* Counts up to count bytes that were written into ring_reserve's span; returns how many were counted. */
size_t ring_commit(struct ring *ring, size_t count);
