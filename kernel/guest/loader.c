/*
 * Loading in steps. The guest's RAM is the kernel's while it loads: its isolation is closed, and no vcpu of it is on
 * any hart, so it is written directly.
 *
 * Stages run in order; each works through `done` bytes of its own and then hands over to the next.
 */
#include "kernel/guest/loader.h"

#include "kernel/arch/hart.h"
#include "kernel/guest/guest_fdt.h"
#include "kernel/isolate/isolate.h"
#include "kernel/mem/memory.h"
#include "kernel/panic.h"

/* What a step moves: about a millisecond on slow memory. */
enum { STEP_SIZE = 1024 * 1024 };

enum stage { STAGE_SCRUB, STAGE_KERNEL, STAGE_RAMDISK, STAGE_FDT, STAGE_START };

static struct guest *guest_of(struct job *job) {
    return LIST_CONTAINER(&job->node, struct guest, load.job.node);
}

/* How much of what is left the next step does. */
static size_t step_size(uint64_t left) {
    return left < STEP_SIZE ? (size_t)left : STEP_SIZE;
}

/* Copies the next piece of an image; true while there is more. */
static bool copy_step(struct guest *guest, uint64_t to, const uint8_t *from, uint64_t size) {
    struct guest_load *load = &guest->load;
    size_t step = step_size(size - load->done);
    isolate_write(&guest->isolation, gpaddr(to + load->done), from + load->done, step);
    load->done += step;
    return load->done < size;
}

static bool scrub_step(struct guest *guest) {
    struct guest_load *load = &guest->load;
    size_t step = step_size(guest->size - load->done);
    isolate_clear(&guest->isolation, gpaddr(guest->base.value + load->done), step);
    load->done += step;
    return load->done < guest->size;
}

/* Segments one after the other; what they have beyond the file is zero already. */
static bool elf_step(struct guest *guest) {
    struct guest_load *load = &guest->load;
    const struct elf *elf = &load->placement.elf;
    uint32_t cursor = load->segment;
    struct elf_segment segment;
    if (!elf_next_segment(elf, &cursor, &segment)) {
        return false;
    }
    uint64_t to = load->placement.kernel_base + (segment.address - elf->first_address);
    if (segment.file_size == 0 || !copy_step(guest, to, elf->image + segment.offset, segment.file_size)) {
        load->segment = cursor;
        load->done = 0;
    }
    return true;
}

static bool kernel_step(struct guest *guest) {
    const struct fit_image *kernel = guest->manifest->kernel_image;
    struct guest_load *load = &guest->load;
    return load->placement.is_elf ? elf_step(guest)
                                  : copy_step(guest, load->placement.kernel_base, kernel->data, kernel->size);
}

static bool ramdisk_step(struct guest *guest) {
    const struct fit_image *ramdisk = guest->manifest->ramdisk_image;
    struct guest_load *load = &guest->load;
    return ramdisk != nullptr && copy_step(guest, load->placement.ramdisk_base, ramdisk->data, ramdisk->size);
}

static bool stage_step(struct guest *guest) {
    struct guest_load *load = &guest->load;
    switch (load->stage) {
    case STAGE_SCRUB:
        return scrub_step(guest);
    case STAGE_KERNEL:
        return kernel_step(guest);
    case STAGE_RAMDISK:
        return ramdisk_step(guest);
    default:
        return false;
    }
}

static status_t write_fdt(const struct guest *guest) {
    paddr_t place;
    uint64_t left;
    isolate_leave(arch_hart_self(), &guest->isolation); /* as for all that is written there */
    /* The end of RAM is one piece that holds it (isolate/isolate_gstage.c). */
    CHECK(isolate_translate(&guest->isolation, gpaddr(guest->load.placement.fdt_base), &place, &left) &&
          left >= PLACEMENT_FDT_SIZE);
    return guest_fdt_write(guest, (void *)(uintptr_t)place.value, PLACEMENT_FDT_SIZE);
}

static bool step(struct job *job) {
    struct guest *guest = guest_of(job);
    struct guest_load *load = &guest->load;
    if (stage_step(guest)) {
        return true;
    }
    load->done = 0;
    load->stage++;
    if (load->stage == STAGE_FDT) {
        if (write_fdt(guest) != STATUS_OK) {
            guest_refuse(guest, "its device tree does not fit");
            return false;
        }
        load->stage = STAGE_START;
    }
    if (load->stage == STAGE_START) {
        guest_start(guest);
        return false;
    }
    return true;
}

void loader_start(struct guest *guest) {
    const struct manifest_guest *manifest = guest->manifest;
    const char *sentence;
    size_t ramdisk_size = manifest->ramdisk_image != nullptr ? manifest->ramdisk_image->size : 0;
    if (placement_plan(guest->base.value, guest->size, MEMORY_GUEST_ALIGNMENT, manifest->kernel_image->data,
                       manifest->kernel_image->size, ramdisk_size, &guest->load.placement, &sentence) != STATUS_OK) {
        guest_refuse(guest, sentence);
        return;
    }
    guest->load.stage = STAGE_SCRUB;
    guest->load.segment = 0;
    guest->load.done = 0;
    guest->load.job.step = step;
    guest->load.job.vcpu = guest->vcpus[0];
    job_start(&guest->load.job, guest->load.job.vcpu->hart);
}
