/*
 * Boot, in the order in which things need each other: a console to say what is wrong on, then the machine, then its
 * harts, then guests.
 */
#include "kernel/boot/boot.h"

#include "kernel/arch/hart.h"
#include "kernel/arch/relax.h"
#include "kernel/boot/entropy.h"
#include "kernel/boot/guests.h"
#include "kernel/boot/machine.h"
#include "kernel/boot/refuse.h"
#include "kernel/console/kernel_log.h"
#include "kernel/dev/kernel_console.h"
#include "kernel/hart/hart.h"
#include "kernel/irq/external.h"
#include "kernel/irq/ipi.h"
#include "kernel/irq/timer.h"
#include "kernel/isolate/isolate.h"
#include "kernel/mem/memory.h"
#include "kernel/sched/sched.h"
#include "kernel/trace/trace.h"
#include "lib/fit/fit_tree.h"
#include "lib/sizes.h"

enum {
    FDT_SIZE_MAX = 1024 * 1024,
    JOIN_MS = 1000, /* boot loaders hold harts back for a while; those that they never pass on are left out */
};

/* Not in .bss: harts look at it before the one that boots has cleared that. */
[[gnu::section(".data")]] struct hart *const *boot_harts;

static void read_machine(const void *fdt) {
    static struct survey survey;
    status_t surveyed = STATUS_OK;
    /* The tree is only believed once all of it has been walked; before that there is no console to complain on. */
    struct fit_reason reason;
    bool is_tree =
        fdt != nullptr && fit_tree_check("the machine's device tree", fdt, FDT_SIZE_MAX, &reason) == STATUS_OK;
    if (is_tree) {
        surveyed = survey_take(fdt, &survey);
        machine_read_chosen(&survey);
        machine_read_uart(&survey);
        machine_read_reset(&survey);
        machine_read_timebase(&survey);
    }
    kernel_console_init();
    if (!is_tree) {
        boot_refuse("%s", fdt != nullptr ? reason.text : "the boot loader has passed no device tree in a1");
    }
    if (surveyed != STATUS_OK) {
        boot_refuse("the device tree has more than %d banks of RAM and devices that this kernel reads",
                    SURVEY_NODES_MAX);
    }
    machine_read_memory(&survey);
    machine_read_harts(&survey);
    machine_read_timers(&survey);
    machine_read_interrupts(&survey);
    timer_init(machine.mtime, machine.ticks_per_second);
    kernel_console_attach();
}

/* What a hart does for itself: look what it has, and close it to guests. */
static void prepare(struct hart *hart) {
    bool serves_devices = hart == &boot_hart && machine.uart.has_irq;
    hart->interrupts = (uint16_t)(IRQ_SOFTWARE | IRQ_TIMER | (serves_devices ? (unsigned)IRQ_EXTERNAL : 0));
    arch_hart_probe(hart);
    sched_init_hart(hart);
    arch_hart_prepare(hart);
    timer_init_hart(hart);
    __atomic_store_n(&hart->online, 1, __ATOMIC_SEQ_CST); /* hart_halt_others looks */
}

void boot_join(void) {
    struct hart *self = arch_hart_self();
    ipi_clear(self);
    prepare(self);
    while (__atomic_load_n(&boot_harts, __ATOMIC_ACQUIRE) != nullptr) {
        arch_relax(); /* until the boot hart has counted us and says go; microseconds, or JOIN_MS if one is missing */
    }
    sched_resume(self);
}

/* The interrupt devices of the tree know this hart. */
static bool can_be_rung(const struct hart *hart) {
    return hart->ipi.value != 0 && hart->timer.value != 0;
}

static bool all_online(void) {
    for (uint32_t index = 0; index < hart_count; index++) {
        if (can_be_rung(harts[index]) && !__atomic_load_n(&harts[index]->online, __ATOMIC_ACQUIRE)) {
            return false;
        }
    }
    return true;
}

static void start_harts(void) {
    static struct hart *list[HART_MAX + 1];
    uint32_t count = 0;
    for (uint32_t index = 0; index < hart_count; index++) {
        if (can_be_rung(harts[index])) {
            list[count++] = harts[index];
        }
    }
    __atomic_store_n(&boot_harts, list, __ATOMIC_RELEASE);
    for (uint32_t index = 0; index < count; index++) {
        if (list[index] != &boot_hart) {
            ipi_send(list[index]);
        }
    }
    prepare(&boot_hart);
    uint64_t deadline = timer_now() + timer_ticks_of_ms(JOIN_MS);
    while (!all_online() && timer_now() < deadline) {
        arch_relax();
    }
}

/* Why a hart cannot be used; null: it can. */
static const char *unusable(const struct hart *hart) {
    if (!can_be_rung(hart)) {
        return "no CLINT or ACLINT of the device tree knows it";
    }
    if (!__atomic_load_n(&hart->online, __ATOMIC_ACQUIRE)) {
        return "it did not start";
    }
    if (!hart_has(hart, HART_S)) {
        return "it has no supervisor mode";
    }
    if (hart->pmp_count == 0) {
        return "it has no PMP, without which guests cannot be kept apart";
    }
    return nullptr;
}

/* Keeps the usable harts. The boot hart goes on serving the console even if guests cannot run on it. */
static void choose_harts(void) {
    uint32_t kept = 0;
    for (uint32_t index = 0; index < hart_count; index++) {
        struct hart *hart = harts[index];
        const char *reason = unusable(hart);
        if (reason != nullptr) {
            log_line("hart %lu is not used: %s", hart->id, reason);
            continue;
        }
        hart->index = kept;
        harts[kept++] = hart;
    }
    hart_count = kept;
    if (kept == 0) {
        boot_refuse("no hart is usable");
    }
}

static bool all_have(uint32_t features) {
    for (uint32_t index = 0; index < hart_count; index++) {
        if (!hart_has(harts[index], features)) {
            return false;
        }
    }
    return true;
}

/* What guests may see: what all harts have and can keep apart. */
static void choose_isa(void) {
    machine.guest_isa = harts[0]->isa;
    for (uint32_t index = 0; index < hart_count; index++) {
        (void)!isa_intersect(&machine.guest_isa, &harts[index]->isa);
        if (!hart_has(harts[index], HART_FP)) {
            isa_remove(&machine.guest_isa, ISA_F);
        }
    }
    /* Of what M-mode has to enable, these are: arch_hart_prepare, arch_context_load. */
    bool all_have_counters = isa_has(&machine.guest_isa, ISA_ZICNTR);
    isa_remove_policy(&machine.guest_isa, ISA_NEEDS_ENABLE);
    isa_remove_policy(&machine.guest_isa, ISA_MACHINE_ONLY);
    if (all_have_counters) {
        isa_add(&machine.guest_isa, ISA_ZICNTR);
    }
    if (all_have(HART_SSTC)) {
        isa_add(&machine.guest_isa, ISA_SSTC);
    }
    if (all_have(HART_SVADU)) {
        isa_add(&machine.guest_isa, ISA_SVADU);
    }
}

static void greet(void) {
    char ram[SIZES_TEXT_SIZE];
    sizes_print(ram, sizeof ram, memory_statistics().total);
    log_line("diosix 0.1 rv%u  %u hart%s  %s  isolation: %s%s%s", (unsigned)sizeof(unsigned long) * 8, hart_count,
             hart_count == 1 ? "" : "s", ram, isolate_default_text(),
             isa_has(&machine.guest_isa, ISA_SSTC) ? "  sstc" : "", all_have(HART_SMEPMP) ? "  smepmp" : "");
}

void boot_main(unsigned long, const void *fdt) {
    read_machine(fdt);
    start_harts();
    choose_harts();
    choose_isa();
    isolate_init();
    greet();
    if (!entropy_init(machine.seed, machine.seed_size)) {
        log_line("this machine has no source of random numbers: guests get no rng-seed");
    }
    external_init();
    trace_init();
    guests_begin();
    __atomic_store_n(&boot_harts, nullptr, __ATOMIC_RELEASE);
    sched_resume(&boot_hart);
}
