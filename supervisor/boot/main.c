/*
 * The boot, in order, and the one program's life. Whatever is missing or malformed is refused with a sentence, and the
 * guest is shut down with the reason "system failure"; without a console the reason is all that remains.
 */
#include "supervisor/boot/main.h"

#include "lib/cpio.h"
#include "lib/format.h"
#include "lib/sizes.h"
#include "supervisor/arch/riscv/layout.h"
#include "supervisor/arch/riscv/sbi.h"
#include "supervisor/arch/riscv/timer.h"
#include "supervisor/boot/bootargs.h"
#include "supervisor/boot/machine.h"
#include "supervisor/dev/console.h"
#include "supervisor/dev/log.h"
#include "supervisor/dev/panic.h"
#include "supervisor/mem/kernel_space.h"
#include "supervisor/task/run.h"

#define VERSION "0.1"

enum { XLEN = sizeof(unsigned long) * 8, FILE_TYPE_MASK = 0170000, FILE_TYPE_REGULAR = 0100000 };

static const char *const environment[] = {"HOME=/", "TERM=linux"};

static struct machine machine;
static struct bootargs bootargs;
static struct tty tty;
static struct random random;
static struct task_services services = {.tty = &tty, .random = &random, .time = {.read = timer_now}};
static struct task task;

[[noreturn]] static void refuse(const char *reason) {
    log_line("cannot start: %s", reason);
    sbi_shutdown(SBI_RESET_REASON_FAILURE);
}

static void open_terminal(void) {
    tty_init(&tty, console_device());
    log_init(&tty);
}

static void read_machine(unsigned long device_tree) {
    const void *fdt = (const void *)(DEVICE_TREE_BASE + (device_tree & (EARLY_LEAF_SIZE - 1UL)));
    const char *reason;
    if (machine_read(fdt, DEVICE_TREE_SIZE_LIMIT, &machine, &reason) != STATUS_OK) {
        refuse(reason);
    }
    if (bootargs_parse(&bootargs, machine.bootargs) != STATUS_OK) {
        refuse("the boot arguments are too long");
    }
    if (!sbi_has_extension(SBI_EXTENSION_TIME)) {
        refuse("the SBI has no TIME extension");
    }
    services.time.frequency = machine.timebase_frequency;
    console_set_time(&services.time);
}

static void claim_memory(unsigned long device_tree) {
    const void *fdt = (const void *)(DEVICE_TREE_BASE + (device_tree & (EARLY_LEAF_SIZE - 1UL)));
    uint64_t unreachable;
    switch (kernel_space_init(&machine, paddr(device_tree), machine_tree_size(fdt), &unreachable)) {
    case STATUS_OK:
        break;
    case STATUS_NOT_FOUND:
        refuse("the supervisor, or its initrd, does not lie in RAM that it can reach, or there is no other");
    default:
        refuse("RAM is in too many pieces");
    }
    if (unreachable != 0) {
        log_line("%llu MiB of RAM are out of reach of this xlen and stay unused",
                 (unsigned long long)unreachable >> 20);
    }
}

/* The UART, where the SBI has no console. */
static void open_uart(void) {
    void *registers;
    const struct machine_uart *uart = &machine.uart;
    if (uart->is_present && kernel_map_device(uart->registers.address, uart->registers.size, &registers) == STATUS_OK) {
        console_use_uart(registers, uart->shift);
        open_terminal();
    }
}

static void greet(void) {
    char memory[SIZES_TEXT_SIZE];
    char line[128];
    struct sbi_identity sbi = sbi_identify();
    sizes_print(memory, sizeof(memory), memory_map_size(&machine.ram));
    size_t size =
        format_buffer(line, sizeof(line),
                      "diosix supervisor " VERSION " rv%d  %s  %u hart%s  sbi %lu.%lu (impl %lu, version 0x%lx)\n",
                      XLEN, memory, machine.hart_count, machine.hart_count == 1 ? "" : "s",
                      sbi.specification >> 24 & 0x7f, sbi.specification & 0xffffff, sbi.implementation, sbi.version);
    tty_write(&tty, line, size < sizeof(line) ? size : sizeof(line) - 1);
}

static void seed_random(void) {
    random_init(&random, machine.seed, machine.seed_size, timer_now());
    if (!random.is_seeded) {
        log_line("the device tree has no rng-seed: programs get no random numbers");
    }
}

/* AT_HWCAP: what the device tree says, less the floating point that the hart turns out not to have. */
static unsigned long hardware(void) {
    const unsigned long floating_point = 1UL << ('f' - 'a') | 1UL << ('d' - 'a');
    return user_context_has_fp() ? machine.extensions : machine.extensions & ~floating_point;
}

static struct cpio_entry find_program(void) {
    struct cpio_entry entry;
    if (machine.initrd.size == 0) {
        refuse("there is no initrd to take the first program from");
    }
    status_t status =
        cpio_find(kernel_at(paddr(machine.initrd.address)), (size_t)machine.initrd.size, bootargs.init, &entry);
    if (status == STATUS_CORRUPT) {
        refuse("the initrd is no cpio archive (newc), or a damaged one");
    }
    if (status != STATUS_OK || (entry.mode & FILE_TYPE_MASK) != FILE_TYPE_REGULAR) {
        log_line("the initrd has no file %s", bootargs.init);
        refuse("there is no first program");
    }
    return entry;
}

static void start_program(const struct cpio_entry *entry) {
    const struct task_request request = {
        .image = entry->data,
        .image_size = entry->size,
        .format = XLEN == 32 ? ELF_CLASS_32 : ELF_CLASS_64,
        .word_size = sizeof(unsigned long),
        .path = bootargs.init,
        .argument_count = bootargs.argument_count,
        .arguments = bootargs.arguments,
        .environment_count = sizeof(environment) / sizeof(environment[0]),
        .environment = environment,
        .hardware = hardware(),
        .address_limit = USER_LIMIT,
    };
    const char *reason;
    if (task_create(&task, &request, kernel_page_table(), &services, &reason) != STATUS_OK) {
        log_line("%s cannot be run: %s", bootargs.init, reason);
        refuse("the first program cannot be run");
    }
}

/* Returns whether all is well with it. */
static bool run_program(void) {
    size_t free_before = kernel_free_count();
    struct cpio_entry entry = find_program();
    start_program(&entry);
    kernel_space_activate(&task.space.table);
    task_run(&task);
    kernel_space_activate(kernel_page_table());
    task_report(&task);
    task_destroy(&task);
    if (kernel_free_count() != free_before) {
        panic("%zu pages were free before the program and %zu are after it", free_before, kernel_free_count());
    }
    return task.state == TASK_EXITED && task.value == 0;
}

void supervisor_main(unsigned long hart, unsigned long device_tree, unsigned long image) {
    kernel_space_locate(paddr(image));
    panic_set_hart(hart);
    timer_init();
    bool has_sbi_console = console_use_sbi();
    open_terminal();
    read_machine(device_tree);
    claim_memory(device_tree);
    if (!has_sbi_console) {
        open_uart();
    }
    greet();
    seed_random();
    sbi_shutdown(run_program() ? SBI_RESET_REASON_NONE : SBI_RESET_REASON_FAILURE);
}
