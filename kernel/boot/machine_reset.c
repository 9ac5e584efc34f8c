/* How to switch the machine off. */
#include <libfdt.h>

#include "kernel/boot/machine.h"
#include "kernel/boot/reach.h"
#include "lib/fdt_read.h"

/* SiFive's test finisher: the low half says what, the high half is the exit code. */
enum : uint32_t { FINISHER_PASS = 0x5555, FINISHER_FAIL = 0x13333 };

static bool read_register(const void *fdt, const struct fdt_place *place, uint32_t offset, paddr_t *out_address) {
    struct fdt_region region;
    if (fdt_read_region(fdt, place, 0, &region) != STATUS_OK || region.size < 4 || offset > region.size - 4 ||
        !reach_has(region.address, region.size) || (region.address + offset) % 4 != 0) {
        return false;
    }
    *out_address = paddr(region.address + offset);
    return true;
}

/* The first of a kind; null: there is none. */
static const struct fdt_place *first(const struct survey *survey, enum survey_kind kind) {
    uint32_t index = 0;
    return survey_next(survey, kind, &index);
}

static bool read_finisher(const struct survey *survey, struct reset_device *device) {
    const struct fdt_place *place = first(survey, SURVEY_FINISHER);
    device->pass = FINISHER_PASS;
    device->fail = FINISHER_FAIL;
    return place != nullptr && read_register(survey->fdt, place, 0, &device->address);
}

/* syscon-poweroff: `value` into the register at `offset` of the device that `regmap` names. */
static bool read_syscon(const struct survey *survey, struct reset_device *device) {
    const void *fdt = survey->fdt;
    const struct fdt_place *place = first(survey, SURVEY_POWEROFF);
    struct fdt_place syscon;
    uint32_t regmap;
    uint32_t offset = 0;
    if (place == nullptr || fdt_read_u32(fdt, place->node, "regmap", &regmap) != STATUS_OK ||
        fdt_read_u32(fdt, place->node, "value", &device->pass) != STATUS_OK ||
        fdt_place_find(fdt, fdt_node_offset_by_phandle(fdt, regmap), &syscon) != STATUS_OK) {
        return false;
    }
    (void)!fdt_read_u32(fdt, place->node, "offset", &offset);
    device->fail = device->pass;
    return read_register(fdt, &syscon, offset, &device->address);
}

void machine_read_reset(const struct survey *survey) {
    struct reset_device device = {0};
    if (read_finisher(survey, &device) || read_syscon(survey, &device)) {
        reset_init(&device);
    }
}
