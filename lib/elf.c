/*
 * ELF reader (System V ABI, "ELF Header" and "Program Header"; RISC-V ELF psABI). The two classes differ in the widths
 * and places of a few fields, which are two rows of a table here.
 */
#include "lib/elf.h"

#include <string.h>

#include "lib/align.h"
#include "lib/bytes.h"

enum {
    IDENT_CLASS = 4,
    IDENT_DATA = 5,
    IDENT_VERSION = 6,
    IDENT_SIZE = 16,
    HEADER_TYPE = 16,
    HEADER_MACHINE = 18,
    HEADER_VERSION = 20,
    HEADER_ENTRY = 24,
};

enum { DATA_LITTLE_ENDIAN = 1, VERSION_CURRENT = 1 };
enum { TYPE_EXECUTABLE = 2, TYPE_DYNAMIC = 3, MACHINE_RISCV = 243 };
enum { SEGMENT_LOAD = 1, SEGMENT_INTERPRETER = 3 };
enum { FLAG_EXECUTE = 1, FLAG_WRITE = 2, FLAG_READ = 4 };

/* "The number of program headers is elsewhere": no executable needs that many. */
enum { COUNT_ESCAPE = 0xffff };

/* Where a class keeps what: offsets in the ELF header, then in a program header. */
struct layout {
    uint8_t word; /* bytes of an address, an offset and a size */
    uint8_t header_size;
    uint8_t headers_offset;
    uint8_t headers_entry_size;
    uint8_t headers_count;
    uint8_t segment_header_size;
    uint8_t flags;
    uint8_t offset;
    uint8_t address;
    uint8_t physical_address;
    uint8_t file_size;
    uint8_t memory_size;
    uint8_t alignment;
};

static const struct layout layouts[] = {
    [ELF_CLASS_32] = {4, 52, 28, 42, 44, 32, 24, 4, 8, 12, 16, 20, 28},
    [ELF_CLASS_64] = {8, 64, 32, 54, 56, 56, 4, 8, 16, 24, 32, 40, 48},
};

/* A program header as it stands in the image. */
struct segment_header {
    uint32_t type;
    uint64_t alignment;
    struct elf_segment segment;
};

static uint64_t load_word(const struct layout *layout, const uint8_t *at) {
    return layout->word == 4 ? load_le32(at) : load_le64(at);
}

/* The last address that a class can name. */
static uint64_t last_nameable_address(const struct layout *layout) {
    return layout->word == 4 ? UINT32_MAX : UINT64_MAX;
}

static status_t refuse(const char **out_reason, status_t status, const char *reason) {
    *out_reason = reason;
    return status;
}

static status_t check_ident(const uint8_t *image, size_t size, enum elf_class format, const char **out_reason) {
    if (size < IDENT_SIZE || memcmp(image, "\177ELF", 4) != 0) {
        return refuse(out_reason, STATUS_INVALID, "not an ELF file");
    }
    if (image[IDENT_CLASS] != format) {
        return refuse(out_reason, STATUS_UNSUPPORTED,
                      format == ELF_CLASS_32 ? "not a 32-bit ELF file" : "not a 64-bit ELF file");
    }
    if (image[IDENT_DATA] != DATA_LITTLE_ENDIAN) {
        return refuse(out_reason, STATUS_UNSUPPORTED, "not a little-endian ELF file");
    }
    if (image[IDENT_VERSION] != VERSION_CURRENT) {
        return refuse(out_reason, STATUS_UNSUPPORTED, "an ELF version that is not known");
    }
    return STATUS_OK;
}

static status_t check_kind(const uint8_t *image, const char **out_reason) {
    uint16_t type = load_le16(image + HEADER_TYPE);
    if (load_le16(image + HEADER_MACHINE) != MACHINE_RISCV) {
        return refuse(out_reason, STATUS_UNSUPPORTED, "an ELF file for another machine than RISC-V");
    }
    if (type != TYPE_EXECUTABLE && type != TYPE_DYNAMIC) {
        return refuse(out_reason, STATUS_UNSUPPORTED, "an ELF file that is not an executable");
    }
    if (load_le32(image + HEADER_VERSION) != VERSION_CURRENT) {
        return refuse(out_reason, STATUS_UNSUPPORTED, "an ELF version that is not known");
    }
    return STATUS_OK;
}

/* Fills in what the ELF header says and checks that the program header table is inside the image. */
static status_t read_header(struct elf *elf, const struct layout *layout, const char **out_reason) {
    const uint8_t *header = elf->image;
    elf->is_position_independent = load_le16(header + HEADER_TYPE) == TYPE_DYNAMIC;
    elf->entry = load_word(layout, header + HEADER_ENTRY);
    elf->headers_offset = load_word(layout, header + layout->headers_offset);
    elf->headers_count = load_le16(header + layout->headers_count);
    if (load_le16(header + layout->headers_entry_size) != layout->segment_header_size) {
        return refuse(out_reason, STATUS_CORRUPT, "the ELF program headers have a wrong size");
    }
    if (elf->headers_count == COUNT_ESCAPE) {
        return refuse(out_reason, STATUS_UNSUPPORTED, "the ELF file has too many program headers");
    }
    uint64_t table_size = (uint64_t)elf->headers_count * layout->segment_header_size;
    if (elf->headers_offset > elf->size || table_size > elf->size - elf->headers_offset) {
        return refuse(out_reason, STATUS_CORRUPT, "the ELF program headers lie outside the file");
    }
    return STATUS_OK;
}

static struct segment_header load_segment_header(const struct elf *elf, uint32_t index) {
    const struct layout *layout = &layouts[elf->format];
    /* Inside the image by read_header's check, so it fits a size_t. */
    const uint8_t *at = elf->image + (size_t)(elf->headers_offset + (uint64_t)index * layout->segment_header_size);
    uint32_t flags = load_le32(at + layout->flags);
    struct segment_header header = {
        .type = load_le32(at),
        .alignment = load_word(layout, at + layout->alignment),
        .segment =
            {
                .offset = load_word(layout, at + layout->offset),
                .file_size = load_word(layout, at + layout->file_size),
                .address = load_word(layout, at + layout->address),
                .physical_address = load_word(layout, at + layout->physical_address),
                .memory_size = load_word(layout, at + layout->memory_size),
                .is_readable = (flags & FLAG_READ) != 0,
                .is_writable = (flags & FLAG_WRITE) != 0,
                .is_executable = (flags & FLAG_EXECUTE) != 0,
            },
    };
    return header;
}

/* Checks what a loadable segment says about itself. memory_size may still be 0 here. */
static status_t check_segment(const struct elf *elf, const struct segment_header *header, const char **out_reason) {
    const struct elf_segment *segment = &header->segment;
    if (segment->file_size > segment->memory_size) {
        return refuse(out_reason, STATUS_CORRUPT, "an ELF segment is larger in the file than in memory");
    }
    if (segment->offset > elf->size || segment->file_size > elf->size - segment->offset) {
        return refuse(out_reason, STATUS_CORRUPT, "an ELF segment lies outside the file");
    }
    /* 0 and 1 mean "no alignment"; else address and offset agree modulo the alignment (System V ABI, p_align). */
    if (header->alignment > 1 &&
        (!is_power_of_two(header->alignment) || !is_aligned(segment->address - segment->offset, header->alignment))) {
        return refuse(out_reason, STATUS_CORRUPT, "an ELF segment is misaligned");
    }
    uint64_t limit = last_nameable_address(&layouts[elf->format]);
    if (segment->memory_size > 0 && (segment->memory_size - 1 > limit - segment->address ||
                                     segment->memory_size - 1 > limit - segment->physical_address)) {
        return refuse(out_reason, STATUS_CORRUPT, "an ELF segment wraps around the address space");
    }
    return STATUS_OK;
}

/* What the walk over the segments has seen so far. */
struct survey {
    bool has_segment;
    bool entry_is_executable;
};

/* Checks a segment that takes memory against those in front of it, and widens the executable's span by it. */
static status_t add_segment(struct elf *elf, struct survey *survey, const struct elf_segment *segment,
                            const char **out_reason) {
    if (survey->has_segment && segment->address <= elf->last_address) {
        return refuse(out_reason, STATUS_CORRUPT, "ELF segments overlap or are not in ascending order");
    }
    if (!survey->has_segment) {
        elf->first_address = segment->address;
    }
    elf->last_address = segment->address + (segment->memory_size - 1);
    survey->has_segment = true;
    survey->entry_is_executable |=
        segment->is_executable && elf->entry >= segment->address && elf->entry <= elf->last_address;
    return STATUS_OK;
}

static status_t check_segments(struct elf *elf, const char **out_reason) {
    struct survey survey = {};
    for (uint32_t index = 0; index < elf->headers_count; index++) {
        struct segment_header header = load_segment_header(elf, index);
        status_t status = STATUS_OK;
        if (header.type == SEGMENT_INTERPRETER) {
            return refuse(out_reason, STATUS_UNSUPPORTED, "the ELF file is not static: it asks for an interpreter");
        }
        if (header.type != SEGMENT_LOAD) {
            continue;
        }
        status = check_segment(elf, &header, out_reason);
        if (status == STATUS_OK && header.segment.memory_size > 0) {
            status = add_segment(elf, &survey, &header.segment, out_reason);
        }
        if (status != STATUS_OK) {
            return status;
        }
    }
    if (!survey.has_segment) {
        return refuse(out_reason, STATUS_CORRUPT, "the ELF file has nothing to load");
    }
    /* An instruction starts at an even address, with compressed instructions and without. */
    if (!survey.entry_is_executable || !is_aligned(elf->entry, 2)) {
        return refuse(out_reason, STATUS_CORRUPT, "the ELF entry is not in an executable segment");
    }
    return STATUS_OK;
}

status_t elf_open(const void *image, size_t size, enum elf_class format, struct elf *out_elf, const char **out_reason) {
    const struct layout *layout = &layouts[format];
    struct elf elf = {.image = image, .size = size, .format = format};
    status_t status = check_ident(image, size, format, out_reason);
    if (status != STATUS_OK) {
        return status;
    }
    if (size < layout->header_size) {
        return refuse(out_reason, STATUS_CORRUPT, "the ELF file is cut short in its header");
    }
    status = check_kind(image, out_reason);
    if (status == STATUS_OK) {
        status = read_header(&elf, layout, out_reason);
    }
    if (status == STATUS_OK) {
        status = check_segments(&elf, out_reason);
    }
    if (status == STATUS_OK) {
        *out_elf = elf;
    }
    return status;
}

bool elf_next_segment(const struct elf *elf, uint32_t *cursor, struct elf_segment *out_segment) {
    while (*cursor < elf->headers_count) {
        struct segment_header header = load_segment_header(elf, (*cursor)++);
        if (header.type == SEGMENT_LOAD && header.segment.memory_size > 0) {
            *out_segment = header.segment;
            return true;
        }
    }
    return false;
}
