/* The UART that the console is on: the one that /chosen names, else the first. */
#include <libfdt.h>
#include <string.h>

#include "kernel/boot/machine.h"
#include "kernel/boot/reach.h"
#include "lib/fdt_read.h"

enum { NODES_MAX = 64, REGISTER_COUNT = 8, PATH_SIZE = 128 };

static const char *const compatible[] = {"ns16550a", "ns16550", "snps,dw-apb-uart"};

static uint32_t u32_or(const void *fdt, int node, const char *name, uint32_t otherwise) {
    uint32_t value;
    return fdt_read_u32(fdt, node, name, &value) == STATUS_OK ? value : otherwise;
}

/* The phandle of the controller that a node's interrupts go to: what the node says, or the nearest one above it that
 * does (Devicetree Specification v0.4, 2.4.1). 0: none. */
static uint32_t interrupt_parent(const void *fdt, int node) {
    for (unsigned depth = 0; node >= 0 && depth < FDT_READ_DEPTH_MAX; depth++) {
        uint32_t phandle;
        if (fdt_read_u32(fdt, node, "interrupt-parent", &phandle) == STATUS_OK) {
            return phandle;
        }
        node = fdt_parent_offset(fdt, node);
    }
    return 0;
}

/* Fills machine.uart from a node; false: it is not a UART that we can drive. */
static bool accept(const void *fdt, int node) {
    struct fdt_region region;
    uint32_t offset = u32_or(fdt, node, "reg-offset", 0);
    if (node < 0 || !fdt_is_compatible(fdt, node, compatible, sizeof compatible / sizeof compatible[0]) ||
        !fdt_is_available(fdt, node) || fdt_read_region(fdt, node, 0, &region) != STATUS_OK ||
        !reach_has(region.address, region.size) || offset >= region.size) {
        return false;
    }
    struct ns16550a_config config = {
        .base = paddr(region.address + offset),
        .reg_shift = u32_or(fdt, node, "reg-shift", 0),
        .io_width = u32_or(fdt, node, "reg-io-width", 1),
        .clock_frequency = u32_or(fdt, node, "clock-frequency", 0),
        .current_speed = u32_or(fdt, node, "current-speed", 0),
    };
    if (config.reg_shift > 8 || (config.io_width != 1 && config.io_width != 4) ||
        (config.io_width == 4 && config.reg_shift < 2) ||
        ((uint64_t)REGISTER_COUNT << config.reg_shift) > region.size - offset ||
        config.base.value % config.io_width != 0) {
        return false;
    }
    machine.uart = config;
    machine.uart_irq = u32_or(fdt, node, "interrupts", 0);
    machine.uart_irq_controller = interrupt_parent(fdt, node);
    machine.has_uart = true;
    return true;
}

/* stdout-path is a path or an alias, and may have ":115200n8" behind it. */
static int stdout_node(const void *fdt) {
    const char *text;
    char path[PATH_SIZE];
    int chosen = fdt_path_offset(fdt, "/chosen");
    if (chosen < 0 || fdt_read_string(fdt, chosen, "stdout-path", &text) != STATUS_OK) {
        return -1;
    }
    size_t size = strcspn(text, ":");
    if (size >= sizeof path) {
        return -1;
    }
    memcpy(path, text, size);
    path[size] = '\0';
    return fdt_path_offset(fdt, path);
}

void machine_read_uart(const void *fdt) {
    if (accept(fdt, stdout_node(fdt))) {
        return;
    }
    unsigned nodes = 0;
    for (size_t index = 0; index < sizeof compatible / sizeof compatible[0]; index++) {
        int node = fdt_node_offset_by_compatible(fdt, -1, compatible[index]);
        for (; node >= 0 && nodes < NODES_MAX; nodes++) {
            if (accept(fdt, node)) {
                return;
            }
            node = fdt_node_offset_by_compatible(fdt, node, compatible[index]);
        }
    }
}
