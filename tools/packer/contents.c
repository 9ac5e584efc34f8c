/*
 * A FIT as the kernel sees it.
 */
#include "tools/packer/contents.h"

#include "lib/fit/fit_verify.h"
#include "lib/sizes.h"

#include <inttypes.h>
#include <string.h>

static status_t verify_images(const struct fit *fit, struct fit_reason *out_reason) {
    for (size_t index = 0; index < fit->image_count; index++) {
        status_t status = fit_image_verify(&fit->images[index], out_reason);
        if (status != STATUS_OK) {
            return status;
        }
    }
    return STATUS_OK;
}

static status_t read_all(const struct buffer *fit, struct contents *contents, struct fit_reason *out_reason) {
    status_t status = fit_open(fit->data, fit->size, &contents->fit, out_reason);
    if (status == STATUS_OK) {
        status = verify_images(&contents->fit, out_reason);
    }
    if (status == STATUS_OK) {
        const struct fit_image *description = &contents->fit.images[contents->fit.description_index];
        status = manifest_read(description->data, description->size, &contents->manifest, out_reason);
    }
    if (status == STATUS_OK) {
        status = manifest_bind(&contents->manifest, &contents->fit, out_reason);
    }
    return status;
}

status_t contents_read(const char *name, const struct buffer *fit, struct contents *out_contents,
                       struct refusal *out_refusal) {
    struct fit_reason reason;
    status_t status = read_all(fit, out_contents, &reason);
    if (status != STATUS_OK) {
        return refuse(out_refusal, status, "%s: %s", name, reason.text);
    }
    return STATUS_OK;
}

/* What it was promised of the harts' time. */
static void print_scheduling(const struct manifest_guest *guest, FILE *output) {
    if (guest->budget != 0) {
        fprintf(output, "      reserves  %" PRIu32 " of %" PRIu32 " us\n", guest->budget, guest->period);
    }
    if (guest->priority != 0) {
        fprintf(output, "      priority  %" PRIu32 "\n", guest->priority);
    }
    if (guest->weight != 0 && (guest->weight != MANIFEST_WEIGHT_DEFAULT || guest->budget != 0)) {
        fprintf(output, "      weight  %" PRIu32 "\n", guest->weight);
    }
    for (uint32_t position = 0; position < guest->affinity_count; position++) {
        fprintf(output, "%s%" PRIu32, position == 0 ? "      harts  " : ",", manifest_guest_affinity(guest, position));
    }
    if (guest->affinity_count != 0) {
        fputc('\n', output);
    }
}

/* What differs from a guest that says nothing about it. */
static void print_restart(const struct manifest_guest *guest, FILE *output) {
    static const char *const names[] = {
        [MANIFEST_RESTARTS_NEVER] = MANIFEST_RESTART_NEVER,
        [MANIFEST_RESTARTS_ON_CRASH] = MANIFEST_RESTART_ON_CRASH,
        [MANIFEST_RESTARTS_ALWAYS] = MANIFEST_RESTART_ALWAYS,
    };
    if (guest->restart != MANIFEST_RESTARTS_NEVER || guest->restart_limit != 0) {
        fprintf(output, "      restart  %s, after %" PRIu32 " ms", names[guest->restart], guest->backoff_ms);
        if (guest->restart_limit != 0) {
            fprintf(output, ", %" PRIu32 " in a row", guest->restart_limit);
        }
        fputc('\n', output);
    }
    if (guest->watchdog_ms != 0) {
        fprintf(output, "      watchdog  %" PRIu32 " ms\n", guest->watchdog_ms);
    }
}

static void print_guest(const struct manifest_guest *guest, FILE *output) {
    char memory[SIZES_TEXT_SIZE];
    sizes_print(memory, sizeof(memory), guest->memory);
    fprintf(output, "guest %-15s  %10s  %2" PRIu32 " %s  kernel %s", guest->name, memory, guest->vcpus,
            guest->vcpus == 1 ? "vcpu " : "vcpus", guest->kernel);
    if (guest->ramdisk != nullptr) {
        fprintf(output, "  ramdisk %s", guest->ramdisk);
    }
    if (guest->has_keyboard) {
        fputs("  keyboard", output);
    }
    if (guest->isolation != MANIFEST_ISOLATION_AUTO) {
        fprintf(output, "  isolation %s", guest->isolation == MANIFEST_ISOLATION_PMP ? "pmp" : "gstage");
    }
    if (guest->has_ram_address) {
        fprintf(output, "  ram-address 0x%" PRIx64, guest->ram_address);
    }
    fputc('\n', output);
    if (guest->bootargs[0] != '\0') {
        fprintf(output, "      bootargs  %s\n", guest->bootargs);
    }
    for (size_t start = 0; start < guest->hidden_size; start += strlen(guest->hidden + start) + 1) {
        fprintf(output, "      hides  %s\n", guest->hidden + start);
    }
    print_scheduling(guest, output);
    print_restart(guest, output);
}

static void print_image(const struct fit_image *image, FILE *output) {
    char size[SIZES_TEXT_SIZE];
    sizes_print(size, sizeof(size), image->size);
    fprintf(output, "image %-31s  %10s ", image->name, size);
    for (unsigned kind = 0; kind < FIT_HASH_KIND_COUNT; kind++) {
        if (image->hashes[kind] == nullptr) {
            continue;
        }
        fprintf(output, " %s ", fit_hash_name((enum fit_hash_kind)kind));
        for (size_t index = 0; index < fit_hash_size((enum fit_hash_kind)kind); index++) {
            fprintf(output, "%02x", image->hashes[kind][index]);
        }
    }
    fputc('\n', output);
}

void contents_print(const struct contents *contents, FILE *output) {
    for (size_t index = 0; index < contents->manifest.guest_count; index++) {
        print_guest(&contents->manifest.guests[index], output);
    }
    for (size_t index = 0; index < contents->fit.image_count; index++) {
        print_image(&contents->fit.images[index], output);
    }
}
