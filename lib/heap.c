/* The heap as an array: the children of slot i are the slots 2i + 1 and 2i + 2, none with a smaller key than i's. */
#include "lib/heap.h"

static void put(struct heap *heap, uint32_t index, struct heap_node *node) {
    heap->slots[index] = node;
    node->place = index + 1;
}

/* Finds the node a place at `index` or above. */
static void rise(struct heap *heap, uint32_t index, struct heap_node *node) {
    while (index > 0) {
        uint32_t parent = (index - 1) / 2;
        if (heap->slots[parent]->key <= node->key) {
            break;
        }
        put(heap, index, heap->slots[parent]);
        index = parent;
    }
    put(heap, index, node);
}

/* Finds the node a place at `index` or below. */
static void sink(struct heap *heap, uint32_t index, struct heap_node *node) {
    for (;;) {
        uint32_t child = 2 * index + 1;
        if (child >= heap->count) {
            break;
        }
        if (child + 1 < heap->count && heap->slots[child + 1]->key < heap->slots[child]->key) {
            child++;
        }
        if (node->key <= heap->slots[child]->key) {
            break;
        }
        put(heap, index, heap->slots[child]);
        index = child;
    }
    put(heap, index, node);
}

void heap_init(struct heap *heap, struct heap_node **slots) {
    heap->slots = slots;
    heap->count = 0;
}

void heap_insert(struct heap *heap, struct heap_node *node, uint64_t key) {
    node->key = key;
    heap->count++;
    rise(heap, heap->count - 1, node);
}

void heap_remove(struct heap *heap, struct heap_node *node) {
    if (!heap_node_is_in(node)) {
        return;
    }
    uint32_t index = node->place - 1;
    node->place = 0;
    heap->count--;
    struct heap_node *last = heap->slots[heap->count];
    if (last == node) {
        return;
    }
    /* The last one takes the free slot; it may belong above or below it. */
    if (last->key < node->key) {
        rise(heap, index, last);
    } else {
        sink(heap, index, last);
    }
}
