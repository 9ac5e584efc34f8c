/*
 * What a guest's kernel file is: a Linux Image or an ELF executable, for which machine, and how much memory it takes.
 */
#pragma once

#include "tools/packer/refusal.h"

#include <stddef.h>
#include <stdint.h>

/*
 * Checks the bytes of the file `path` with the readers that the kernel uses. *out_memory_size counts from the start of
 * the guest's RAM to the end of the kernel and is at most MANIFEST_MEMORY_MAX. STATUS_INVALID where it is neither
 * format, STATUS_TOO_BIG, otherwise as elf_open() and linux_image_open().
 */
status_t guest_kernel_check(const char *path, const void *data, size_t size, unsigned xlen, uint64_t *out_memory_size,
                            struct refusal *out_refusal);
