/* The UART that the console is on: the one that /chosen names, else the first. */
#include <libfdt.h>
#include <string.h>

#include "kernel/boot/machine.h"
#include "kernel/boot/reach.h"
#include "lib/fdt_read.h"

enum { REGISTER_COUNT = 8, PATH_SIZE = 128 };

static uint32_t u32_or(const void *fdt, int node, const char *name, uint32_t otherwise) {
    uint32_t value;
    return fdt_read_u32(fdt, node, name, &value) == STATUS_OK ? value : otherwise;
}

/* The phandle of the controller that a node's interrupts go to: what the node says, or the nearest one above it that
 * does (Devicetree Specification v0.4, 2.4.1). 0: none. */
static uint32_t interrupt_parent(const void *fdt, const struct fdt_place *place) {
    uint32_t phandle = u32_or(fdt, place->node, "interrupt-parent", 0);
    for (int depth = place->depth; phandle == 0 && depth > 0; depth--) {
        phandle = u32_or(fdt, place->buses[depth - 1], "interrupt-parent", 0);
    }
    return phandle;
}

/* Fills machine.uart from a node; false: it is not a UART that we can drive. */
static bool accept(const void *fdt, const struct fdt_place *place) {
    struct fdt_region region;
    int node = place->node;
    uint32_t offset = u32_or(fdt, node, "reg-offset", 0);
    if (!fdt_is_available(fdt, node) || fdt_read_region(fdt, place, 0, &region) != STATUS_OK ||
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
    machine.uart_irq_controller = interrupt_parent(fdt, place);
    machine.has_uart = true;
    return true;
}

/* stdout-path is a path or an alias, and may have ":115200n8" behind it. Negative: there is none. */
static int stdout_node(const struct survey *survey) {
    const char *text;
    char path[PATH_SIZE];
    if (survey->chosen < 0 || fdt_read_string(survey->fdt, survey->chosen, "stdout-path", &text) != STATUS_OK) {
        return -1;
    }
    size_t size = strcspn(text, ":");
    if (size >= sizeof path) {
        return -1;
    }
    memcpy(path, text, size);
    path[size] = '\0';
    return fdt_path_offset(survey->fdt, path);
}

/* The first that can be driven of the UARTs that are, or are not, at the node. */
static bool accept_one(const struct survey *survey, int node, bool is_at_node) {
    uint32_t index = 0;
    const struct fdt_place *place;
    while ((place = survey_next(survey, SURVEY_UART, &index)) != nullptr) {
        if ((place->node == node) == is_at_node && accept(survey->fdt, place)) {
            return true;
        }
    }
    return false;
}

void machine_read_uart(const struct survey *survey) {
    int node = stdout_node(survey);
    (void)(accept_one(survey, node, true) || accept_one(survey, node, false));
}
