/* Contract: who called whom, for a panic. */
#pragma once

#include <stddef.h>

/* The return addresses of the callers, innermost first, from a frame pointer on; returns how many. Stops at anything
 * that does not look like a frame. */
size_t arch_backtrace(unsigned long frame, unsigned long *out_addresses, size_t capacity);

/* Where the kernel's first byte lies: symbols are found relative to it. */
const void *arch_kernel_start(void);

/* The byte behind its last one. */
const void *arch_kernel_end(void);
