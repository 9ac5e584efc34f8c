/*
 * The writer of the guest description. Properties that say the default are left out.
 */
#include "tools/packer/description.h"

#include <libfdt.h>

/* As in fit_writer.c: libfdt's first error stays. */
struct writing {
    void *tree;
    int error;
};

static void keep(struct writing *writing, int error) {
    if (writing->error == 0) {
        writing->error = error;
    }
}

static void put_string(struct writing *writing, const char *name, const char *value) {
    if (value != nullptr) {
        keep(writing, fdt_property_string(writing->tree, name, value));
    }
}

/* 0: not given. */
static void put_number(struct writing *writing, const char *name, uint32_t value) {
    if (value != 0) {
        keep(writing, fdt_property_u32(writing->tree, name, value));
    }
}

static void put_affinity(struct writing *writing, const struct guest_options *guest) {
    fdt32_t ids[MANIFEST_AFFINITY_MAX];
    for (uint32_t index = 0; index < guest->affinity_count; index++) {
        ids[index] = cpu_to_fdt32(guest->affinity[index]);
    }
    if (guest->affinity_count != 0) {
        keep(writing,
             fdt_property(writing->tree, MANIFEST_GUEST_AFFINITY, ids, (int)(guest->affinity_count * sizeof(ids[0]))));
    }
}

static void put_guest(struct writing *writing, const struct guest_options *guest, const struct guest_images *images) {
    keep(writing, fdt_begin_node(writing->tree, guest->name));
    put_string(writing, MANIFEST_GUEST_KERNEL, images->kernel);
    put_string(writing, MANIFEST_GUEST_RAMDISK, images->ramdisk);
    put_string(writing, MANIFEST_GUEST_BOOTARGS, guest->bootargs);
    keep(writing, fdt_property_u64(writing->tree, MANIFEST_GUEST_MEMORY, guest->memory));
    keep(writing, fdt_property_u32(writing->tree, MANIFEST_GUEST_VCPUS, guest->vcpus));
    if (guest->has_keyboard) {
        keep(writing, fdt_property(writing->tree, MANIFEST_GUEST_KEYBOARD, "", 0));
    }
    if (guest->hidden != nullptr) {
        keep(writing,
             fdt_property(writing->tree, MANIFEST_GUEST_HIDE_EXTENSIONS, guest->hidden, (int)guest->hidden_size));
    }
    put_number(writing, MANIFEST_GUEST_PRIORITY, guest->priority);
    put_number(writing, MANIFEST_GUEST_WEIGHT, guest->weight);
    put_number(writing, MANIFEST_GUEST_BUDGET, guest->budget);
    put_number(writing, MANIFEST_GUEST_PERIOD, guest->period);
    put_affinity(writing, guest);
    put_string(writing, MANIFEST_GUEST_ISOLATION, guest->isolation);
    if (guest->has_ram_address) {
        keep(writing, fdt_property_u64(writing->tree, MANIFEST_GUEST_RAM_ADDRESS, guest->ram_address));
    }
    put_string(writing, MANIFEST_GUEST_RESTART, guest->restart);
    put_number(writing, MANIFEST_GUEST_RESTART_BACKOFF, guest->backoff_ms);
    put_number(writing, MANIFEST_GUEST_RESTART_LIMIT, guest->restart_limit);
    put_number(writing, MANIFEST_GUEST_WATCHDOG, guest->watchdog_ms);
    keep(writing, fdt_end_node(writing->tree));
}

static void put_tree(struct writing *writing, const struct options *options, const struct guest_images images[]) {
    keep(writing, fdt_create(writing->tree, MANIFEST_DESCRIPTION_SIZE_MAX));
    keep(writing, fdt_finish_reservemap(writing->tree));
    keep(writing, fdt_begin_node(writing->tree, ""));
    put_string(writing, MANIFEST_ROOT_COMPATIBLE, MANIFEST_COMPATIBLE);
    keep(writing, fdt_property_u32(writing->tree, MANIFEST_ROOT_VERSION, MANIFEST_VERSION));
    for (size_t index = 0; index < options->guest_count; index++) {
        put_guest(writing, &options->guests[index], &images[index]);
    }
    keep(writing, fdt_end_node(writing->tree));
    keep(writing, fdt_finish(writing->tree));
}

status_t description_write(const struct options *options, const struct guest_images images[],
                           struct buffer *out_description, struct refusal *out_refusal) {
    struct buffer description;
    status_t status = buffer_alloc(MANIFEST_DESCRIPTION_SIZE_MAX, &description, out_refusal);
    if (status != STATUS_OK) {
        return status;
    }
    struct writing writing = {.tree = description.data};
    put_tree(&writing, options, images);
    if (writing.error != 0) {
        buffer_free(&description);
        return refuse(out_refusal, STATUS_TOO_BIG, "the guest description cannot be written: %s",
                      fdt_strerror(writing.error));
    }
    description.size = fdt_totalsize(description.data);
    *out_description = description;
    return STATUS_OK;
}
