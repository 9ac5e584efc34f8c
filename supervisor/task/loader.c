/*
 * Segments become regions; their bytes are copied in, and what lies behind them is zero because pages start as zeroes.
 */
#include "supervisor/task/loader.h"

#include "lib/align.h"
#include "supervisor/mem/access.h"
#include "supervisor/mem/user_copy.h"

/* Where position-independent programs go. A multiple of any alignment that a segment of a program has. */
#define INDEPENDENT_BASE 0x1000000ULL

enum { HEADER_SIZE_32 = 32, HEADER_SIZE_64 = 56 };

static unsigned segment_access(const struct elf_segment *segment) {
    unsigned access = segment->is_readable ? ACCESS_READ : ACCESS_NONE;
    access |= segment->is_writable ? ACCESS_WRITE : ACCESS_NONE;
    access |= segment->is_executable ? ACCESS_EXECUTE : ACCESS_NONE;
    return access_complete(access);
}

/* The pages of a segment, moved by `bias`. INVALID where they wrap or go beyond the address space. */
static status_t segment_pages(const struct address_space *space, const struct elf_segment *segment, uint64_t bias,
                              uint64_t *out_start, uint64_t *out_end) {
    uint64_t start;
    uint64_t end;
    if (__builtin_add_overflow(segment->address, bias, &start) ||
        __builtin_add_overflow(start, segment->memory_size, &end) || end > space->limit) {
        return STATUS_INVALID;
    }
    *out_start = align_down(start, PAGE_SIZE);
    *out_end = align_up(end, PAGE_SIZE);
    return STATUS_OK;
}

static status_t segment_load(struct address_space *space, const struct elf *elf, const struct elf_segment *segment,
                             uint64_t bias, uint64_t *out_end) {
    uint64_t start;
    uint64_t end;
    status_t status = segment_pages(space, segment, bias, &start, &end);
    if (status == STATUS_OK) {
        status = address_space_map(space, start, end - start, segment_access(segment));
    }
    if (status == STATUS_OK) {
        status =
            user_populate(space, segment->address + bias, elf->image + segment->offset, (size_t)segment->file_size);
    }
    if (status == STATUS_OK) {
        *out_end = end;
    }
    return status;
}

/* Where the program sees its own program headers, if a segment has brought them along. */
static uint64_t headers_address(const struct elf *elf, const struct elf_segment *segment, uint64_t bias) {
    uint64_t offset = elf->headers_offset;
    if (offset < segment->offset || offset - segment->offset >= segment->file_size) {
        return 0;
    }
    return segment->address + bias + (offset - segment->offset);
}

static const char *refusal(status_t status) {
    switch (status) {
    case STATUS_INVALID:
        return "a segment lies outside the addresses that programs have";
    case STATUS_EXISTS:
        return "two segments share a page";
    case STATUS_TOO_BIG:
        return "too many segments";
    default:
        return "not enough memory";
    }
}

status_t loader_load(struct address_space *space, const void *image, size_t size, enum elf_class format,
                     struct program *out_program, const char **out_reason) {
    struct elf elf;
    status_t status = elf_open(image, size, format, &elf, out_reason);
    if (status != STATUS_OK) {
        return status;
    }
    uint64_t bias = elf.is_position_independent ? INDEPENDENT_BASE : 0;
    struct program program = {
        .entry = elf.entry + bias,
        .headers_count = elf.headers_count,
        .header_size = format == ELF_CLASS_32 ? HEADER_SIZE_32 : HEADER_SIZE_64,
    };
    uint32_t cursor = 0;
    struct elf_segment segment;
    while (elf_next_segment(&elf, &cursor, &segment)) {
        status = segment_load(space, &elf, &segment, bias, &program.end);
        if (status != STATUS_OK) {
            *out_reason = refusal(status);
            return status;
        }
        program.headers = program.headers != 0 ? program.headers : headers_address(&elf, &segment, bias);
    }
    /* Its instructions were written as data. */
    space->table.memory->fence_code(space->table.memory->context);
    *out_program = program;
    return STATUS_OK;
}
