/* Written in order with libfdt's sequential interface; the first failure is kept and looked at once, at the end. */
#include "kernel/guest/guest_fdt.h"

#include <libfdt.h>
#include <string.h>

#include "kernel/boot/entropy.h"
#include "kernel/guest/devices.h"
#include "kernel/irq/timer.h"
#include "lib/format.h"

enum { FDT_ISA_SIZE = 2048, FDT_NAME_SIZE = 32 };

struct tree {
    void *fdt;
    int error; /* the first that libfdt returned; 0: none */
};

static void note(struct tree *tree, int error) {
    if (tree->error == 0) {
        tree->error = error;
    }
}

/* "riscv,sv39" and so on are what the hart has at most; Linux finds out itself, others want to be told the least
 * common. */
static const char *mmu_type(void) {
    return sizeof(unsigned long) == 8 ? "riscv,sv39" : "riscv,sv32";
}

static void put_u64(struct tree *tree, const char *name, uint64_t value) {
    note(tree, fdt_property_u64(tree->fdt, name, value));
}

static void put_string(struct tree *tree, const char *name, const char *value) {
    note(tree, fdt_property_string(tree->fdt, name, value));
}

static void put_u32(struct tree *tree, const char *name, uint32_t value) {
    note(tree, fdt_property_u32(tree->fdt, name, value));
}

static void put_region(struct tree *tree, uint64_t base, uint64_t size) {
    fdt64_t cells[] = {cpu_to_fdt64(base), cpu_to_fdt64(size)};
    note(tree, fdt_property(tree->fdt, "reg", cells, sizeof cells));
}

static void put_cpu(struct tree *tree, const struct guest *guest, uint32_t id, const char *isa, const char *extensions,
                    size_t extensions_size) {
    char name[FDT_NAME_SIZE];
    format_buffer(name, sizeof name, "cpu@%x", id);
    note(tree, fdt_begin_node(tree->fdt, name));
    put_string(tree, "device_type", "cpu");
    put_u32(tree, "reg", id);
    put_string(tree, "status", "okay");
    put_string(tree, "compatible", "riscv");
    put_string(tree, "riscv,isa", isa);
    put_string(tree, "riscv,isa-base", guest->isa.xlen == 64 ? "rv64i" : "rv32i");
    note(tree, fdt_property(tree->fdt, "riscv,isa-extensions", extensions, (int)extensions_size));
    put_string(tree, "mmu-type", mmu_type());
    note(tree, fdt_begin_node(tree->fdt, "interrupt-controller"));
    put_string(tree, "compatible", "riscv,cpu-intc");
    put_u32(tree, "#interrupt-cells", 1);
    note(tree, fdt_property(tree->fdt, "interrupt-controller", "", 0));
    put_u32(tree, "phandle", id + 1);
    note(tree, fdt_end_node(tree->fdt));
    note(tree, fdt_end_node(tree->fdt));
}

static void put_cpus(struct tree *tree, const struct guest *guest) {
    char isa[FDT_ISA_SIZE];
    char extensions[FDT_ISA_SIZE];
    isa_format(&guest->isa, isa, sizeof isa);
    size_t extensions_size = isa_format_list(&guest->isa, extensions, sizeof extensions);
    if (extensions_size > sizeof extensions) {
        extensions_size = 0; /* more names than any table of ours has */
    }
    note(tree, fdt_begin_node(tree->fdt, "cpus"));
    put_u32(tree, "#address-cells", 1);
    put_u32(tree, "#size-cells", 0);
    put_u32(tree, "timebase-frequency", (uint32_t)timer_ticks_per_second());
    for (uint32_t id = 0; id < guest->vcpu_count; id++) {
        put_cpu(tree, guest, id, isa, extensions, extensions_size);
    }
    note(tree, fdt_end_node(tree->fdt));
}

static void put_memory(struct tree *tree, const struct guest *guest) {
    char name[FDT_NAME_SIZE];
    format_buffer(name, sizeof name, "memory@%llx", (unsigned long long)guest->base.value);
    note(tree, fdt_begin_node(tree->fdt, name));
    put_string(tree, "device_type", "memory");
    put_region(tree, guest->base.value, guest->size);
    note(tree, fdt_end_node(tree->fdt));
}

/* No interrupts property: drivers poll it. The clock is that of the original's 115200 baud times 16 times 2. THRE means
 * that the whole FIFO is empty, hence the threshold. */
static void put_uart(struct tree *tree) {
    char name[FDT_NAME_SIZE];
    note(tree, fdt_begin_node(tree->fdt, "soc"));
    put_string(tree, "compatible", "simple-bus");
    put_u32(tree, "#address-cells", 2);
    put_u32(tree, "#size-cells", 2);
    note(tree, fdt_property(tree->fdt, "ranges", "", 0));
    format_buffer(name, sizeof name, "serial@%llx", (unsigned long long)DEVICE_UART_BASE);
    note(tree, fdt_begin_node(tree->fdt, name));
    put_string(tree, "compatible", "ns16550a");
    put_region(tree, DEVICE_UART_BASE, DEVICE_UART_SIZE);
    put_u32(tree, "clock-frequency", 3686400);
    put_u32(tree, "current-speed", 115200);
    put_u32(tree, "fifo-size", VUART_FIFO_SIZE);
    put_u32(tree, "tx-threshold", 0);
    note(tree, fdt_end_node(tree->fdt));
    note(tree, fdt_end_node(tree->fdt));
}

static void put_chosen(struct tree *tree, const struct guest *guest) {
    const struct placement *placement = &guest->load.placement;
    char path[FDT_NAME_SIZE];
    uint8_t seed[ENTROPY_SIZE];
    note(tree, fdt_begin_node(tree->fdt, "chosen"));
    put_string(tree, "bootargs", guest->manifest->bootargs);
    format_buffer(path, sizeof path, "/soc/serial@%llx", (unsigned long long)DEVICE_UART_BASE);
    put_string(tree, "stdout-path", path);
    if (placement->ramdisk_base != 0) {
        put_u64(tree, "linux,initrd-start", placement->ramdisk_base);
        put_u64(tree, "linux,initrd-end", placement->ramdisk_base + guest->manifest->ramdisk_image->size);
    }
    if (entropy_draw(seed)) {
        note(tree, fdt_property(tree->fdt, "rng-seed", seed, sizeof seed));
        memset(seed, 0, sizeof seed);
    }
    note(tree, fdt_end_node(tree->fdt));
}

status_t guest_fdt_write(const struct guest *guest, void *out_fdt, size_t size) {
    struct tree storage = {.fdt = out_fdt};
    struct tree *tree = &storage;
    /* The calls after this one read the header that it writes. Looking for each name among those that are there takes
     * longer than all else. */
    if (fdt_create_with_flags(out_fdt, (int)size, FDT_CREATE_FLAG_NO_NAME_DEDUP) != 0) {
        return STATUS_TOO_BIG;
    }
    note(tree, fdt_finish_reservemap(out_fdt));
    note(tree, fdt_begin_node(out_fdt, ""));
    put_u32(tree, "#address-cells", 2);
    put_u32(tree, "#size-cells", 2);
    put_string(tree, "compatible", "diosix,guest");
    put_string(tree, "model", "Diosix guest");
    put_chosen(tree, guest);
    put_cpus(tree, guest);
    put_memory(tree, guest);
    put_uart(tree);
    note(tree, fdt_end_node(out_fdt));
    note(tree, fdt_finish(out_fdt));
    return tree->error == 0 ? STATUS_OK : STATUS_TOO_BIG;
}
