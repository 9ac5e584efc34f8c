/*
 * Puts a static ELF program into an empty address space. Position-independent ones (static-pie) go to a fixed place and
 * relocate themselves.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "abi/status.h"
#include "lib/elf.h"
#include "supervisor/mem/address_space.h"

/* What the program has to be told of itself, in its own addresses. */
struct program {
    uint64_t entry;
    /* 0: the program headers are in no segment. */
    uint64_t headers;
    uint32_t headers_count;
    uint32_t header_size;
    /* The first page behind its last segment. */
    uint64_t end;
};

/*
 * Refusals carry a sentence: those of elf_open(), and INVALID (a segment outside the address space), EXISTS (two
 * segments in one page), TOO_BIG (too many segments), NO_MEMORY. The address space then holds part of the program.
 */
status_t loader_load(struct address_space *space, const void *image, size_t size, enum elf_class format,
                     struct program *out_program, const char **out_reason);
