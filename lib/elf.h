/*
 * A defensive reader of RISC-V executables: ELF32 and ELF64, little-endian, ET_EXEC or static ET_DYN.
 *
 * The kernel places guests with it, the supervisor its programs, the packer refuses with it. elf_open checks everything
 * that elf_next_segment relies on, so iterating cannot fail; the image must not change in between. Nothing is copied
 * and the image needs no alignment.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "abi/status.h"

/* The values of EI_CLASS. */
enum elf_class { ELF_CLASS_32 = 1, ELF_CLASS_64 = 2 };

/* An executable that elf_open has accepted. */
struct elf {
    const uint8_t *image;
    size_t size;
    enum elf_class format;
    bool is_position_independent; /* ET_DYN: addresses count from wherever it is loaded, relocations are its own */
    uint64_t entry;               /* virtual address, inside an executable segment */
    uint64_t first_address;       /* the lowest virtual address of its segments */
    uint64_t last_address;        /* the highest one, inclusive: the address space may end there */
    uint64_t headers_offset;      /* program header table, in the image */
    uint32_t headers_count;       /* its entries, loadable or not */
};

/* A loadable segment. The bytes behind file_size, up to memory_size, are zero. */
struct elf_segment {
    uint64_t offset; /* of its bytes in the image */
    uint64_t file_size;
    uint64_t address; /* virtual */
    uint64_t physical_address;
    uint64_t memory_size; /* never 0, never less than file_size */
    bool is_readable;
    bool is_writable;
    bool is_executable;
};

/*
 * Checks an image and describes it. Every refusal also puts a sentence into *out_reason.
 * STATUS_INVALID: no ELF at all. STATUS_UNSUPPORTED: one, but not of this kind (class, byte order, machine, type, needs
 * an interpreter). STATUS_CORRUPT: it contradicts itself: tables or segments outside the image, a segment larger in the
 * file than in memory, that wraps around the address space, is misaligned, out of order or overlaps another, an entry
 * that is in no executable segment.
 */
status_t elf_open(const void *image, size_t size, enum elf_class format, struct elf *out_elf, const char **out_reason);

/*
 * The loadable segments in ascending order of address: starts with *cursor 0, false at the end. Segments that take no
 * memory are left out.
 */
bool elf_next_segment(const struct elf *elf, uint32_t *cursor, struct elf_segment *out_segment);
