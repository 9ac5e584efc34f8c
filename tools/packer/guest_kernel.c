/*
 * What a guest's kernel file is.
 */
#include "tools/packer/guest_kernel.h"

#include "abi/manifest.h"
#include "lib/elf.h"
#include "lib/linux_image.h"

static status_t check_linux_image(const char *path, const void *data, size_t size, uint64_t *out_last,
                                  struct refusal *out_refusal) {
    struct linux_image image;
    const char *reason;
    status_t status = linux_image_open(data, size, &image, &reason);
    if (status != STATUS_OK) {
        return refuse(out_refusal, status, "%s: %s", path, reason);
    }
    *out_last = image.text_offset + image.memory_size - 1;
    return STATUS_OK;
}

static status_t check_elf(const char *path, const void *data, size_t size, unsigned xlen, uint64_t *out_last,
                          struct refusal *out_refusal) {
    struct elf elf;
    const char *reason;
    status_t status = elf_open(data, size, xlen == 32 ? ELF_CLASS_32 : ELF_CLASS_64, &elf, &reason);
    if (status == STATUS_INVALID) {
        return refuse(out_refusal, status, "%s: is neither a RISC-V Linux Image nor an ELF file", path);
    }
    if (status != STATUS_OK) {
        return refuse(out_refusal, status, "%s: %s", path, reason);
    }
    *out_last = elf.last_address - elf.first_address;
    return STATUS_OK;
}

status_t guest_kernel_check(const char *path, const void *data, size_t size, unsigned xlen, uint64_t *out_memory_size,
                            struct refusal *out_refusal) {
    uint64_t last;
    status_t status = linux_image_recognise(data, size) ? check_linux_image(path, data, size, &last, out_refusal)
                                                        : check_elf(path, data, size, xlen, &last, out_refusal);
    if (status != STATUS_OK) {
        return status;
    }
    if (last >= MANIFEST_MEMORY_MAX) {
        return refuse(out_refusal, STATUS_TOO_BIG, "%s: says that it takes more memory than any machine has", path);
    }
    *out_memory_size = last + 1;
    return STATUS_OK;
}
