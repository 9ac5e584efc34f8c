/*
 * Stands in front of Linux in one image (wrap_linux.sh), so that Linux starts in the same state under both kernels, and
 * so that it is known when.
 *
 * Under ours it prints the device tree that our kernel made, as lines "tree HEX" (its address first). Under other
 * firmware it finds the same bytes in RAM at GIVEN_TREE, where bench.sh had them put, and copies tree and ramdisk to
 * where they are in our guest. So memory, addresses, boot arguments, ramdisk and seed are the same to the last bit.
 * Then it says when it will jump, and jumps at that time, the same for both: "bench linux_entry N", in instructions
 * since reset.
 */
#include <libfdt.h>

#include "lib/fdt_read.h"
#include "lib/format.h"
#include "tests/bench/measure.h"
#include "tests/guests/runtime/payload.h"

/* Behind our guest's RAM, before QEMU's ramdisk and tree. */
#define GIVEN_TREE ((const struct given *)0x8e000000)

/* wrap_linux.sh */
enum { LINUX_OFFSET = 0x200000 };

/* scounteren: time, cycle, instret. */
enum { COUNTERS_OF_USERS = 7 };

/* Ticks since the machine's reset, at which Linux starts: long after ours has verified and copied it. */
enum { ENTRY_TIME = 6000000, BYTES_IN_LINE = 64 };

struct given {
    uint64_t address;
    uint8_t tree[];
};

static void print_bytes(const uint8_t *bytes, size_t size) {
    char text[2 * BYTES_IN_LINE + 1];
    for (size_t index = 0; index < size; index++) {
        format_buffer(text + 2 * index, 3, "%02x", bytes[index]);
    }
    print("tree %s", text);
}

static void print_tree(void) {
    uint64_t address = (uint64_t)(uintptr_t)machine.fdt;
    size_t size = fdt_totalsize(machine.fdt);
    print_bytes((const uint8_t *)&address, sizeof address);
    for (size_t done = 0; done < size; done += BYTES_IN_LINE) {
        print_bytes((const uint8_t *)machine.fdt + done, size - done < BYTES_IN_LINE ? size - done : BYTES_IN_LINE);
    }
}

/* chosen/linux,initrd-start and -end, in as many cells as there are. */
static bool read_ramdisk(const void *fdt, uint64_t *out_start, uint64_t *out_size) {
    int chosen = fdt_path_offset(fdt, "/chosen");
    uint64_t end;
    if (!check_quietly(fdt_read_u64(fdt, chosen, "linux,initrd-start", out_start) == STATUS_OK &&
                           fdt_read_u64(fdt, chosen, "linux,initrd-end", &end) == STATUS_OK,
                       "the tree says where the ramdisk is")) {
        return false;
    }
    *out_size = end - *out_start;
    return true;
}

/* Copies the given tree and the ramdisk; returns the tree, or null. */
static const void *take_given_tree(void) {
    void *fdt = (void *)(uintptr_t)GIVEN_TREE->address;
    uint64_t from, from_size, to, to_size;
    if (!check_quietly(fdt_check_header(GIVEN_TREE->tree) == 0, "a tree was given")) {
        return nullptr;
    }
    memcpy(fdt, GIVEN_TREE->tree, fdt_totalsize(GIVEN_TREE->tree));
    if (!read_ramdisk(machine.fdt, &from, &from_size) || !read_ramdisk(fdt, &to, &to_size) ||
        !check_quietly(from_size == to_size, "the ramdisk is the same")) {
        return nullptr;
    }
    memcpy((void *)(uintptr_t)to, (const void *)(uintptr_t)from, to_size);
    return fdt;
}

/* Linux's first program counts instructions by instret: it may, and the kernel's below Linux are among them. */
static bool check_counter(void) {
    csr_write(scounteren, COUNTERS_OF_USERS);
    unsigned long time = csr_read(time);
    unsigned long instructions = csr_read(instret);
    for (unsigned index = 0; index < ROUND_COUNT; index++) {
        SBI(SBI_BASE, SBI_BASE_GET_SPEC_VERSION);
    }
    instructions = csr_read(instret) - instructions;
    time = csr_read(time) - time;
    return check_quietly(instructions / TICK_INSTRUCTIONS - time + 1 <= 2,
                         "instret counts all instructions: %lu in %lu ticks", instructions, time);
}

[[noreturn]] static void enter(unsigned long entry, const void *fdt) {
    register unsigned long a0 __asm__("a0") = hart_self()->id;
    register const void *a1 __asm__("a1") = fdt;
    __asm__ volatile("fence.i\n jr %0" : : "r"(entry), "r"(a0), "r"(a1) : "memory");
    __builtin_unreachable();
}

static void enter_linux(const void *fdt) {
    if (!check_quietly(timer_now() < ENTRY_TIME, "there is time until Linux starts")) {
        return;
    }
    print("bench linux_entry %lu", csr_read(instret) + (unsigned long)(ENTRY_TIME - timer_now()) * TICK_INSTRUCTIONS);
    if (!check_quietly(timer_now() < ENTRY_TIME, "that was said in time")) {
        return;
    }
    while (timer_now() < ENTRY_TIME) {
    }
    enter(machine_free_start() / LINUX_OFFSET * LINUX_OFFSET + LINUX_OFFSET, fdt);
}

void payload_main(void) {
    unsigned long reached = csr_read(instret);
    const void *fdt = machine.fdt;
    if (machine_has_word("given")) {
        fdt = take_given_tree();
    } else {
        print_tree();
    }
    if (fdt != nullptr && check_counter()) {
        print("bench reset_to_linux %lu", reached);
        enter_linux(fdt);
    }
}
