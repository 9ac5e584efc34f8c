/*
 * Intrusive doubly linked list: a ring of nodes of which one, the head, is not inside an object.
 *
 * Run queues, timers and guests' vcpus are kept in these. Nothing is allocated and nothing fails. A node that is in no
 * list points at itself, so removing it again is harmless and list_is_empty(node) says whether it is linked. No
 * locking: whoever owns the head owns the lock.
 */
#pragma once

#include <stddef.h>

struct list {
    struct list *next;
    struct list *previous;
};

/* Makes a head or a node: empty, or in no list. */
static inline void list_init(struct list *list) {
    list->next = list;
    list->previous = list;
}

/* True for a head without nodes, and for a node that is in no list. */
static inline bool list_is_empty(const struct list *list) {
    return list->next == list;
}

/* Links node, which must be in no list, in front of position. */
static inline void list_insert_before(struct list *position, struct list *node) {
    node->next = position;
    node->previous = position->previous;
    position->previous->next = node;
    position->previous = node;
}

/* Links node, which must be in no list, as the last of the list. */
static inline void list_append(struct list *head, struct list *node) {
    list_insert_before(head, node);
}

/* Links node, which must be in no list, as the first of the list. */
static inline void list_prepend(struct list *head, struct list *node) {
    list_insert_before(head->next, node);
}

/* Takes node out of the list that it is in, if it is in one. */
static inline void list_remove(struct list *node) {
    node->previous->next = node->next;
    node->next->previous = node->previous;
    list_init(node);
}

/* The node after position (the head: the first node); null at the end. */
static inline struct list *list_next(const struct list *head, const struct list *position) {
    return position->next == head ? nullptr : position->next;
}

/* The first node, or null. */
static inline struct list *list_first(const struct list *head) {
    return list_next(head, head);
}

/* The last node, or null. */
static inline struct list *list_last(const struct list *head) {
    return head->previous == head ? nullptr : head->previous;
}

/*
 * The object of the given type whose member is node. A node of another type than struct list, or a member that is not
 * one, does not compile: the comparison inside sizeof is only ever type-checked.
 */
#define LIST_CONTAINER(node, type, member) \
    ((type *)(void *)((char *)(node) - offsetof(type, member) + 0 * sizeof((node) == &((type *)nullptr)->member)))

/* Visits each node; the body must not unlink it. */
#define LIST_FOR_EACH(node, head) for (struct list *node = (head)->next; node != (head); node = node->next)

/* Visits each node; the body may unlink the one it is at, and only that. */
#define LIST_FOR_EACH_REMOVABLE(node, head)                                           \
    for (struct list *node = (head)->next, *node##_next = node->next; node != (head); \
         node = node##_next, node##_next = node->next)
