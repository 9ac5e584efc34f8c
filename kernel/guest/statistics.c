/* Sums over the vcpus of each guest. They belong to their homes, which go on counting meanwhile: the sums are of
 * moments just now. */
#include "kernel/guest/statistics.h"

#include "kernel/boot/entropy.h"
#include "kernel/console/kernel_log.h"
#include "kernel/dev/kernel_console.h"
#include "kernel/guest/guest.h"
#include "kernel/guest/report.h"
#include "kernel/irq/timer.h"
#include "kernel/mem/memory.h"
#include "lib/format.h"
#include "lib/sizes.h"

static uint64_t milliseconds(const struct guest *guest, enum vcpu_run run, uint64_t now) {
    uint64_t ticks = 0;
    for (uint32_t id = 0; id < guest->vcpu_count; id++) {
        ticks += vcpu_run_ticks(guest->vcpus[id], run, now);
    }
    return timer_ms_of_ticks(ticks);
}

static unsigned long long exits_of(const struct guest *guest, enum exit_kind kind) {
    unsigned long long sum = 0;
    for (uint32_t id = 0; id < guest->vcpu_count; id++) {
        sum += __atomic_load_n(&guest->vcpus[id]->exits[kind], __ATOMIC_RELAXED);
    }
    return sum;
}

static void print_exits(const struct guest *guest) {
    char text[REPORT_TEXT_SIZE] = "";
    size_t length = 0;
    for (unsigned kind = 0; kind < EXIT_KIND_COUNT; kind++) {
        length += format_buffer(text + length, sizeof text - length, "%s %s %llu", length == 0 ? "" : ",",
                                exit_kind_text((enum exit_kind)kind), exits_of(guest, (enum exit_kind)kind));
    }
    log_line("    exits:%s", text);
}

static void print_guest(const struct guest *guest, uint64_t now) {
    char end[REPORT_TEXT_SIZE];
    log_line("  %-15s  %s, boot %u; ran %llu ms, waited %llu ms, kept waiting %llu ms", guest->name,
             guest_state_text(guest), guest->boots, (unsigned long long)milliseconds(guest, VCPU_RUNNING, now),
             (unsigned long long)milliseconds(guest, VCPU_WAITING, now),
             (unsigned long long)milliseconds(guest, VCPU_READY, now));
    print_exits(guest);
    if (guest_has_ended(guest)) {
        report_end_text(guest, end, sizeof end);
        log_line("    before: %s", end);
    }
}

static void print_memory(void) {
    char owned[SIZES_TEXT_SIZE];
    char free[SIZES_TEXT_SIZE];
    struct region_statistics statistics = memory_statistics();
    sizes_print(owned, sizeof owned, statistics.owned);
    sizes_print(free, sizeof free, statistics.free);
    log_line("memory: %s of guests and the kernel, %s free, %u regions; %u guests on the console", owned, free,
             statistics.count, guests_made());
}

/* All that there are: who shows a path to be free of locks has them here. */
static void print_locks(void) {
    uint32_t ports = 0;
    uint32_t uarts = 0;
    for (uint32_t index = 0; index < guests_made(); index++) {
        ports += spinlock_count(&guests[index]->port.lock);
        uarts += spinlock_count(&guests[index]->vuart.lock);
    }
    log_line("locks taken: console %u, guests' consoles %u, guests' UARTs %u, log %u, random numbers %u",
             spinlock_count(&kernel_console.lock), ports, uarts, spinlock_count(&kernel_log.lock),
             entropy_lock_count());
}

void statistics_print(void) {
    uint64_t now = timer_now();
    log_line("guests since boot (all vcpus together), at %llu ms", (unsigned long long)timer_ms_of_ticks(now));
    for (uint32_t index = 0; index < guests_made(); index++) {
        print_guest(guests[index], now);
    }
    print_locks();
    print_memory();
}
