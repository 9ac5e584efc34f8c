/* Placing images in RAM; pure arithmetic over what the images say, none of which is trusted. */
#include "kernel/guest/placement.h"

#include "lib/align.h"
#include "lib/linux_image.h"

enum { PAGE_SIZE = 4096 };

/* Plans the kernel; *out_end is the first byte behind what it needs, counted from the start of RAM. */
static status_t plan_image(const void *kernel, size_t kernel_size, struct placement *placement, uint64_t *out_end,
                           const char **out_sentence) {
    struct linux_image image;
    status_t status = linux_image_open(kernel, kernel_size, &image, out_sentence);
    if (status != STATUS_OK) {
        return status;
    }
    if (image.text_offset % PAGE_SIZE != 0) {
        *out_sentence = "its Image header asks for an offset that is not a multiple of 4 KiB";
        return STATUS_CORRUPT;
    }
    placement->kernel_base = image.text_offset;
    placement->entry = image.text_offset;
    *out_end = image.text_offset + image.memory_size; /* linux_image_open: does not overflow */
    return STATUS_OK;
}

static status_t plan_elf(const void *kernel, size_t kernel_size, uint64_t alignment, struct placement *placement,
                         uint64_t *out_end, const char **out_sentence) {
    enum elf_class format = sizeof(unsigned long) == 8 ? ELF_CLASS_64 : ELF_CLASS_32;
    struct elf *elf = &placement->elf;
    status_t status = elf_open(kernel, kernel_size, format, elf, out_sentence);
    if (status != STATUS_OK) {
        return status;
    }
    uint64_t span = elf->last_address - elf->first_address;
    if (span >= UINT64_MAX - 2 * alignment) {
        *out_sentence = "its segments span the address space";
        return STATUS_TOO_BIG;
    }
    placement->is_elf = true;
    /* As far above a multiple of the alignment as it was linked, so that its own alignment holds. */
    placement->kernel_base = alignment + elf->first_address % alignment;
    placement->entry = placement->kernel_base + (elf->entry - elf->first_address);
    *out_end = placement->kernel_base + span + 1;
    return STATUS_OK;
}

status_t placement_plan(uint64_t base, uint64_t size, uint64_t alignment, const void *kernel, size_t kernel_size,
                        size_t ramdisk_size, struct placement *out_placement, const char **out_sentence) {
    struct placement placement = {0};
    uint64_t kernel_end;
    status_t status = linux_image_recognise(kernel, kernel_size)
                          ? plan_image(kernel, kernel_size, &placement, &kernel_end, out_sentence)
                          : plan_elf(kernel, kernel_size, alignment, &placement, &kernel_end, out_sentence);
    if (status != STATUS_OK) {
        return status;
    }
    uint64_t above_kernel;
    if (align_up_checked(ramdisk_size, PAGE_SIZE, &above_kernel) != STATUS_OK ||
        __builtin_add_overflow(above_kernel, PLACEMENT_FDT_SIZE, &above_kernel) || size < above_kernel ||
        size - above_kernel < kernel_end) {
        *out_sentence = "its RAM is too small for its kernel, ramdisk and device tree";
        return STATUS_TOO_BIG;
    }
    placement.kernel_base += base;
    placement.entry += base;
    placement.fdt_base = base + size - PLACEMENT_FDT_SIZE;
    placement.ramdisk_base = ramdisk_size != 0 ? base + size - above_kernel : 0;
    *out_placement = placement;
    return STATUS_OK;
}
