/*
 * What may be done with a page, as bits. The values are Linux's PROT_* (asm-generic/mman-common.h), so that a checked
 * system call argument is one of these without translation.
 */
#pragma once

enum {
    ACCESS_NONE = 0,
    ACCESS_READ = 1,
    ACCESS_WRITE = 2,
    ACCESS_EXECUTE = 4,
    ACCESS_ALL = ACCESS_READ | ACCESS_WRITE | ACCESS_EXECUTE,
};

/* Write without read is a reserved encoding (priv. spec, "Sv32"), so whoever may write may read. */
static inline unsigned access_complete(unsigned access) {
    return access & ACCESS_WRITE ? access | ACCESS_READ : access;
}
