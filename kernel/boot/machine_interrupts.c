/*
 * Which register of which interrupt device belongs to which hart. All of them say it the same way: interrupts-extended
 * is a list of pairs {phandle of a hart's interrupt controller, number of the interrupt in it}, and the position in the
 * list is the position of the register.
 */
#include <libfdt.h>

#include "kernel/boot/machine.h"
#include "kernel/boot/reach.h"
#include "kernel/boot/refuse.h"
#include "kernel/hart/hart.h"
#include "lib/bytes.h"
#include "lib/fdt_read.h"

/* Interrupts of a hart for M-mode, as the bindings number them: bits of mip. */
enum { MACHINE_SOFTWARE = 3, MACHINE_TIMER = 7, MACHINE_EXTERNAL = 11 };

enum {
    CLINT_MTIMECMP = 0x4000,
    CLINT_MTIME = 0xbff8,
    PLIC_CONTEXT_MAX = 15871, /* PLIC spec, "Memory Map" */
    PLIC_SIZE_MIN = 0x201000,
};

struct pair {
    uint32_t phandle;
    uint32_t interrupt;
};

static bool read_pair(const void *fdt, int node, uint32_t index, struct pair *out_pair) {
    int size;
    const uint8_t *cells = fdt_getprop(fdt, node, "interrupts-extended", &size);
    if (cells == nullptr || index >= (uint32_t)size / 8) {
        return false;
    }
    out_pair->phandle = load_be32(cells + (size_t)index * 8);
    out_pair->interrupt = load_be32(cells + (size_t)index * 8 + 4);
    return true;
}

static struct hart *hart_of(uint32_t phandle) {
    for (uint32_t index = 0; index < hart_count; index++) {
        if (phandle != 0 && harts[index]->phandle == phandle) {
            return harts[index];
        }
    }
    return nullptr;
}

/* Gives each hart in the list its register: `stride` bytes each from `base` on, as far as `size` reaches. */
static void assign(const void *fdt, int node, uint32_t interrupt, paddr_t base, uint64_t size, uint32_t stride) {
    struct pair pair;
    uint64_t offset = 0;
    for (uint32_t index = 0; read_pair(fdt, node, index, &pair); index++) {
        if (pair.interrupt != interrupt) {
            continue;
        }
        struct hart *hart = hart_of(pair.phandle);
        if (hart != nullptr && offset + stride <= size) {
            paddr_t *mine = interrupt == MACHINE_SOFTWARE ? &hart->ipi : &hart->timer;
            *mine = paddr(base.value + offset);
        }
        offset += stride;
    }
}

static bool read_registers(const void *fdt, const struct fdt_place *place, uint32_t index, uint64_t size_min,
                           struct fdt_region *out_region) {
    return fdt_is_available(fdt, place->node) && fdt_read_region(fdt, place, index, out_region) == STATUS_OK &&
           out_region->size >= size_min && reach_has(out_region->address, out_region->size) &&
           out_region->address % 4 == 0;
}

static void read_clint(const void *fdt, const struct fdt_place *place) {
    struct fdt_region region;
    if (!read_registers(fdt, place, 0, CLINT_MTIME + 8, &region)) {
        return;
    }
    assign(fdt, place->node, MACHINE_SOFTWARE, paddr(region.address), CLINT_MTIMECMP, 4);
    assign(fdt, place->node, MACHINE_TIMER, paddr(region.address + CLINT_MTIMECMP), CLINT_MTIME - CLINT_MTIMECMP, 8);
    machine.mtime = paddr(region.address + CLINT_MTIME);
}

static void read_mswi(const void *fdt, const struct fdt_place *place) {
    struct fdt_region region;
    if (read_registers(fdt, place, 0, 4, &region)) {
        assign(fdt, place->node, MACHINE_SOFTWARE, paddr(region.address), region.size, 4);
    }
}

/* reg has two entries: mtime, then mtimecmp (Linux, Documentation/devicetree/bindings/timer/riscv,aclint-mtimer.yaml).
 */
static void read_mtimer(const void *fdt, const struct fdt_place *place) {
    struct fdt_region mtime;
    struct fdt_region mtimecmp;
    if (read_registers(fdt, place, 0, 8, &mtime) && read_registers(fdt, place, 1, 8, &mtimecmp)) {
        assign(fdt, place->node, MACHINE_TIMER, paddr(mtimecmp.address), mtimecmp.size, 8);
        machine.mtime = paddr(mtime.address);
    }
}

static void for_each(const struct survey *survey, enum survey_kind kind,
                     void (*read)(const void *fdt, const struct fdt_place *place)) {
    uint32_t index = 0;
    const struct fdt_place *place;
    while ((place = survey_next(survey, kind, &index)) != nullptr) {
        read(survey->fdt, place);
    }
}

void machine_read_timers(const struct survey *survey) {
    for_each(survey, SURVEY_CLINT, read_clint);
    for_each(survey, SURVEY_MSWI, read_mswi);
    for_each(survey, SURVEY_MTIMER, read_mtimer);
    if (boot_hart.ipi.value == 0 || boot_hart.timer.value == 0) {
        boot_refuse("the device tree names no CLINT or ACLINT (IPI and timer) for hart %lu", boot_hart.id);
    }
}

/* Of several PLICs, the one that the UART is wired to, and only if it can interrupt the boot hart. */
static void read_plic(const void *fdt, const struct fdt_place *place) {
    struct fdt_region region;
    struct pair pair;
    uint32_t phandle = fdt_get_phandle(fdt, place->node);
    if (phandle == 0 || phandle != machine.uart_irq_controller ||
        !read_registers(fdt, place, 0, PLIC_SIZE_MIN, &region)) {
        return;
    }
    for (uint32_t index = 0; index <= PLIC_CONTEXT_MAX && read_pair(fdt, place->node, index, &pair); index++) {
        if (pair.interrupt == MACHINE_EXTERNAL && hart_of(pair.phandle) == &boot_hart &&
            (uint64_t)index * 0x1000 + PLIC_SIZE_MIN <= region.size) {
            machine.has_plic = true;
            machine.plic = paddr(region.address);
            machine.plic_context = index;
            return;
        }
    }
}

void machine_read_interrupts(const struct survey *survey) {
    enum { SOURCE_MAX = 1023 };
    for_each(survey, SURVEY_PLIC, read_plic);
    machine.uart.has_irq = machine.has_plic && machine.uart_irq != 0 && machine.uart_irq <= SOURCE_MAX;
    if (!machine.uart.has_irq) {
        machine.uart_irq = 0;
    }
}
