/* Defensive device tree reading over libfdt. Offsets and lengths inside the blob's structure are libfdt's to check. */
#include "lib/fdt_read.h"

#include <string.h>

#include <libfdt.h>

#include "lib/bytes.h"

enum { CELL_SIZE = 4, CELLS_MAX = 2, DEFAULT_ADDRESS_CELLS = 2, DEFAULT_SIZE_CELLS = 1 };

/* A property's bytes. */
struct property {
    const uint8_t *bytes;
    size_t size;
};

/* How many cells make an address and a size on a bus. */
struct cells {
    uint32_t address;
    uint32_t size;
};

static status_t status_of_libfdt(int error) {
    return error == -FDT_ERR_NOTFOUND ? STATUS_NOT_FOUND : STATUS_CORRUPT;
}

static status_t find_property(const void *fdt, int node, const char *name, struct property *out_property) {
    int size = 0;
    const void *bytes = fdt_getprop(fdt, node, name, &size);
    if (bytes == nullptr) {
        return status_of_libfdt(size);
    }
    out_property->bytes = bytes;
    out_property->size = (size_t)size;
    return STATUS_OK;
}

/* A number of zero to two cells. */
static uint64_t load_cells(const uint8_t *bytes, uint32_t count) {
    switch (count) {
    case 0:
        return 0;
    case 1:
        return load_be32(bytes);
    default:
        return load_be64(bytes);
    }
}

status_t fdt_read_u32(const void *fdt, int node, const char *name, uint32_t *out_value) {
    struct property property;
    status_t status = find_property(fdt, node, name, &property);
    if (status != STATUS_OK) {
        return status;
    }
    if (property.size != CELL_SIZE) {
        return STATUS_CORRUPT;
    }
    *out_value = load_be32(property.bytes);
    return STATUS_OK;
}

status_t fdt_read_u64(const void *fdt, int node, const char *name, uint64_t *out_value) {
    struct property property;
    status_t status = find_property(fdt, node, name, &property);
    if (status != STATUS_OK) {
        return status;
    }
    if (property.size != CELL_SIZE && property.size != 2 * CELL_SIZE) {
        return STATUS_CORRUPT;
    }
    *out_value = load_cells(property.bytes, (uint32_t)property.size / CELL_SIZE);
    return STATUS_OK;
}

/* A property that ends with a NUL, so that walking over its strings stays inside it. */
static status_t find_strings(const void *fdt, int node, const char *name, struct property *out_property) {
    struct property property;
    status_t status = find_property(fdt, node, name, &property);
    if (status != STATUS_OK) {
        return status;
    }
    if (property.size == 0 || property.bytes[property.size - 1] != '\0') {
        return STATUS_CORRUPT;
    }
    *out_property = property;
    return STATUS_OK;
}

/* The string behind text, which is the null string at first; null behind the last. */
static const char *next_string(const struct property *strings, const char *text) {
    const char *first = (const char *)strings->bytes;
    const char *next = text == nullptr ? first : text + strlen(text) + 1;
    return next < first + strings->size ? next : nullptr;
}

status_t fdt_read_string_at(const void *fdt, int node, const char *name, uint32_t index, const char **out_text) {
    struct property strings;
    const char *text = nullptr;
    status_t status = find_strings(fdt, node, name, &strings);
    if (status != STATUS_OK) {
        return status;
    }
    while ((text = next_string(&strings, text)) != nullptr) {
        if (index-- == 0) {
            *out_text = text;
            return STATUS_OK;
        }
    }
    return STATUS_NOT_FOUND;
}

status_t fdt_read_string(const void *fdt, int node, const char *name, const char **out_text) {
    return fdt_read_string_at(fdt, node, name, 0, out_text);
}

static status_t read_cell_count(const void *fdt, int node, const char *name, uint32_t otherwise, uint32_t *out_count) {
    uint32_t count = otherwise;
    status_t status = fdt_read_u32(fdt, node, name, &count);
    if (status != STATUS_OK && status != STATUS_NOT_FOUND) {
        return status;
    }
    if (count > CELLS_MAX) {
        return STATUS_UNSUPPORTED;
    }
    *out_count = count;
    return STATUS_OK;
}

/* The cells of a bus. An address of no cells could only be 0, and would make endless lists out of nothing. */
static status_t read_cells(const void *fdt, int bus, struct cells *out_cells) {
    status_t status = read_cell_count(fdt, bus, "#address-cells", DEFAULT_ADDRESS_CELLS, &out_cells->address);
    if (status == STATUS_OK) {
        status = read_cell_count(fdt, bus, "#size-cells", DEFAULT_SIZE_CELLS, &out_cells->size);
    }
    if (status == STATUS_OK && out_cells->address == 0) {
        status = STATUS_UNSUPPORTED;
    }
    return status;
}

bool fdt_place_next(const void *fdt, struct fdt_place *place) {
    int depth = place->depth;
    int node = fdt_next_node(fdt, place->node, &depth);
    if (node < 0 || depth < 0) {
        return false;
    }
    if (place->depth <= FDT_READ_DEPTH_MAX) {
        place->buses[place->depth] = place->node;
    }
    place->node = node;
    place->depth = depth;
    return true;
}

status_t fdt_place_find(const void *fdt, int node, struct fdt_place *out_place) {
    struct fdt_place place = FDT_PLACE_ROOT;
    while (place.node < node && fdt_place_next(fdt, &place)) {
    }
    if (place.node != node) {
        return STATUS_CORRUPT;
    }
    *out_place = place;
    return STATUS_OK;
}

static bool wraps(const struct fdt_region *region) {
    return region->size > 0 && region->size - 1 > UINT64_MAX - region->address;
}

static status_t read_entry(const void *fdt, int bus, const struct property *reg, uint32_t index,
                           struct fdt_region *out_region) {
    struct cells cells;
    status_t status = read_cells(fdt, bus, &cells);
    if (status != STATUS_OK) {
        return status;
    }
    size_t entry_size = (cells.address + cells.size) * CELL_SIZE;
    if (reg->size % entry_size != 0) {
        return STATUS_CORRUPT;
    }
    if (index >= reg->size / entry_size) {
        return STATUS_NOT_FOUND;
    }
    const uint8_t *entry = reg->bytes + index * entry_size;
    struct fdt_region region = {
        .address = load_cells(entry, cells.address),
        .size = load_cells(entry + cells.address * CELL_SIZE, cells.size),
    };
    if (wraps(&region)) {
        return STATUS_CORRUPT;
    }
    *out_region = region;
    return STATUS_OK;
}

status_t fdt_read_reg(const void *fdt, int bus, int node, uint32_t index, struct fdt_region *out_region) {
    struct property reg;
    status_t status = find_property(fdt, node, "reg", &reg);
    return status == STATUS_OK ? read_entry(fdt, bus, &reg, index, out_region) : status;
}

/* An entry of ranges: length bytes from child on, on the bus, are those from parent on, on the bus above it. */
struct range {
    uint64_t child;
    uint64_t parent;
    uint64_t length;
};

/* Moves the region up through a range if it lies inside it. */
static bool apply_range(const struct range *range, struct fdt_region *region) {
    uint64_t offset = region->address - range->child;
    if (region->address < range->child || offset >= range->length || region->size > range->length - offset) {
        return false;
    }
    struct fdt_region moved = {.size = region->size};
    if (__builtin_add_overflow(range->parent, offset, &moved.address) || wraps(&moved)) {
        return false;
    }
    *region = moved;
    return true;
}

/* Searches the ranges of a bus, whose entries have cells for an address on it, above it, and a length. */
static status_t search_ranges(const struct property *ranges, const struct cells *child, const struct cells *parent,
                              struct fdt_region *region) {
    size_t entry_size = (child->address + parent->address + child->size) * CELL_SIZE;
    if (ranges->size % entry_size != 0) {
        return STATUS_CORRUPT;
    }
    for (size_t at = 0; at < ranges->size; at += entry_size) {
        const uint8_t *entry = ranges->bytes + at;
        const uint8_t *behind_child = entry + child->address * CELL_SIZE;
        struct range range = {
            .child = load_cells(entry, child->address),
            .parent = load_cells(behind_child, parent->address),
            .length = load_cells(behind_child + parent->address * CELL_SIZE, child->size),
        };
        if (apply_range(&range, region)) {
            return STATUS_OK;
        }
    }
    return STATUS_NOT_FOUND;
}

/* Moves the region from a bus to the bus above it. */
static status_t leave_bus(const void *fdt, int bus, int parent, struct fdt_region *region) {
    struct property ranges;
    struct cells child_cells;
    struct cells parent_cells;
    status_t status = find_property(fdt, bus, "ranges", &ranges);
    if (status != STATUS_OK || ranges.size == 0) {
        return status;
    }
    status = read_cells(fdt, bus, &child_cells);
    if (status == STATUS_OK) {
        status = read_cells(fdt, parent, &parent_cells);
    }
    if (status != STATUS_OK) {
        return status;
    }
    return search_ranges(&ranges, &child_cells, &parent_cells, region);
}

/* Whether the place is on a bus whose way up is known. */
static status_t check_place(const struct fdt_place *place) {
    if (place->depth == 0) {
        return STATUS_NOT_FOUND; /* the root is on no bus */
    }
    return place->depth <= FDT_READ_DEPTH_MAX + 1 ? STATUS_OK : STATUS_UNSUPPORTED;
}

status_t fdt_translate(const void *fdt, const struct fdt_place *place, const struct fdt_region *region,
                       struct fdt_region *out_region) {
    struct fdt_region moved = *region;
    status_t status = check_place(place);
    for (int depth = place->depth - 1; status == STATUS_OK && depth > 0; depth--) {
        status = leave_bus(fdt, place->buses[depth], place->buses[depth - 1], &moved);
    }
    if (status == STATUS_OK) {
        *out_region = moved;
    }
    return status;
}

status_t fdt_read_region(const void *fdt, const struct fdt_place *place, uint32_t index,
                         struct fdt_region *out_region) {
    struct fdt_region region;
    status_t status = check_place(place);
    if (status == STATUS_OK) {
        status = fdt_read_reg(fdt, place->buses[place->depth - 1], place->node, index, &region);
    }
    return status == STATUS_OK ? fdt_translate(fdt, place, &region, out_region) : status;
}

bool fdt_is_available(const void *fdt, int node) {
    const char *text = nullptr;
    status_t status = fdt_read_string(fdt, node, "status", &text);
    if (status == STATUS_NOT_FOUND) {
        return true;
    }
    return status == STATUS_OK && (strcmp(text, "okay") == 0 || strcmp(text, "ok") == 0);
}

/* Where in the list the text stands; count: nowhere. */
static size_t index_of(const char *text, const char *const *list, size_t count) {
    size_t index = 0;
    while (index < count && strcmp(text, list[index]) != 0) {
        index++;
    }
    return index;
}

bool fdt_find_compatible(const void *fdt, int node, const char *const *list, size_t count, size_t *out_index) {
    struct property strings;
    const char *text = nullptr;
    if (find_strings(fdt, node, "compatible", &strings) != STATUS_OK) {
        return false;
    }
    while ((text = next_string(&strings, text)) != nullptr) {
        size_t index = index_of(text, list, count);
        if (index < count) {
            *out_index = index;
            return true;
        }
    }
    return false;
}

bool fdt_is_compatible(const void *fdt, int node, const char *const *list, size_t count) {
    size_t index;
    return fdt_find_compatible(fdt, node, list, count, &index);
}
