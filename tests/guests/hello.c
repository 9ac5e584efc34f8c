/* Says over both consoles what it was given, and checks that it makes sense. */
#include "tests/guests/runtime/payload.h"

extern const char image_start[];
extern const char image_end[];

static uint32_t value_in_data = 0x5eed;
static uint32_t value_in_bss;
static const uint32_t *const relocated = &value_in_data;

void payload_main(void) {
    static const char over_uart[] = "hello over the UART\n";
    unsigned long start = (unsigned long)(uintptr_t)image_start;
    unsigned long end = (unsigned long)(uintptr_t)image_end;
    print("hello: %u harts, %lu KiB, bootargs '%s'", machine.hart_count, machine.memory_size / 1024, machine.bootargs);
    uart_put(over_uart, sizeof over_uart - 1);
    check_equal(hart_self()->id, 0, "hart 0 boots");
    check_equal(csr_read(satp), 0, "translation is off");
    check(start >= machine.memory_base && end - machine.memory_base <= machine.memory_size,
          "the image is inside of RAM");
    check((unsigned long)(uintptr_t)machine.fdt - machine.memory_base < machine.memory_size,
          "and so is the device tree");
    check_equal(*relocated, 0x5eed, ".data holds what the image says");
    check_equal(value_in_bss, 0, ".bss is zero");
    check(machine.seed_size >= 32, "there is a seed of %u bytes", (unsigned)machine.seed_size);
}
