/*
 * One function per thing that is read; machine_read() is the list of them. Each returns NOT_FOUND only where the
 * supervisor cannot do without it.
 */
#include "supervisor/boot/machine.h"

#include <libfdt.h>
#include <string.h>

#include "lib/isa.h"

typedef status_t (*machine_reader)(const void *fdt, struct machine *machine);

/* What may be absent is no error. */
static status_t optional(status_t status) {
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

static bool has_device_type(const void *fdt, int node, const char *type) {
    const char *text;
    return fdt_read_string(fdt, node, "device_type", &text) == STATUS_OK && strcmp(text, type) == 0;
}

static status_t read_memory_node(const void *fdt, int node, struct machine *machine) {
    struct fdt_region region;
    for (uint32_t index = 0;; index++) {
        status_t status = fdt_read_reg(fdt, 0, node, index, &region);
        if (status == STATUS_OK) {
            status = memory_map_add(&machine->ram, region.address, region.size);
        }
        if (status != STATUS_OK) {
            return optional(status);
        }
    }
}

static status_t read_memory(const void *fdt, struct machine *machine) {
    int node;
    fdt_for_each_subnode(node, fdt, 0) {
        if (has_device_type(fdt, node, "memory") && fdt_is_available(fdt, node)) {
            status_t status = read_memory_node(fdt, node, machine);
            if (status != STATUS_OK) {
                return status;
            }
        }
    }
    machine->free = machine->ram;
    return machine->ram.count != 0 ? STATUS_OK : STATUS_NOT_FOUND;
}

static status_t read_reservation_block(const void *fdt, struct machine *machine) {
    int count = fdt_num_mem_rsv(fdt);
    for (int index = 0; index < count; index++) {
        uint64_t address;
        uint64_t size;
        if (fdt_get_mem_rsv(fdt, index, &address, &size) != 0) {
            return STATUS_CORRUPT;
        }
        status_t status = memory_map_remove(&machine->free, address, size);
        if (status != STATUS_OK) {
            return status;
        }
    }
    return STATUS_OK;
}

/* A node without reg asks for memory that is allocated; nobody here uses it. */
static status_t read_reserved_node(const void *fdt, int parent, int node, struct machine *machine) {
    struct fdt_region region;
    bool unmapped = fdt_getprop(fdt, node, "no-map", nullptr) != nullptr;
    for (uint32_t index = 0;; index++) {
        status_t status = fdt_read_reg(fdt, parent, node, index, &region);
        if (status == STATUS_OK) {
            status = memory_map_remove(&machine->free, region.address, region.size);
        }
        if (status == STATUS_OK && unmapped) {
            status = memory_map_remove(&machine->ram, region.address, region.size);
        }
        if (status != STATUS_OK) {
            return optional(status);
        }
    }
}

static status_t read_reserved_memory(const void *fdt, struct machine *machine) {
    status_t status = read_reservation_block(fdt, machine);
    int parent = fdt_path_offset(fdt, "/reserved-memory");
    if (status != STATUS_OK || parent < 0) {
        return status;
    }
    int node;
    fdt_for_each_subnode(node, fdt, parent) {
        if (fdt_is_available(fdt, node)) {
            status = read_reserved_node(fdt, parent, node, machine);
            if (status != STATUS_OK) {
                return status;
            }
        }
    }
    return STATUS_OK;
}

/* What a hart says of itself in either binding; nothing that can be relied on where it says nothing, or nonsense. */
static status_t read_isa(const void *fdt, int node, struct isa *out_isa) {
    int size = 0;
    const char *text;
    const char *list = fdt_getprop(fdt, node, "riscv,isa-extensions", &size);
    if (list != nullptr && fdt_read_string(fdt, node, "riscv,isa-base", &text) == STATUS_OK) {
        return isa_parse_list(text, list, (size_t)size, out_isa);
    }
    status_t status = fdt_read_string(fdt, node, "riscv,isa", &text);
    return status == STATUS_OK ? isa_parse(text, strlen(text), out_isa) : status;
}

/* The letters that Linux's AT_HWCAP has and that work without any more ado. */
static unsigned long hart_extensions(const void *fdt, int node) {
    static const enum isa_extension known[] = {ISA_I, ISA_M, ISA_A, ISA_F, ISA_D, ISA_C};
    struct isa isa;
    unsigned long extensions = 0;
    if (read_isa(fdt, node, &isa) != STATUS_OK) {
        return 0;
    }
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        extensions |= isa_has(&isa, known[i]) ? 1UL << (isa_name(known[i])[0] - 'a') : 0;
    }
    return extensions;
}

static status_t read_harts(const void *fdt, struct machine *machine) {
    int parent = fdt_path_offset(fdt, "/cpus");
    int node;
    machine->extensions = ~0UL;
    fdt_for_each_subnode(node, fdt, parent) {
        if (has_device_type(fdt, node, "cpu") && fdt_is_available(fdt, node)) {
            machine->hart_count++;
            machine->extensions &= hart_extensions(fdt, node);
        }
    }
    return machine->hart_count != 0 ? STATUS_OK : STATUS_NOT_FOUND;
}

static status_t read_timebase(const void *fdt, struct machine *machine) {
    int node = fdt_path_offset(fdt, "/cpus");
    status_t status = fdt_read_u32(fdt, node, "timebase-frequency", &machine->timebase_frequency);
    return status == STATUS_OK && machine->timebase_frequency == 0 ? STATUS_INVALID : status;
}

static status_t read_initrd(const void *fdt, struct machine *machine) {
    int node = fdt_path_offset(fdt, "/chosen");
    uint64_t start;
    uint64_t end;
    if (node < 0) {
        return STATUS_OK;
    }
    status_t status = fdt_read_u64(fdt, node, "linux,initrd-start", &start);
    if (status == STATUS_OK) {
        status = fdt_read_u64(fdt, node, "linux,initrd-end", &end);
    }
    if (status != STATUS_OK) {
        return optional(status);
    }
    if (end < start || !memory_map_contains(&machine->ram, start, end - start)) {
        return STATUS_INVALID;
    }
    machine->initrd = (struct fdt_region){start, end - start};
    return memory_map_remove(&machine->free, start, end - start);
}

static status_t read_chosen(const void *fdt, struct machine *machine) {
    int node = fdt_path_offset(fdt, "/chosen");
    if (node < 0) {
        return STATUS_OK;
    }
    int size = 0;
    machine->seed = fdt_getprop(fdt, node, "rng-seed", &size);
    machine->seed_size = machine->seed != nullptr ? (size_t)size : 0;
    return optional(fdt_read_string(fdt, node, "bootargs", &machine->bootargs));
}

static const char *const uart_compatibles[] = {"ns16550a", "ns16550"};
enum { UART_COMPATIBLE_COUNT = sizeof(uart_compatibles) / sizeof(uart_compatibles[0]) };

static bool is_uart(const void *fdt, int node) {
    return node >= 0 && fdt_is_available(fdt, node) &&
           fdt_is_compatible(fdt, node, uart_compatibles, UART_COMPATIBLE_COUNT);
}

/* What stdout-path names (a path or an alias, up to a colon), else the first one in the tree; negative: none. */
static int find_uart(const void *fdt) {
    const char *path;
    int chosen = fdt_path_offset(fdt, "/chosen");
    if (chosen >= 0 && fdt_read_string(fdt, chosen, "stdout-path", &path) == STATUS_OK) {
        int node = fdt_path_offset_namelen(fdt, path, (int)strcspn(path, ":"));
        if (is_uart(fdt, node)) {
            return node;
        }
    }
    int node = fdt_next_node(fdt, -1, nullptr);
    while (node >= 0 && !is_uart(fdt, node)) {
        node = fdt_next_node(fdt, node, nullptr);
    }
    return node;
}

static status_t read_uart(const void *fdt, struct machine *machine) {
    enum { SHIFT_LIMIT = 4, REGISTER_COUNT = 8 };
    struct fdt_place place;
    int node = find_uart(fdt);
    uint32_t shift = 0;
    if (node < 0) {
        return STATUS_OK;
    }
    status_t status = optional(fdt_read_u32(fdt, node, "reg-shift", &shift));
    if (status == STATUS_OK) {
        status = fdt_place_find(fdt, node, &place);
    }
    if (status == STATUS_OK) {
        status = fdt_read_region(fdt, &place, 0, &machine->uart.registers);
    }
    if (status != STATUS_OK) {
        return status;
    }
    if (shift > SHIFT_LIMIT || machine->uart.registers.size < (uint64_t)REGISTER_COUNT << shift) {
        return STATUS_INVALID;
    }
    machine->uart.shift = shift;
    machine->uart.is_present = true;
    return STATUS_OK;
}

size_t machine_tree_size(const void *fdt) {
    return fdt_totalsize(fdt);
}

static const struct {
    machine_reader read;
    const char *refusal;
} readers[] = {
    {read_memory, "the device tree has no memory node that makes sense"},
    {read_harts, "the device tree has no hart in /cpus"},
    {read_timebase, "the device tree has no timebase-frequency in /cpus that makes sense"},
    {read_chosen, "the device tree's /chosen has malformed boot arguments"},
    {read_reserved_memory, "the device tree's memory reservations are malformed, or too many"},
    {read_initrd, "the initrd that the device tree's /chosen names does not lie in RAM"},
    {read_uart, "the device tree's ns16550a has registers that make no sense"},
};

/*
 * Devicetree Specification 5.1, 5.6: the tree and its reservations are 8-byte aligned, its structure 4-byte. libfdt
 * takes the places of both from the header as they are, and a misaligned load may trap. Older versions do not say how
 * long the structure is.
 */
static bool is_tree(const void *fdt, size_t limit) {
    enum { ALIGNMENT = 8, STRUCTURE_ALIGNMENT = 4, VERSION_MINIMUM = 17 };
    return (uintptr_t)fdt % ALIGNMENT == 0 && fdt_magic(fdt) == FDT_MAGIC && fdt_version(fdt) >= VERSION_MINIMUM &&
           fdt_off_dt_struct(fdt) % STRUCTURE_ALIGNMENT == 0 && fdt_off_mem_rsvmap(fdt) % ALIGNMENT == 0 &&
           fdt_check_full(fdt, limit) == 0;
}

status_t machine_read(const void *fdt, size_t limit, struct machine *out_machine, const char **out_reason) {
    if (!is_tree(fdt, limit)) {
        *out_reason = "the boot loader passed no device tree, or a damaged one";
        return STATUS_CORRUPT;
    }
    *out_machine = (struct machine){};
    for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++) {
        status_t status = readers[i].read(fdt, out_machine);
        if (status != STATUS_OK) {
            *out_reason = readers[i].refusal;
            return status;
        }
    }
    return STATUS_OK;
}
