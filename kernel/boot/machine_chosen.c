/* /chosen: what the boot loader has to say (Linux, Documentation/devicetree/usage-model). */
#include <libfdt.h>
#include <string.h>

#include "kernel/boot/machine.h"
#include "kernel/boot/reach.h"
#include "lib/fdt_read.h"

static void read_images(const void *fdt, int chosen) {
    uint64_t start;
    uint64_t end;
    /* One cell or two, depending on who wrote it. */
    if (fdt_read_u64(fdt, chosen, "linux,initrd-start", &start) != STATUS_OK ||
        fdt_read_u64(fdt, chosen, "linux,initrd-end", &end) != STATUS_OK || end <= start ||
        !reach_has(start, end - start)) {
        return;
    }
    machine.has_images = true;
    machine.images = paddr(start);
    machine.images_size = end - start;
}

static void read_bootargs(const void *fdt, int chosen) {
    const char *text;
    if (fdt_read_string(fdt, chosen, "bootargs", &text) == STATUS_OK) {
        size_t size = strnlen(text, sizeof machine.bootargs - 1);
        memcpy(machine.bootargs, text, size);
        machine.bootargs[size] = '\0';
    }
}

static void read_seed(const void *fdt, int chosen) {
    int size;
    const void *seed = fdt_getprop(fdt, chosen, "rng-seed", &size);
    if (seed != nullptr && size > 0) {
        machine.seed_size = (size_t)size < sizeof machine.seed ? (size_t)size : sizeof machine.seed;
        memcpy(machine.seed, seed, machine.seed_size);
    }
}

void machine_read_chosen(const struct survey *survey) {
    if (survey->chosen >= 0) {
        read_images(survey->fdt, survey->chosen);
        read_bootargs(survey->fdt, survey->chosen);
        read_seed(survey->fdt, survey->chosen);
    }
}
