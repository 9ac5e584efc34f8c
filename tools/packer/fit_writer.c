/*
 * The writer of FIT images, on libfdt's sequential writer, which puts nodes and properties where they are named.
 *
 * libfdt's functions return an error once and keep returning it, so a tree is written in one go and asked at its end.
 */
#include "tools/packer/fit_writer.h"

#include "lib/fit/fit.h"

#include <libfdt.h>
#include <string.h>

enum { PART_ALIGN = 4096 };

struct writing {
    const struct fit_plan *plan;
    void *tree;
    int error; /* the first of libfdt's */
};

static void keep(struct writing *writing, int error) {
    if (writing->error == 0) {
        writing->error = error;
    }
}

static void begin_node(struct writing *writing, const char *name) {
    keep(writing, fdt_begin_node(writing->tree, name));
}

static void end_node(struct writing *writing) {
    keep(writing, fdt_end_node(writing->tree));
}

static void put_string(struct writing *writing, const char *name, const char *value) {
    keep(writing, fdt_property_string(writing->tree, name, value));
}

static void put_u32(struct writing *writing, const char *name, uint32_t value) {
    keep(writing, fdt_property_u32(writing->tree, name, value));
}

/* The size of a part with the padding behind it; a part that is too large for this was refused before. */
static uint64_t padded_size(const struct fit_part *part) {
    return ((uint64_t)part->size + PART_ALIGN - 1) / PART_ALIGN * PART_ALIGN;
}

static void put_hash(struct writing *writing, const struct fit_part *part) {
    struct fit_hash hash;
    uint8_t digest[FIT_HASH_SIZE_MAX];
    fit_hash_start(&hash, writing->plan->hash);
    fit_hash_update(&hash, part->data, part->size);
    fit_hash_finish(&hash, digest);
    begin_node(writing, "hash-1");
    keep(writing, fdt_property(writing->tree, "value", digest, (int)fit_hash_size(hash.kind)));
    put_string(writing, "algo", fit_hash_name(hash.kind));
    end_node(writing);
}

static void put_part(struct writing *writing, const struct fit_part *part, uint32_t offset) {
    begin_node(writing, part->name);
    put_string(writing, "description", part->description);
    put_string(writing, "type", part->type);
    put_string(writing, "arch", "riscv");
    if (part->os != nullptr) {
        put_string(writing, "os", part->os);
    }
    put_string(writing, "compression", "none");
    put_u32(writing, "data-size", (uint32_t)part->size);
    put_u32(writing, "data-offset", offset);
    put_hash(writing, part);
    end_node(writing);
}

static void put_images(struct writing *writing) {
    uint64_t offset = 0;
    begin_node(writing, "images");
    for (size_t index = 0; index < writing->plan->part_count; index++) {
        put_part(writing, &writing->plan->parts[index], (uint32_t)offset);
        offset += padded_size(&writing->plan->parts[index]);
    }
    end_node(writing);
}

static void put_loadables(struct writing *writing) {
    char names[MANIFEST_IMAGES_MAX * MANIFEST_IMAGE_NAME_SIZE];
    size_t size = 0;
    for (size_t index = 1; index < writing->plan->part_count; index++) {
        const char *name = writing->plan->parts[index].name;
        memcpy(names + size, name, strlen(name) + 1);
        size += strlen(name) + 1;
    }
    keep(writing, fdt_property(writing->tree, "loadables", names, (int)size));
}

static void put_configurations(struct writing *writing) {
    begin_node(writing, "configurations");
    put_string(writing, "default", "conf-1");
    begin_node(writing, "conf-1");
    put_string(writing, "description", "guests");
    put_string(writing, "fdt", writing->plan->parts[0].name);
    put_loadables(writing);
    end_node(writing);
    end_node(writing);
}

static void put_tree(struct writing *writing) {
    keep(writing, fdt_create(writing->tree, MANIFEST_FIT_TREE_SIZE_MAX));
    keep(writing, fdt_finish_reservemap(writing->tree));
    begin_node(writing, "");
    put_string(writing, "description", "Diosix guests");
    put_u32(writing, "timestamp", writing->plan->timestamp);
    put_u32(writing, "#address-cells", 1);
    put_images(writing);
    put_configurations(writing);
    end_node(writing);
    keep(writing, fdt_finish(writing->tree));
}

/* Writes the tree, its size rounded up so that the data behind it starts at a page. */
static status_t write_tree(const struct fit_plan *plan, struct buffer *tree, struct refusal *out_refusal) {
    struct writing writing = {.plan = plan, .tree = tree->data};
    put_tree(&writing);
    if (writing.error != 0) {
        return refuse(out_refusal, STATUS_TOO_BIG, "the tree of the FIT cannot be written: %s",
                      fdt_strerror(writing.error));
    }
    tree->size = (fdt_totalsize(tree->data) + PART_ALIGN - 1) / PART_ALIGN * PART_ALIGN;
    fdt_set_totalsize(tree->data, (uint32_t)tree->size);
    return STATUS_OK;
}

static status_t check_sizes(const struct fit_plan *plan, uint64_t *out_size, struct refusal *out_refusal) {
    uint64_t size = 0;
    for (size_t index = 0; index < plan->part_count; index++) {
        if (plan->parts[index].size > UINT32_MAX - size || padded_size(&plan->parts[index]) > UINT32_MAX - size) {
            return refuse(out_refusal, STATUS_TOO_BIG, "the images are larger than 4 GiB together");
        }
        size += padded_size(&plan->parts[index]);
    }
    *out_size = size;
    return STATUS_OK;
}

static status_t join(const struct fit_plan *plan, const struct buffer *tree, uint64_t data_size, struct buffer *out_fit,
                     struct refusal *out_refusal) {
    struct buffer fit;
    status_t status = buffer_alloc(tree->size + (size_t)data_size, &fit, out_refusal);
    if (status != STATUS_OK) {
        return status;
    }
    memcpy(fit.data, tree->data, tree->size);
    unsigned char *position = fit.data + tree->size;
    for (size_t index = 0; index < plan->part_count; index++) {
        memcpy(position, plan->parts[index].data, plan->parts[index].size);
        position += padded_size(&plan->parts[index]);
    }
    *out_fit = fit;
    return STATUS_OK;
}

status_t fit_write(const struct fit_plan *plan, struct buffer *out_fit, struct refusal *out_refusal) {
    uint64_t data_size;
    status_t status = check_sizes(plan, &data_size, out_refusal);
    if (status != STATUS_OK) {
        return status;
    }
    struct buffer tree;
    status = buffer_alloc(MANIFEST_FIT_TREE_SIZE_MAX, &tree, out_refusal);
    if (status != STATUS_OK) {
        return status;
    }
    status = write_tree(plan, &tree, out_refusal);
    if (status == STATUS_OK) {
        status = join(plan, &tree, data_size, out_fit, out_refusal);
    }
    buffer_free(&tree);
    return status;
}
