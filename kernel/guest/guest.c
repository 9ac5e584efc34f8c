/* Guests: how they are made, and how each change of their state comes about. */
#include "kernel/guest/guest.h"

#include <string.h>

#include "kernel/arch/hart.h"
#include "kernel/boot/machine.h"
#include "kernel/console/kernel_log.h"
#include "kernel/dev/kernel_console.h"
#include "kernel/dev/reset.h"
#include "kernel/guest/loader.h"
#include "kernel/guest/report.h"
#include "kernel/irq/timer.h"
#include "kernel/isolate/isolate.h"
#include "kernel/mem/memory.h"
#include "kernel/sched/admission.h"
#include "kernel/trace/trace.h"

struct guest *guests[MANIFEST_GUESTS_MAX];
uint32_t guest_count;

static uint32_t guests_left; /* atomic: guests that are not off */

static status_t vcpus_create(struct guest *guest, uint32_t count, const struct admission *admission) {
    guest->vcpus = memory_boot_alloc(count * sizeof *guest->vcpus);
    if (guest->vcpus == nullptr) {
        return STATUS_NO_MEMORY;
    }
    for (uint32_t id = 0; id < count; id++) {
        struct vcpu *vcpu = memory_boot_alloc(sizeof *vcpu);
        if (vcpu == nullptr) {
            return STATUS_NO_MEMORY;
        }
        vcpu_init(vcpu, guest, id, admission->homes[id], &admission->policy);
        vcpu->context.has_fp = isa_has(&guest->isa, ISA_F);
        vcpu->context.has_sstc = guest->has_sstc;
        vcpu->context.has_svadu = isa_has(&guest->isa, ISA_SVADU);
        /* As signs of life; or since it has no more than its budget, and sleeping uses up none of that. */
        vcpu->shows_waits = guest->manifest->watchdog_ms != 0 || vcpu->runner.base == RUNNER_SPENT;
        guest->vcpus[id] = vcpu;
    }
    for (uint32_t id = 0; id < count; id++) {
        admission_book(guest->vcpus[id]->hart, &admission->policy);
    }
    guest->vcpu_count = count;
    return STATUS_OK;
}

/* What every hart has and can keep apart between guests, less what the manifest hides. */
static void isa_choose(struct guest *guest) {
    guest->isa = machine.guest_isa;
    for (unsigned extension = 0; extension < ISA_EXTENSION_COUNT; extension++) {
        if (manifest_guest_hides(guest->manifest, isa_name((enum isa_extension)extension))) {
            isa_remove(&guest->isa, (enum isa_extension)extension);
        }
    }
    guest->has_sstc = isa_has(&guest->isa, ISA_SSTC);
}

/* What a guest has beside its RAM: virtual harts and a place on the console. */
static status_t guest_furnish(struct guest *guest, const struct admission *admission, const char **out_sentence) {
    status_t status = vcpus_create(guest, guest->manifest->vcpus, admission);
    if (status != STATUS_OK) {
        *out_sentence = "no memory left for its virtual harts";
        return status;
    }
    port_init(&guest->port, guest->name, nullptr, nullptr);
    vuart_init(&guest->vuart, &guest->port);
    status = console_add_port(&kernel_console, &guest->port);
    if (status != STATUS_OK) {
        *out_sentence = "the console has no place left";
        return status;
    }
    if (guest->manifest->has_keyboard) {
        console_select(&kernel_console, &guest->port);
    }
    return STATUS_OK;
}

/* *out_sentence says what is missing: time of the harts, RAM, what it takes to confine it, the kernel's own memory. */
static status_t guest_create(const struct manifest_guest *manifest, const char **out_sentence) {
    struct guest *guest = memory_boot_alloc(sizeof *guest);
    if (guest == nullptr) {
        *out_sentence = "no memory left for the kernel's own tables";
        return STATUS_NO_MEMORY;
    }
    guest->manifest = manifest;
    guest->name = manifest->name;
    guest->size = manifest->memory;
    guest->index = guest_count;
    isa_choose(guest);

    struct admission admission;
    status_t status = admission_plan(manifest, &admission, out_sentence);
    if (status != STATUS_OK) {
        return status;
    }
    status = isolate_create(&guest->isolation, manifest, guest->index, out_sentence);
    if (status != STATUS_OK) {
        return status;
    }
    guest->base = guest->isolation.base;
    status = guest_furnish(guest, &admission, out_sentence);
    if (status != STATUS_OK) {
        isolate_destroy(&guest->isolation);
        return status;
    }
    guests[guest_count] = guest;
    __atomic_store_n(&guest_count, guest_count + 1, __ATOMIC_RELEASE);
    __atomic_add_fetch(&guests_left, 1, __ATOMIC_SEQ_CST);
    report_created(guest);
    return STATUS_OK;
}

/* The machine has no purpose without guests. */
static void count_down(void) {
    if (__atomic_sub_fetch(&guests_left, 1, __ATOMIC_SEQ_CST) == 0) {
        log_line("no guest is left: powering off");
        power_off();
    }
}

static enum guest_state state_of(const struct guest *guest) {
    return (enum guest_state)__atomic_load_n(&guest->state, __ATOMIC_SEQ_CST);
}

/* In the trace, a guest's states are those of its first vcpu. */
static void trace_state(const struct guest *guest, enum guest_state state) {
    trace(arch_hart_self(), TRACE_GUEST, guest->vcpus[0], state, 0);
}

static void set_state(struct guest *guest, enum guest_state state) {
    trace_state(guest, state);
    __atomic_store_n(&guest->state, (uint32_t)state, __ATOMIC_SEQ_CST);
}

/* True: the change is this caller's. */
static bool win_state(struct guest *guest, enum guest_state from, enum guest_state to) {
    uint32_t expected = from;
    bool is_won =
        __atomic_compare_exchange_n(&guest->state, &expected, (uint32_t)to, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
    if (is_won) {
        trace_state(guest, to);
    }
    return is_won;
}

static void go_off(struct guest *guest, enum guest_state state) {
    set_state(guest, state);
    count_down();
}

void guests_create(const struct manifest *manifest) {
    __atomic_add_fetch(&guests_left, 1, __ATOMIC_SEQ_CST); /* ours, so that it is not over before all have begun */
    for (size_t index = 0; index < manifest->guest_count; index++) {
        const char *sentence;
        if (guest_create(&manifest->guests[index], &sentence) != STATUS_OK) {
            log_line("guest %s: not started: %s", manifest->guests[index].name, sentence);
        }
    }
    for (uint32_t index = 0; index < guest_count; index++) {
        loader_start(guests[index]);
    }
    count_down();
}

bool guest_owns(const struct guest *guest, gpaddr_t address, uint64_t size) {
    uint64_t offset = address.value - guest->base.value;
    return address.value >= guest->base.value && offset <= guest->size && size <= guest->size - offset;
}

struct vcpu *guest_vcpu(const struct guest *guest, unsigned long hart_id) {
    return hart_id < guest->vcpu_count ? guest->vcpus[hart_id] : nullptr;
}

void guest_start(struct guest *guest) {
    struct vcpu *first = guest->vcpus[0];
    guest->boots++;
    for (uint32_t id = 0; id < guest->vcpu_count; id++) {
        __atomic_store_n(&guest->vcpus[id]->hsm_state, VCPU_HSM_STOPPED, __ATOMIC_SEQ_CST);
    }
    isolate_open(&guest->isolation);
    first->start_pc = (unsigned long)guest->load.placement.entry;
    first->start_opaque = (unsigned long)guest->load.placement.fdt_base;
    __atomic_store_n(&guest->started, 1, __ATOMIC_SEQ_CST);
    __atomic_store_n(&first->hsm_state, VCPU_HSM_START_PENDING, __ATOMIC_SEQ_CST);
    guest->started_at = timer_now();
    set_state(guest, GUEST_RUNNING);
    report_started(guest);
    vcpu_post(first, VCPU_REQUEST_START);
}

static void post_to_all(struct guest *guest, uint32_t requests) {
    for (uint32_t id = 0; id < guest->vcpu_count; id++) {
        vcpu_post(guest->vcpus[id], requests);
    }
}

[[gnu::noinline]] bool guest_stop(struct guest *guest, const struct guest_end *end) {
    enum guest_state state;
    do {
        state = state_of(guest);
        if (state != GUEST_RUNNING && state != GUEST_PAUSED) {
            return false;
        }
    } while (!win_state(guest, state, GUEST_STOPPING)); /* it may be paused, or continued, just now */
    guest->end = *end;
    __atomic_store_n(&guest->vcpus_left, guest->vcpu_count, __ATOMIC_SEQ_CST);
    post_to_all(guest, VCPU_REQUEST_STOP);
    return true;
}

/* What the end is to the restart policy. A guest that shuts down for a failure of its own has crashed in good order. */
static enum restart_end restart_end_of(const struct guest_end *end) {
    enum { REASON_SYSTEM_FAILURE = 1 }; /* SBI v3.0, "System Reset Extension" */
    switch (end->kind) {
    case GUEST_END_SHUTDOWN:
        return end->reset_reason == REASON_SYSTEM_FAILURE ? RESTART_CRASH : RESTART_SHUTDOWN;
    case GUEST_END_REBOOT:
        return RESTART_REBOOT;
    case GUEST_END_CRASH:
    case GUEST_END_ENDLESS:
    case GUEST_END_DOUBLE_TRAP:
    case GUEST_END_HUNG:
        return RESTART_CRASH;
    case GUEST_END_RESTARTED:
        return RESTART_ORDERED;
    case GUEST_END_STOPPED:
    case GUEST_END_REFUSED:
        return RESTART_FINAL;
    }
    return RESTART_FINAL;
}

bool guest_end_is_crash(const struct guest_end *end) {
    return end->kind == GUEST_END_CRASH || end->kind == GUEST_END_ENDLESS || end->kind == GUEST_END_DOUBLE_TRAP ||
           end->kind == GUEST_END_HUNG;
}

static void keep_registers(struct guest *guest) {
    const struct context *context = &guest->vcpus[guest->end.vcpu]->context;
    struct guest_registers *registers = &guest->end_registers;
    *registers = (struct guest_registers){
        .status = context->mstatus,
        .sie = context->sie,
        .stvec = context->stvec,
        .sepc = context->sepc,
        .scause = context->scause,
        .stval = context->stval,
        .satp = context->satp,
    };
    memcpy(registers->x, context->x, sizeof registers->x);
    registers->x[0] = context->pc;
}

static void restart_after(struct guest *guest, uint32_t milliseconds) {
    struct hart *hart = arch_hart_self();
    if (milliseconds == 0) {
        set_state(guest, GUEST_LOADING);
        loader_start(guest);
        return;
    }
    guest->restart_at = timer_now() + timer_ticks_of_ms(milliseconds);
    guest->keeper = hart;
    if (guest->restart_at < hart->guests_deadline) {
        hart->guests_deadline = guest->restart_at;
        hart->chores_at = 0;
    }
    set_state(guest, GUEST_RESTARTING);
}

/* Nothing of the guest is reachable from this hart any more, once its last vcpu here is off. */
static void let_go(const struct guest *guest) {
    struct hart *hart = arch_hart_self();
    if (hart->current == nullptr || hart->current->guest != guest) {
        isolate_leave(hart, &guest->isolation);
    }
}

void guest_vcpu_stopped(struct guest *guest) {
    let_go(guest);
    if (__atomic_sub_fetch(&guest->vcpus_left, 1, __ATOMIC_SEQ_CST) != 0) {
        return;
    }
    /* No hart has anything of the guest left, so this one has it alone. */
    uint64_t lived_ms = timer_ms_of_ticks(timer_now() - guest->started_at);
    struct restart_verdict verdict =
        restart_decide(guest->manifest, restart_end_of(&guest->end), lived_ms, &guest->restarts_in_row);
    keep_registers(guest);
    isolate_close(&guest->isolation);
    console_end_guest(&kernel_console, &guest->port);
    report_ended(guest, &verdict);
    vuart_init(&guest->vuart, &guest->port);
    if (verdict.starts_again) {
        restart_after(guest, verdict.backoff_ms);
    } else {
        go_off(guest, guest_end_is_crash(&guest->end) ? GUEST_CRASHED : GUEST_STOPPED);
    }
}

[[gnu::cold]] void guests_look(struct hart *hart, uint64_t now) {
    uint64_t next = UINT64_MAX;
    for (uint32_t index = 0; index < guests_made(); index++) {
        struct guest *guest = guests[index];
        if (state_of(guest) != GUEST_RESTARTING || guest->keeper != hart) {
            continue;
        }
        if (guest->restart_at > now) {
            next = guest->restart_at < next ? guest->restart_at : next;
        } else if (win_state(guest, GUEST_RESTARTING, GUEST_LOADING)) {
            loader_start(guest);
        }
    }
    hart->guests_deadline = next;
}

void guest_refuse(struct guest *guest, const char *sentence) {
    guest->end = (struct guest_end){.kind = GUEST_END_REFUSED, .sentence = sentence};
    report_ended(guest, &(struct restart_verdict){.starts_again = false});
    go_off(guest, GUEST_STOPPED);
}

bool guest_is_running(const struct guest *guest) {
    return state_of(guest) == GUEST_RUNNING;
}

bool guest_is_paused(const struct guest *guest) {
    return state_of(guest) == GUEST_PAUSED;
}

bool guest_is_off(const struct guest *guest) {
    enum guest_state state = state_of(guest);
    return state == GUEST_STOPPED || state == GUEST_CRASHED;
}

bool guest_has_ended(const struct guest *guest) {
    return guest->boots > 1 || state_of(guest) == GUEST_RESTARTING || state_of(guest) == GUEST_LOADING ||
           guest_is_off(guest);
}

const char *guest_state_text(const struct guest *guest) {
    static const char *const texts[] = {
        [GUEST_CREATED] = "created",   [GUEST_RUNNING] = "running",       [GUEST_PAUSED] = "paused",
        [GUEST_STOPPING] = "stopping", [GUEST_RESTARTING] = "restarting", [GUEST_LOADING] = "restarting",
        [GUEST_STOPPED] = "stopped",   [GUEST_CRASHED] = "crashed",
    };
    return texts[state_of(guest)];
}

static void pause_or_go_on(struct guest *guest) {
    if (win_state(guest, GUEST_RUNNING, GUEST_PAUSED)) {
        report_paused(guest, true);
    } else if (win_state(guest, GUEST_PAUSED, GUEST_RUNNING)) {
        report_paused(guest, false);
    } else {
        report_not_possible(guest, "paused");
        return;
    }
    post_to_all(guest, VCPU_REQUEST_PAUSE);
}

static void stop(struct guest *guest) {
    if (guest_stop(guest, &(struct guest_end){.kind = GUEST_END_STOPPED})) {
        return;
    }
    if (win_state(guest, GUEST_RESTARTING, GUEST_STOPPING)) {
        guest->end = (struct guest_end){.kind = GUEST_END_STOPPED};
        report_ended(guest, &(struct restart_verdict){.starts_again = false});
        go_off(guest, GUEST_STOPPED);
        return;
    }
    report_not_possible(guest, "stopped");
}

static void restart(struct guest *guest) {
    if (guest_stop(guest, &(struct guest_end){.kind = GUEST_END_RESTARTED})) {
        return;
    }
    if (win_state(guest, GUEST_STOPPED, GUEST_LOADING) || win_state(guest, GUEST_CRASHED, GUEST_LOADING)) {
        __atomic_add_fetch(&guests_left, 1, __ATOMIC_SEQ_CST);
    } else if (!win_state(guest, GUEST_RESTARTING, GUEST_LOADING)) {
        report_not_possible(guest, "restarted");
        return;
    }
    guest->restarts_in_row = 0;
    loader_start(guest);
}

void guest_obey(struct guest *guest, enum guest_order order) {
    switch (order) {
    case GUEST_ORDER_PAUSE:
        pause_or_go_on(guest);
        break;
    case GUEST_ORDER_STOP:
        stop(guest);
        break;
    case GUEST_ORDER_RESTART:
        restart(guest);
        break;
    }
}
