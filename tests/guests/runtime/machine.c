/* Reading the tree. It comes from the kernel under test, so what is missing in it is a failure of the test. */
#include "tests/guests/runtime/machine.h"

#include <libfdt.h>
#include <string.h>

#include "lib/fdt_read.h"
#include "tests/guests/runtime/sbi.h"

enum { PAGE_SIZE = 4096 };

struct machine machine;

/* payload.ld */
extern const char image_end[];

static void need(bool condition) {
    if (!condition) {
        sbi_reset(SBI_SHUTDOWN, 1);
    }
}

static int path(const char *text) {
    int node = fdt_path_offset(machine.fdt, text);
    need(node >= 0);
    return node;
}

static void read_memory(void) {
    struct fdt_region region;
    int node = fdt_node_offset_by_prop_value(machine.fdt, -1, "device_type", "memory", sizeof "memory");
    need(node >= 0 && fdt_read_reg(machine.fdt, 0, node, 0, &region) == STATUS_OK);
    machine.memory_base = (unsigned long)region.address;
    machine.memory_size = (unsigned long)region.size;
}

static void read_harts(void) {
    int cpus = path("/cpus");
    int node;
    need(fdt_read_u32(machine.fdt, cpus, "timebase-frequency", &machine.ticks_per_second) == STATUS_OK);
    fdt_for_each_subnode(node, machine.fdt, cpus) {
        const char *type = fdt_getprop(machine.fdt, node, "device_type", nullptr);
        machine.hart_count += type != nullptr && strcmp(type, "cpu") == 0; /* a machine's own tree has a cpu-map, too */
    }
}

static void read_chosen(void) {
    const char *text;
    int size;
    struct fdt_place uart;
    struct fdt_region region;
    int chosen = path("/chosen");
    need(fdt_read_string(machine.fdt, chosen, "bootargs", &machine.bootargs) == STATUS_OK);
    need(fdt_read_string(machine.fdt, chosen, "stdout-path", &text) == STATUS_OK);
    need(fdt_place_find(machine.fdt, path(text), &uart) == STATUS_OK &&
         fdt_read_region(machine.fdt, &uart, 0, &region) == STATUS_OK);
    machine.uart = (unsigned long)region.address;
    machine.seed = fdt_getprop(machine.fdt, chosen, "rng-seed", &size);
    machine.seed_size = machine.seed != nullptr ? (size_t)size : 0;
}

void machine_read(const void *fdt) {
    need(fdt_check_header(fdt) == 0 && fdt_check_full(fdt, fdt_totalsize(fdt)) == 0);
    machine.fdt = fdt;
    read_memory();
    read_harts();
    read_chosen();
}

unsigned long machine_free_start(void) {
    return (unsigned long)(uintptr_t)image_end;
}

unsigned long machine_free_end(void) {
    return (unsigned long)(uintptr_t)machine.fdt / PAGE_SIZE * PAGE_SIZE;
}

/* The next word of the boot arguments, from *at on; null: there is none. */
static const char *next_word(const char **at, size_t *out_length) {
    const char *word = *at + strspn(*at, " ");
    *out_length = strcspn(word, " ");
    *at = word + *out_length;
    return *out_length != 0 ? word : nullptr;
}

bool machine_has_word(const char *word) {
    const char *at = machine.bootargs;
    size_t length;
    for (const char *found = next_word(&at, &length); found != nullptr; found = next_word(&at, &length)) {
        if (length == strlen(word) && memcmp(found, word, length) == 0) {
            return true;
        }
    }
    return false;
}

static uint64_t decimal(const char *text, size_t length) {
    uint64_t value = 0;
    for (size_t index = 0; index < length; index++) {
        need(text[index] >= '0' && text[index] <= '9');
        value = value * 10 + (uint64_t)(text[index] - '0');
    }
    return value;
}

uint64_t machine_number(const char *name, uint64_t otherwise) {
    const char *at = machine.bootargs;
    size_t size = strlen(name);
    size_t length;
    for (const char *found = next_word(&at, &length); found != nullptr; found = next_word(&at, &length)) {
        if (length > size && memcmp(found, name, size) == 0 && found[size] == '=') {
            return decimal(found + size + 1, length - size - 1);
        }
    }
    return otherwise;
}

bool machine_has_extension(const char *name) {
    int node;
    fdt_for_each_subnode(node, machine.fdt, path("/cpus")) {
        if (fdt_stringlist_search(machine.fdt, node, "riscv,isa-extensions", name) < 0) {
            return false;
        }
    }
    return true;
}
