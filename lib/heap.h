/*
 * Intrusive binary heap: nodes by key, the smallest first.
 *
 * Deadlines are kept in these. Nothing is allocated and nothing fails: the array of slots is the caller's, and has room
 * for every node that can ever be inserted at a time. A node knows its slot, so that it can be removed from the middle.
 * Inserting and removing cost the logarithm of the number of nodes, the first one is at hand. No locking.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct heap_node {
    uint64_t key;
    uint32_t place; /* its slot plus one; 0: in no heap */
};

struct heap {
    struct heap_node **slots;
    uint32_t count;
};

/* An empty heap over an array of slots. */
void heap_init(struct heap *heap, struct heap_node **slots);

/* A node that is in no heap. */
static inline void heap_node_init(struct heap_node *node) {
    node->key = 0;
    node->place = 0;
}

static inline bool heap_node_is_in(const struct heap_node *node) {
    return node->place != 0;
}

/* The node with the smallest key, or null. Among equal keys, any. */
static inline struct heap_node *heap_first(const struct heap *heap) {
    return heap->count != 0 ? heap->slots[0] : nullptr;
}

/* Inserts a node, which must be in no heap. */
void heap_insert(struct heap *heap, struct heap_node *node, uint64_t key);

/* Takes a node out of the heap that it is in; one that is in none may be given, too. */
void heap_remove(struct heap *heap, struct heap_node *node);
