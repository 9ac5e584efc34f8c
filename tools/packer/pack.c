/*
 * From options to a FIT. Files become parts of the FIT, equal ones only once; the guest description is part 0, made
 * when all the others have their names.
 */
#include "tools/packer/pack.h"

#include "lib/fit/fit.h"
#include "lib/sizes.h"
#include "tools/packer/contents.h"
#include "tools/packer/description.h"
#include "tools/packer/fit_writer.h"
#include "tools/packer/guest_kernel.h"

#include <stdio.h>
#include <string.h>

static_assert(MANIFEST_IMAGES_MAX > 2 * MANIFEST_GUESTS_MAX, "a FIT has room for the files of all guests");

/* What a guest needs beside its kernel and ramdisk: its device tree, and alignment of the three. */
#define GUEST_SLACK (UINT64_C(256) << 10)

/* Where files of a kind go in the FIT. */
struct role {
    const char *type; /* and the beginning of the image's name */
    const char *os;
    unsigned count;
};

struct packing {
    const struct options *options;
    struct role kernels;
    struct role ramdisks;
    struct fit_plan plan;
    struct buffer data[MANIFEST_IMAGES_MAX]; /* of the plan's parts */
    struct guest_images images[MANIFEST_GUESTS_MAX];
};

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash == nullptr ? path : slash + 1;
}

static const struct fit_part *find_equal_part(const struct packing *packing, const char *type,
                                              const struct buffer *data) {
    for (size_t index = 1; index < packing->plan.part_count; index++) {
        const struct fit_part *part = &packing->plan.parts[index];
        if (strcmp(part->type, type) == 0 && part->size == data->size &&
            memcmp(part->data, data->data, data->size) == 0) {
            return part;
        }
    }
    return nullptr;
}

/* Takes over `data`. */
static const struct fit_part *add_part(struct packing *packing, struct role *role, const char *path,
                                       struct buffer *data) {
    const struct fit_part *equal = find_equal_part(packing, role->type, data);
    if (equal != nullptr) {
        buffer_free(data);
        return equal;
    }
    size_t index = packing->plan.part_count++;
    packing->data[index] = *data;
    struct fit_part *part = &packing->plan.parts[index];
    *part = (struct fit_part){
        .description = base_name(path), .type = role->type, .os = role->os, .data = data->data, .size = data->size};
    snprintf(part->name, sizeof(part->name), "%s-%u", role->type, ++role->count);
    return part;
}

static status_t read_part(struct packing *packing, struct role *role, const char *path,
                          const struct fit_part **out_part, struct refusal *out_refusal) {
    struct buffer data;
    status_t status = file_read(path, &data, out_refusal);
    if (status != STATUS_OK) {
        return status;
    }
    if (data.size == 0) {
        buffer_free(&data);
        return refuse(out_refusal, STATUS_INVALID, "%s: is empty", path);
    }
    *out_part = add_part(packing, role, path, &data);
    return STATUS_OK;
}

/* Whether kernel, ramdisk and slack fit the memory. The first is at most 2^55, so that the sum does not wrap. */
static status_t check_memory(const struct guest_options *guest, uint64_t kernel_size, uint64_t ramdisk_size,
                             struct refusal *out_refusal) {
    uint64_t need = kernel_size + ramdisk_size + GUEST_SLACK;
    if (need <= guest->memory) {
        return STATUS_OK;
    }
    char need_text[SIZES_TEXT_SIZE];
    char memory_text[SIZES_TEXT_SIZE];
    sizes_print(need_text, sizeof(need_text), need);
    sizes_print(memory_text, sizeof(memory_text), guest->memory);
    return refuse(out_refusal, STATUS_TOO_BIG, "guest %s: --memory of %s is too little; %s%s%s alone take%s %s",
                  guest->name, memory_text, guest->kernel, guest->ramdisk == nullptr ? "" : " and ",
                  guest->ramdisk == nullptr ? "" : guest->ramdisk, guest->ramdisk == nullptr ? "s" : "", need_text);
}

static status_t add_guest(struct packing *packing, size_t index, struct refusal *out_refusal) {
    const struct guest_options *guest = &packing->options->guests[index];
    const struct fit_part *kernel;
    status_t status = read_part(packing, &packing->kernels, guest->kernel, &kernel, out_refusal);
    if (status != STATUS_OK) {
        return status;
    }
    uint64_t kernel_size;
    status = guest_kernel_check(guest->kernel, kernel->data, kernel->size, packing->options->xlen, &kernel_size,
                                out_refusal);
    if (status != STATUS_OK) {
        return status;
    }
    packing->images[index].kernel = kernel->name;
    if (guest->ramdisk == nullptr) {
        return check_memory(guest, kernel_size, 0, out_refusal);
    }
    const struct fit_part *ramdisk;
    status = read_part(packing, &packing->ramdisks, guest->ramdisk, &ramdisk, out_refusal);
    if (status != STATUS_OK) {
        return status;
    }
    packing->images[index].ramdisk = ramdisk->name;
    return check_memory(guest, kernel_size, ramdisk->size, out_refusal);
}

static status_t add_guests(struct packing *packing, struct refusal *out_refusal) {
    for (size_t index = 0; index < packing->options->guest_count; index++) {
        status_t status = add_guest(packing, index, out_refusal);
        if (status != STATUS_OK) {
            return status;
        }
    }
    return STATUS_OK;
}

static status_t add_description(struct packing *packing, struct refusal *out_refusal) {
    struct buffer *data = &packing->data[0];
    status_t status = description_write(packing->options, packing->images, data, out_refusal);
    if (status != STATUS_OK) {
        return status;
    }
    packing->plan.parts[0] = (struct fit_part){.name = "guests",
                                               .description = "guest description",
                                               .type = FIT_TYPE_FLAT_DT,
                                               .data = data->data,
                                               .size = data->size};
    return STATUS_OK;
}

static status_t write_and_check(const struct packing *packing, struct buffer *out_fit, struct refusal *out_refusal) {
    struct buffer fit;
    struct contents contents;
    status_t status = fit_write(&packing->plan, &fit, out_refusal);
    if (status != STATUS_OK) {
        return status;
    }
    status = contents_read("these guests", &fit, &contents, out_refusal);
    if (status != STATUS_OK) {
        buffer_free(&fit);
        return status;
    }
    *out_fit = fit;
    return STATUS_OK;
}

status_t pack(const struct options *options, struct buffer *out_fit, struct refusal *out_refusal) {
    struct packing packing = {
        .options = options,
        .kernels = {.type = "kernel", .os = "linux"}, /* the boot protocol, which is Linux' for every guest */
        .ramdisks = {.type = "ramdisk", .os = "linux"},
        .plan = {.hash = options->hash, .timestamp = options->timestamp, .part_count = 1},
    };
    status_t status = add_guests(&packing, out_refusal);
    if (status == STATUS_OK) {
        status = add_description(&packing, out_refusal);
    }
    if (status == STATUS_OK) {
        status = write_and_check(&packing, out_fit, out_refusal);
    }
    for (size_t index = 0; index < packing.plan.part_count; index++) {
        buffer_free(&packing.data[index]);
    }
    return status;
}
