/*
 * Names for clang's thread-safety attributes, so that the compiler checks on every path that a function which needs a
 * lock is called with it held, and that a lock taken is a lock released. They generate no code.
 *
 * The attributes work in C on functions, not on fields: what a lock guards is said in a comment next to it.
 */
#pragma once

#define SYNC_CAPABILITY(name) __attribute__((capability(name)))
#define SYNC_ACQUIRES(lock) __attribute__((acquire_capability(lock)))
#define SYNC_RELEASES(lock) __attribute__((release_capability(lock)))
#define SYNC_ACQUIRES_IF_TRUE(lock) __attribute__((try_acquire_capability(true, lock)))
#define SYNC_NEEDS(lock) __attribute__((requires_capability(lock)))

/* For the one place that must not care: a panic, which goes on whoever holds what. */
#define SYNC_UNCHECKED __attribute__((no_thread_safety_analysis))
