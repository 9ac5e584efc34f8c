/*
 * The reader of FIT images.
 *
 * The tree lies at the front, fdt_check_full() has seen all of it before anything is looked up in it, and its size is
 * bounded, which bounds every loop below. Positions are 64-bit sums of 32-bit cells, so they cannot wrap, and are
 * compared with what is there before they become pointers.
 */
#include "lib/fit/fit.h"

#include "lib/fdt_read.h"
#include "lib/fit/fit_tree.h"

#include <libfdt.h>
#include <string.h>

/* What the steps of fit_open() share. */
struct opening {
    const uint8_t *blob;
    size_t available;
    struct fit *fit;
    struct fit_reason *reason;
};

bool fit_name_is_valid(const char *name) {
    size_t length = strnlen(name, MANIFEST_IMAGE_NAME_SIZE);
    if (length == 0 || length == MANIFEST_IMAGE_NAME_SIZE) {
        return false;
    }
    for (size_t index = 0; index < length; index++) {
        char c = name[index];
        bool is_word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!is_word && strchr("-._,+", c) == NULL) {
            return false;
        }
    }
    return true;
}

/* The position of the image `name`; image_count where there is none. */
static size_t find_image(const struct fit *fit, const char *name) {
    size_t index = 0;
    while (index < fit->image_count && strcmp(fit->images[index].name, name) != 0) {
        index++;
    }
    return index;
}

const struct fit_image *fit_image_find(const struct fit *fit, const char *name) {
    size_t index = find_image(fit, name);
    return index < fit->image_count ? &fit->images[index] : NULL;
}

static status_t check_tree(const struct opening *opening) {
    if (opening->available < sizeof(struct fdt_header) || fdt_magic(opening->blob) != FDT_MAGIC) {
        return fit_refuse(opening->reason, STATUS_CORRUPT, "there is no FIT: it would start with a device tree");
    }
    if (fdt_totalsize(opening->blob) > MANIFEST_FIT_TREE_SIZE_MAX) {
        return fit_refuse(opening->reason, STATUS_TOO_BIG, "the FIT's tree is larger than %u KiB, image data apart",
                          (unsigned)(MANIFEST_FIT_TREE_SIZE_MAX / 1024));
    }
    if (fdt_totalsize(opening->blob) > opening->available) {
        return fit_refuse(opening->reason, STATUS_CORRUPT, "the FIT is cut off inside its tree");
    }
    return fit_tree_check("the FIT's tree", opening->blob, opening->available, opening->reason);
}

/* The child whose name is exactly that: libfdt's own look-up would also take one with a unit address behind the name.
 */
static int find_child(const void *tree, int parent, const char *name) {
    int child;
    fdt_for_each_subnode(child, tree, parent) {
        const char *child_name = fdt_get_name(tree, child, NULL);
        if (child_name != NULL && strcmp(child_name, name) == 0) {
            return child;
        }
    }
    return -FDT_ERR_NOTFOUND;
}

static status_t read_place_cells(const struct opening *opening, int node, const char *name, uint64_t *out_position,
                                 uint32_t *out_size) {
    uint32_t start;
    if (fdt_getprop(opening->blob, node, "data", NULL) != NULL) {
        return fit_refuse(opening->reason, STATUS_UNSUPPORTED,
                          "image %s has its data inside the tree: `mkimage -E` puts it behind", name);
    }
    if (fdt_read_u32(opening->blob, node, "data-size", out_size) != STATUS_OK) {
        return fit_refuse(opening->reason, STATUS_INVALID, "image %s has no data-size", name);
    }
    if (fdt_read_u32(opening->blob, node, "data-position", &start) == STATUS_OK) {
        *out_position = start;
        return STATUS_OK;
    }
    if (fdt_read_u32(opening->blob, node, "data-offset", &start) == STATUS_OK) {
        /* U-Boot counts from the end of the tree, rounded up to a cell. */
        *out_position = (((uint64_t)fdt_totalsize(opening->blob) + 3) & ~UINT64_C(3)) + start;
        return STATUS_OK;
    }
    return fit_refuse(opening->reason, STATUS_INVALID, "image %s has neither data-offset nor data-position", name);
}

static status_t read_place(const struct opening *opening, int node, struct fit_image *image) {
    uint64_t position;
    uint32_t size;
    status_t status = read_place_cells(opening, node, image->name, &position, &size);
    if (status != STATUS_OK) {
        return status;
    }
    if (size == 0) {
        return fit_refuse(opening->reason, STATUS_INVALID, "image %s is empty", image->name);
    }
    if (position < fdt_totalsize(opening->blob)) {
        return fit_refuse(opening->reason, STATUS_CORRUPT, "image %s overlaps the tree", image->name);
    }
    if (position > opening->available || size > opening->available - position) {
        return fit_refuse(opening->reason, STATUS_CORRUPT, "image %s reaches beyond the end of the FIT", image->name);
    }
    image->data = opening->blob + position;
    image->size = size;
    if (opening->fit->size < position + size) {
        opening->fit->size = (size_t)(position + size);
    }
    return STATUS_OK;
}

static status_t read_hash(const struct opening *opening, int node, struct fit_image *image) {
    const char *algorithm;
    enum fit_hash_kind kind;
    if (fdt_read_string(opening->blob, node, "algo", &algorithm) != STATUS_OK) {
        return fit_refuse(opening->reason, STATUS_INVALID, "image %s has a hash without algo", image->name);
    }
    if (fit_hash_kind_find(algorithm, &kind) != STATUS_OK) {
        return fit_refuse(opening->reason, STATUS_UNSUPPORTED,
                          "image %s has a hash of an unknown kind; crc32 and sha256 are known", image->name);
    }
    if (image->hashes[kind] != NULL) {
        return fit_refuse(opening->reason, STATUS_CORRUPT, "image %s has two hashes of kind %s", image->name,
                          fit_hash_name(kind));
    }
    int size;
    const uint8_t *value = fdt_getprop(opening->blob, node, "value", &size);
    if (value == NULL || (size_t)size != fit_hash_size(kind)) {
        return fit_refuse(opening->reason, STATUS_INVALID, "image %s has no %s value of %u bytes", image->name,
                          fit_hash_name(kind), (unsigned)fit_hash_size(kind));
    }
    image->hashes[kind] = value;
    return STATUS_OK;
}

/* As U-Boot does, takes every sub-node whose name starts with "hash" for one. */
static status_t read_hashes(const struct opening *opening, int node, struct fit_image *image) {
    int child;
    unsigned count = 0;
    fdt_for_each_subnode(child, opening->blob, node) {
        const char *name = fdt_get_name(opening->blob, child, NULL);
        if (name == NULL || strncmp(name, "hash", 4) != 0) {
            continue;
        }
        status_t status = read_hash(opening, child, image);
        if (status != STATUS_OK) {
            return status;
        }
        count++;
    }
    if (count == 0) {
        return fit_refuse(opening->reason, STATUS_INVALID, "image %s has no hash", image->name);
    }
    return STATUS_OK;
}

static status_t read_kind(const struct opening *opening, int node, struct fit_image *image) {
    const char *compression;
    if (fdt_read_string(opening->blob, node, "type", &image->type) != STATUS_OK) {
        return fit_refuse(opening->reason, STATUS_INVALID, "image %s has no type", image->name);
    }
    if (fdt_read_string(opening->blob, node, "os", &image->os) != STATUS_OK) {
        image->os = NULL;
    }
    if (fdt_getprop(opening->blob, node, "compression", NULL) == NULL) {
        return STATUS_OK;
    }
    if (fdt_read_string(opening->blob, node, "compression", &compression) != STATUS_OK ||
        strcmp(compression, "none") != 0) {
        return fit_refuse(opening->reason, STATUS_UNSUPPORTED, "image %s is compressed", image->name);
    }
    return STATUS_OK;
}

static status_t read_name(const struct opening *opening, int node, struct fit_image *image) {
    const char *name = fdt_get_name(opening->blob, node, NULL);
    if (name == NULL || !fit_name_is_valid(name)) {
        return fit_refuse(opening->reason, STATUS_INVALID,
                          "image %u of the FIT has a name that is not 1 to %u letters, digits and -._,+",
                          (unsigned)opening->fit->image_count + 1, (unsigned)MANIFEST_IMAGE_NAME_SIZE - 1);
    }
    if (fit_image_find(opening->fit, name) != NULL) {
        return fit_refuse(opening->reason, STATUS_CORRUPT, "two images are called %s", name);
    }
    image->name = name;
    return STATUS_OK;
}

static status_t read_image(const struct opening *opening, int node) {
    struct fit *fit = opening->fit;
    if (fit->image_count == MANIFEST_IMAGES_MAX) {
        return fit_refuse(opening->reason, STATUS_TOO_BIG, "the FIT has more than %u images",
                          (unsigned)MANIFEST_IMAGES_MAX);
    }
    struct fit_image image = {0};
    status_t status = read_name(opening, node, &image);
    if (status == STATUS_OK) {
        status = read_kind(opening, node, &image);
    }
    if (status == STATUS_OK) {
        status = read_place(opening, node, &image);
    }
    if (status == STATUS_OK) {
        status = read_hashes(opening, node, &image);
    }
    if (status == STATUS_OK) {
        fit->images[fit->image_count++] = image;
    }
    return status;
}

static status_t read_images(const struct opening *opening) {
    int images = find_child(opening->blob, 0, "images");
    if (images < 0) {
        return fit_refuse(opening->reason, STATUS_CORRUPT, "there is no FIT: the tree has no /images");
    }
    int node;
    fdt_for_each_subnode(node, opening->blob, images) {
        status_t status = read_image(opening, node);
        if (status != STATUS_OK) {
            return status;
        }
    }
    return STATUS_OK;
}

static status_t read_description(const struct opening *opening, int configuration) {
    const char *name;
    const char *overlay;
    if (fdt_read_string(opening->blob, configuration, "fdt", &name) != STATUS_OK ||
        fdt_read_string_at(opening->blob, configuration, "fdt", 1, &overlay) != STATUS_NOT_FOUND) {
        return fit_refuse(opening->reason, STATUS_INVALID, "the FIT's default configuration does not name one fdt");
    }
    const struct fit_image *image = fit_image_find(opening->fit, name);
    if (image == NULL) {
        return fit_refuse(opening->reason, STATUS_CORRUPT,
                          "the FIT's default configuration names an fdt that is not there");
    }
    if (strcmp(image->type, FIT_TYPE_FLAT_DT) != 0) {
        return fit_refuse(opening->reason, STATUS_INVALID,
                          "image %s is the default configuration's fdt, but not of type " FIT_TYPE_FLAT_DT, name);
    }
    opening->fit->description_index = (size_t)(image - opening->fit->images);
    return STATUS_OK;
}

static status_t read_loadables(const struct opening *opening, int configuration) {
    struct fit *fit = opening->fit;
    if (fdt_getprop(opening->blob, configuration, "loadables", NULL) == NULL) {
        return STATUS_OK;
    }
    int count = fdt_stringlist_count(opening->blob, configuration, "loadables");
    if (count < 0 || count > (int)MANIFEST_IMAGES_MAX) {
        return fit_refuse(opening->reason, STATUS_CORRUPT,
                          "the loadables of the FIT's default configuration are damaged");
    }
    for (int entry = 0; entry < count; entry++) {
        const char *name = fdt_stringlist_get(opening->blob, configuration, "loadables", entry, NULL);
        size_t index = name == NULL ? fit->image_count : find_image(fit, name);
        if (index == fit->image_count) {
            return fit_refuse(opening->reason, STATUS_CORRUPT,
                              "entry %u of the default configuration's loadables names no image", (unsigned)entry + 1);
        }
        fit->images[index].is_loadable = true;
    }
    return STATUS_OK;
}

static status_t find_configuration(const struct opening *opening, int *out_node) {
    int configurations = find_child(opening->blob, 0, "configurations");
    const char *name;
    if (configurations < 0 || fdt_read_string(opening->blob, configurations, "default", &name) != STATUS_OK) {
        return fit_refuse(opening->reason, STATUS_INVALID, "the FIT names no default configuration");
    }
    int node = find_child(opening->blob, configurations, name);
    if (node < 0) {
        return fit_refuse(opening->reason, STATUS_CORRUPT, "the FIT's default configuration is not there");
    }
    *out_node = node;
    return STATUS_OK;
}

static status_t read_configuration(const struct opening *opening) {
    int configuration;
    status_t status = find_configuration(opening, &configuration);
    if (status == STATUS_OK) {
        status = read_description(opening, configuration);
    }
    if (status == STATUS_OK) {
        status = read_loadables(opening, configuration);
    }
    return status;
}

status_t fit_open(const void *blob, size_t available, struct fit *out_fit, struct fit_reason *out_reason) {
    struct opening opening = {.blob = blob, .available = available, .fit = out_fit, .reason = out_reason};
    status_t status = check_tree(&opening);
    if (status != STATUS_OK) {
        return status;
    }
    out_fit->size = fdt_totalsize(blob);
    out_fit->image_count = 0;
    status = read_images(&opening);
    if (status == STATUS_OK) {
        status = read_configuration(&opening);
    }
    return status;
}
