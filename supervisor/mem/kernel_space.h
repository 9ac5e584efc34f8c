/*
 * The supervisor's own half of the address space, and with it the physical memory: which pages are free, and where they
 * are seen. Nothing is both writable and executable: text runs, read-only data is read, all RAM but the image is mapped
 * for data.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "abi/status.h"
#include "lib/address.h"
#include "supervisor/arch/riscv/page_table.h"
#include "supervisor/boot/machine.h"
#include "supervisor/mem/page_memory.h"

/* Where the boot loader put the image: from here on kernel_physical() can be used. */
void kernel_space_locate(paddr_t image);

/*
 * Builds the final page table and activates it. `device_tree` is where the boot loader put it. RAM that the direct map
 * cannot reach is taken out of the machine's; *out_unreachable says how much.
 * NOT_FOUND: the image's own RAM, or the initrd, is not reachable, or nothing is left over; NO_MEMORY: RAM is in too
 * many pieces.
 */
status_t kernel_space_init(struct machine *machine, paddr_t device_tree, size_t device_tree_size,
                           uint64_t *out_unreachable);

/* For page tables and address spaces. */
const struct page_memory *kernel_memory(void);

/* What user page tables share. */
const struct page_table *kernel_page_table(void);

/* Makes an address space the one that user mode sees; kernel_page_table() has none. */
void kernel_space_activate(const struct page_table *table);

/* Where RAM is seen, and which RAM an object of the image lies in. */
void *kernel_at(paddr_t address);
paddr_t kernel_physical(const void *object);

/* Maps the registers of the one device there is. NOT_FOUND: they span more than the window for devices. */
status_t kernel_map_device(uint64_t address, uint64_t size, void **out_registers);

/* Pages that are free. */
size_t kernel_free_count(void);
