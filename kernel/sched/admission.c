/* Books of what harts are promised to whom; worst fit, so that every hart keeps room for a large reservation. */
#include "kernel/sched/admission.h"

#include "kernel/irq/timer.h"
#include "lib/format.h"

/* The load of a hart: its reservations, and a whole hart for each vcpu that may want as much as it can get. */
struct load {
    uint64_t reserved;
    uint64_t total;
};

static char sentence[160];

static uint64_t bandwidth_of(const struct policy *policy) {
    struct reservation reservation;
    reservation_init(&reservation, policy->budget, policy->period);
    return reservation.bandwidth;
}

static struct load load_with(struct load load, uint64_t bandwidth) {
    load.reserved += bandwidth;
    load.total += bandwidth != 0 ? bandwidth : RESERVATION_WHOLE;
    return load;
}

/* Harts go by their ids, the machine's own numbers: which index one has depends on which of them booted. */
static uint64_t affinity_of(const struct manifest_guest *guest) {
    uint64_t all = hart_count < 64 ? (UINT64_C(1) << hart_count) - 1 : UINT64_MAX;
    uint64_t affinity = guest->affinity_count == 0 ? all : 0;
    for (uint32_t position = 0; position < guest->affinity_count; position++) {
        for (uint32_t index = 0; index < hart_count; index++) {
            if (harts[index]->id == manifest_guest_affinity(guest, position)) {
                affinity |= UINT64_C(1) << index;
            }
        }
    }
    return affinity;
}

static struct policy policy_of(const struct manifest_guest *guest) {
    return (struct policy){
        .priority = guest->priority,
        .weight = guest->weight,
        .budget = timer_ticks_of_us(guest->budget),
        .period = timer_ticks_of_us(guest->period),
        .affinity = affinity_of(guest),
    };
}

/* The hart with the least load that has room, or null. */
static struct hart *find_home(const struct load *loads, uint64_t affinity, uint64_t bandwidth) {
    struct hart *best = nullptr;
    for (uint32_t index = 0; index < hart_count; index++) {
        if ((affinity >> index & 1) == 0 || loads[index].reserved + bandwidth > ADMISSION_BOUND) {
            continue;
        }
        if (best == nullptr || loads[index].total < loads[best->index].total) {
            best = harts[index];
        }
    }
    return best;
}

static unsigned percent(uint64_t bandwidth) {
    return (unsigned)(bandwidth * 100 / RESERVATION_WHOLE);
}

/* After the `placed` vcpus in front of it. */
static void say_too_big(const struct manifest_guest *guest, const struct load *loads, uint64_t affinity,
                        uint64_t bandwidth, uint32_t placed) {
    uint64_t most = 0;
    for (uint32_t index = 0; index < hart_count; index++) {
        uint64_t room = ADMISSION_BOUND - loads[index].reserved;
        most = (affinity >> index & 1) != 0 && room > most ? room : most;
    }
    format_buffer(
        sentence, sizeof sentence,
        "each of its %u vcpus reserves %u%% of a hart; after %u of them, no hart that it may use has more than "
        "%u%% left of the %u%% that can be reserved",
        guest->vcpus, percent(bandwidth + RESERVATION_WHOLE / 100 - 1), placed, percent(most),
        percent(ADMISSION_BOUND + RESERVATION_WHOLE / 200));
}

status_t admission_plan(const struct manifest_guest *guest, struct admission *out_admission,
                        const char **out_sentence) {
    struct load loads[HART_MAX];
    struct policy policy = policy_of(guest);
    uint64_t bandwidth = bandwidth_of(&policy);
    if (policy.affinity == 0) {
        *out_sentence = "none of the harts of its affinity is there";
        return STATUS_NOT_FOUND;
    }
    for (uint32_t index = 0; index < hart_count; index++) {
        loads[index] = (struct load){harts[index]->reserved, harts[index]->promised};
    }
    for (uint32_t id = 0; id < guest->vcpus; id++) {
        struct hart *home = find_home(loads, policy.affinity, bandwidth);
        if (home == nullptr) {
            say_too_big(guest, loads, policy.affinity, bandwidth, id);
            *out_sentence = sentence;
            return STATUS_TOO_BIG;
        }
        loads[home->index] = load_with(loads[home->index], bandwidth);
        out_admission->homes[id] = home;
    }
    out_admission->policy = policy;
    return STATUS_OK;
}

void admission_book(struct hart *hart, const struct policy *policy) {
    struct load load = load_with((struct load){hart->reserved, hart->promised}, bandwidth_of(policy));
    hart->reserved = load.reserved;
    hart->promised = load.total;
}
