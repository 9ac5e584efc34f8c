/* The harts of the machine and what they are said to have. What they really have, each finds out itself
 * (arch_hart_probe). */
#include <libfdt.h>
#include <string.h>

#include "kernel/boot/machine.h"
#include "kernel/boot/refuse.h"
#include "kernel/console/kernel_log.h"
#include "kernel/hart/hart.h"
#include "kernel/mem/memory.h"
#include "lib/fdt_read.h"

/* riscv,isa-extensions is newer and wins over riscv,isa (Linux, Documentation/devicetree/bindings/riscv/cpus.yaml). */
static status_t read_isa(const void *fdt, int node, struct isa *out_isa) {
    const char *text;
    int size;
    const char *list = fdt_getprop(fdt, node, "riscv,isa-extensions", &size);
    if (list != nullptr && size > 0 && fdt_read_string(fdt, node, "riscv,isa-base", &text) == STATUS_OK &&
        isa_parse_list(text, list, (size_t)size, out_isa) == STATUS_OK) {
        return STATUS_OK;
    }
    if (fdt_read_string(fdt, node, "riscv,isa", &text) != STATUS_OK) {
        return STATUS_NOT_FOUND;
    }
    return isa_parse(text, strlen(text), out_isa);
}

static bool is_hart(const void *fdt, int node) {
    const char *type;
    return fdt_read_string(fdt, node, "device_type", &type) == STATUS_OK && strcmp(type, "cpu") == 0;
}

static bool is_known(unsigned long id) {
    for (uint32_t index = 0; index < hart_count; index++) {
        if (harts[index]->id == id) {
            return true;
        }
    }
    return false;
}

/* The hart that booted, wherever it stands, has a place. */
static uint32_t hart_limit(unsigned long id) {
    return id == boot_hart.id || is_known(boot_hart.id) ? HART_MAX : HART_MAX - 1;
}

/* The struct of the hart that this node describes: the boot hart has one, the others get one. */
static struct hart *claim(unsigned long id) {
    if (id == boot_hart.id) {
        return &boot_hart;
    }
    struct hart *hart = memory_boot_alloc(sizeof *hart);
    uint8_t *stack = memory_boot_alloc(HART_STACK_SIZE);
    if (hart == nullptr || stack == nullptr) {
        boot_refuse("no memory left for the state of hart %lu", id);
    }
    hart->id = id;
    hart->stack_top = (unsigned long)(uintptr_t)(stack + HART_STACK_SIZE);
    return hart;
}

static void read_hart(const void *fdt, int cpus, int node) {
    struct isa isa;
    struct fdt_region region;
    if (!is_hart(fdt, node) || !fdt_is_available(fdt, node)) {
        return;
    }
    if (fdt_read_reg(fdt, cpus, node, 0, &region) != STATUS_OK || region.address > UINTPTR_MAX) {
        log_line("a hart without a usable id in the device tree is left out");
        return;
    }
    unsigned long id = (unsigned long)region.address;
    if (read_isa(fdt, node, &isa) != STATUS_OK || isa.xlen != sizeof(unsigned long) * 8) {
        log_line("hart %lu is left out: its riscv,isa is missing or not for this kernel", id);
        return;
    }
    if (is_known(id)) {
        log_line("hart %lu stands twice in the device tree; the first counts", id);
        return;
    }
    if (hart_count == hart_limit(id)) {
        log_line("hart %lu is left out: this kernel runs on at most %d", id, HART_MAX);
        return;
    }
    struct hart *hart = claim(id);
    hart->isa = isa;
    harts[hart_count] = hart;
    hart->index = hart_count++;
    int controller = fdt_subnode_offset(fdt, node, "interrupt-controller");
    hart->phandle = controller >= 0 ? fdt_get_phandle(fdt, controller) : 0;
}

void machine_read_timebase(const struct survey *survey) {
    uint32_t frequency;
    if (survey->cpus >= 0 && fdt_read_u32(survey->fdt, survey->cpus, "timebase-frequency", &frequency) == STATUS_OK) {
        machine.ticks_per_second = frequency;
    }
}

void machine_read_harts(const struct survey *survey) {
    if (survey->cpus < 0) {
        boot_refuse("the device tree has no /cpus");
    }
    if (machine.ticks_per_second == 0) {
        boot_refuse("the device tree has no /cpus/timebase-frequency");
    }
    int node;
    fdt_for_each_subnode(node, survey->fdt, survey->cpus) {
        read_hart(survey->fdt, survey->cpus, node);
    }
    if (!is_known(boot_hart.id)) {
        boot_refuse("hart %lu, which booted, is not among the usable harts of the device tree", boot_hart.id);
    }
}
