/* How to switch the machine off. */
#include <libfdt.h>

#include "kernel/boot/machine.h"
#include "kernel/boot/reach.h"
#include "lib/fdt_read.h"

/* SiFive's test finisher: the low half says what, the high half is the exit code. */
enum : uint32_t { FINISHER_PASS = 0x5555, FINISHER_FAIL = 0x13333 };

static bool read_register(const void *fdt, int node, uint32_t offset, paddr_t *out_address) {
    struct fdt_region region;
    if (node < 0 || fdt_read_region(fdt, node, 0, &region) != STATUS_OK || region.size < 4 ||
        offset > region.size - 4 || !reach_has(region.address, region.size) || (region.address + offset) % 4 != 0) {
        return false;
    }
    *out_address = paddr(region.address + offset);
    return true;
}

static bool read_finisher(const void *fdt, struct reset_device *device) {
    int node = fdt_node_offset_by_compatible(fdt, -1, "sifive,test0");
    device->pass = FINISHER_PASS;
    device->fail = FINISHER_FAIL;
    return read_register(fdt, node, 0, &device->address);
}

/* syscon-poweroff: `value` into the register at `offset` of the device that `regmap` names. */
static bool read_syscon(const void *fdt, struct reset_device *device) {
    uint32_t regmap;
    uint32_t offset = 0;
    int node = fdt_node_offset_by_compatible(fdt, -1, "syscon-poweroff");
    if (node < 0 || fdt_read_u32(fdt, node, "regmap", &regmap) != STATUS_OK ||
        fdt_read_u32(fdt, node, "value", &device->pass) != STATUS_OK) {
        return false;
    }
    (void)!fdt_read_u32(fdt, node, "offset", &offset);
    device->fail = device->pass;
    return read_register(fdt, fdt_node_offset_by_phandle(fdt, regmap), offset, &device->address);
}

void machine_read_reset(const void *fdt) {
    struct reset_device device = {0};
    if (read_finisher(fdt, &device) || read_syscon(fdt, &device)) {
        reset_init(&device);
    }
}
