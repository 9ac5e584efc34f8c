/* RAM, less everything that somebody else has: the kernel, the device tree, the images, and what the tree reserves. */
#include <libfdt.h>

#include "kernel/arch/backtrace.h"
#include "kernel/boot/machine.h"
#include "kernel/boot/reach.h"
#include "kernel/boot/refuse.h"
#include "kernel/console/kernel_log.h"
#include "kernel/guest/devices.h"
#include "kernel/mem/memory.h"
#include "lib/fdt_read.h"
#include "lib/sizes.h"

/* More banks and reservations than any machine has. */
enum { ENTRIES_MAX = 64 };

static void reserve(const char *what, uint64_t address, uint64_t size) {
    if (size != 0 && memory_reserve(paddr(address), size) != STATUS_OK) {
        boot_refuse("the device tree reserves memory (%s, 0x%llx bytes at 0x%llx) in a way that makes no sense", what,
                    (unsigned long long)size, (unsigned long long)address);
    }
}

/* What M-mode cannot address is left out. */
static void add_bank(const struct fdt_region *bank) {
    uint64_t size = bank->size;
    char text[SIZES_TEXT_SIZE];
    if (size == 0) {
        return;
    }
    if (!reach_has(bank->address, size)) {
        uint64_t usable = bank->address <= UINTPTR_MAX ? (uint64_t)UINTPTR_MAX + 1 - bank->address : 0;
        sizes_print(text, sizeof text, size - usable);
        log_line("%s of RAM lie beyond what this kernel can address and are left out", text);
        size = usable;
    }
    if (size == 0) {
        return;
    }
    status_t status = memory_add_ram(paddr(bank->address), size);
    if (status == STATUS_INVALID) {
        boot_refuse("the device tree describes RAM at 0x%llx, 0x%llx bytes, that reaches the end of the address space",
                    (unsigned long long)bank->address, (unsigned long long)size);
    }
    if (status != STATUS_OK) {
        boot_refuse("the device tree describes more banks of RAM than can be kept track of");
    }
}

static void add_node(const void *fdt, int node) {
    struct fdt_region bank;
    if (!fdt_is_available(fdt, node)) {
        return;
    }
    for (uint32_t index = 0; index < ENTRIES_MAX && fdt_read_reg(fdt, 0, node, index, &bank) == STATUS_OK; index++) {
        add_bank(&bank);
    }
}

static void add_nodes(const struct survey *survey) {
    uint32_t index = 0;
    const struct fdt_place *place;
    while ((place = survey_next(survey, SURVEY_MEMORY, &index)) != nullptr) {
        add_node(survey->fdt, place->node);
    }
}

/* RAM that is passed over is only lost; a reservation that is passed over would be given to a guest. */
[[noreturn]] static void refuse_reservations(const char *what) {
    boot_refuse("the device tree reserves memory (%s) in more than %d pieces, or in a way that cannot be read", what,
                ENTRIES_MAX);
}

static void reserve_listed(const void *fdt) {
    static const char what[] = "memreserve";
    int count = fdt_num_mem_rsv(fdt);
    if (count < 0 || count > ENTRIES_MAX) {
        refuse_reservations(what);
    }
    for (int index = 0; index < count; index++) {
        uint64_t address;
        uint64_t size;
        if (fdt_get_mem_rsv(fdt, index, &address, &size) != 0) {
            refuse_reservations(what);
        }
        reserve(what, address, size);
    }
}

/* A node without reg asks for memory anywhere: an operating system's to give. */
static void reserve_node(const void *fdt, int parent, int node) {
    static const char what[] = "/reserved-memory";
    struct fdt_region region;
    status_t status = fdt_read_reg(fdt, parent, node, 0, &region);
    for (uint32_t index = 1; status == STATUS_OK && index <= ENTRIES_MAX; index++) {
        reserve(what, region.address, region.size);
        status = fdt_read_reg(fdt, parent, node, index, &region);
    }
    if (status != STATUS_NOT_FOUND) {
        refuse_reservations(what);
    }
}

static void reserve_nodes(const void *fdt, int parent) {
    int node;
    if (parent < 0) {
        return;
    }
    fdt_for_each_subnode(node, fdt, parent) {
        reserve_node(fdt, parent, node);
    }
}

void machine_read_memory(const struct survey *survey) {
    const void *fdt = survey->fdt;
    memory_init();
    add_nodes(survey);
    uintptr_t kernel = (uintptr_t)arch_kernel_start();
    reserve("kernel", kernel, (uintptr_t)arch_kernel_end() - kernel);
    reserve("device tree", (uintptr_t)fdt, fdt_totalsize(fdt));
    /* Or, under pmp, one finds RAM of its own there. */
    reserve("where guests have their UART", DEVICE_UART_BASE, DEVICE_UART_SIZE);
    reserve_listed(fdt);
    reserve_nodes(fdt, survey->reserved_memory);
    if (machine.has_images) {
        if (!memory_is_ram(machine.images, machine.images_size)) {
            boot_refuse("the images that /chosen names (linux,initrd-start) are not in RAM: 0x%llx bytes at 0x%llx",
                        (unsigned long long)machine.images_size, (unsigned long long)machine.images.value);
        }
        reserve("images", machine.images.value, machine.images_size);
    }
    if (memory_statistics().free == 0) {
        boot_refuse("the device tree describes no RAM that is free");
    }
}
