/* The life of a guest. */
#include "kernel/guest/guest.h"

#include "kernel/arch/hart.h"
#include "kernel/boot/machine.h"
#include "kernel/console/kernel_log.h"
#include "kernel/dev/kernel_console.h"
#include "kernel/dev/reset.h"
#include "kernel/guest/loader.h"
#include "kernel/guest/report.h"
#include "kernel/isolate/isolate.h"
#include "kernel/mem/memory.h"
#include "kernel/sched/admission.h"

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
        vcpu->context.has_fp = isa_has(&guest->isa, ISA_D);
        vcpu->context.has_sstc = guest->has_sstc;
        admission_book(vcpu->hart, &admission->policy);
        guest->vcpus[id] = vcpu;
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
    guests[guest_count++] = guest;
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

static void go_off(struct guest *guest) {
    __atomic_store_n(&guest->state, GUEST_OFF, __ATOMIC_SEQ_CST);
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
    __atomic_store_n(&guest->state, GUEST_RUNNING, __ATOMIC_SEQ_CST);
    report_started(guest);
    vcpu_post(first, VCPU_REQUEST_START);
}

void guest_stop(struct guest *guest, const struct guest_end *end) {
    uint32_t running = GUEST_RUNNING;
    if (!__atomic_compare_exchange_n(&guest->state, &running, GUEST_STOPPING, false, __ATOMIC_SEQ_CST,
                                     __ATOMIC_SEQ_CST)) {
        return;
    }
    guest->end = *end;
    __atomic_store_n(&guest->vcpus_left, guest->vcpu_count, __ATOMIC_SEQ_CST);
    for (uint32_t id = 0; id < guest->vcpu_count; id++) {
        vcpu_post(guest->vcpus[id], VCPU_REQUEST_STOP);
    }
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
    isolate_close(&guest->isolation);
    console_end_guest(&kernel_console, &guest->port);
    report_ended(guest);
    vuart_init(&guest->vuart, &guest->port);
    if (guest->end.kind == GUEST_END_REBOOT) {
        __atomic_store_n(&guest->state, GUEST_LOADING, __ATOMIC_SEQ_CST);
        loader_start(guest);
        return;
    }
    go_off(guest);
}

void guest_refuse(struct guest *guest, const char *sentence) {
    guest->end = (struct guest_end){.kind = GUEST_END_REFUSED, .sentence = sentence};
    report_ended(guest);
    go_off(guest);
}

bool guest_is_running(const struct guest *guest) {
    return __atomic_load_n(&guest->state, __ATOMIC_SEQ_CST) == GUEST_RUNNING;
}

const char *guest_state_text(const struct guest *guest) {
    switch (__atomic_load_n(&guest->state, __ATOMIC_SEQ_CST)) {
    case GUEST_LOADING:
        return "loading";
    case GUEST_RUNNING:
        return "running";
    case GUEST_STOPPING:
        return "stopping";
    default:
        return guest->end.kind == GUEST_END_CRASH ? "crashed" : "stopped";
    }
}
