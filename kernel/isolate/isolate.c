/* What both backends share: the choice between them, PMP layouts, and the harts' side. */
#include "kernel/isolate/isolate.h"

#include <string.h>

#include "kernel/arch/hart.h"
#include "kernel/boot/machine.h"
#include "kernel/boot/refuse.h"
#include "kernel/isolate/isolate_backend.h"
#include "kernel/mem/memory.h"
#include "kernel/panic.h"
#include "lib/format.h"

enum { TEXT_SIZE = 128, XLEN = sizeof(unsigned long) * 8 };

/* Constant once the machine has booted. */
static struct {
    struct pmp_hardware pmp; /* of the poorest hart: guests run on any */
    uint32_t modes;          /* of the second stage, that all harts have */
    enum manifest_isolation wish;
    char text[TEXT_SIZE];
} common;

static char sentence_text[TEXT_SIZE];

static void look_at_harts(void) {
    common.pmp = (struct pmp_hardware){
        .entry_count = PMP_ENTRY_COUNT,
        .granule_bits = 2,
        .address_bits = XLEN == 64 ? 56 : 34,
    };
    common.modes = UINT32_MAX;
    for (uint32_t index = 0; index < hart_count; index++) {
        const struct hart *hart = harts[index];
        if (hart->pmp_count < common.pmp.entry_count) {
            common.pmp.entry_count = hart->pmp_count;
        }
        if (hart->pmp_granule_bits > common.pmp.granule_bits) {
            common.pmp.granule_bits = hart->pmp_granule_bits;
        }
        common.modes &= hart->gstage_modes;
    }
}

static bool has_gstage(void) {
    return gstage_choose(common.modes, XLEN, 0) != nullptr;
}

/* The first hart without a second stage, for the sentence that refuses it. */
static unsigned long hart_without_gstage(void) {
    for (uint32_t index = 0; index < hart_count; index++) {
        if (gstage_choose(harts[index]->gstage_modes, XLEN, 0) == nullptr) {
            return harts[index]->id;
        }
    }
    return harts[0]->id; /* each has one, but they have none in common */
}

static void read_wish(void) {
    char word[MACHINE_BOOTARGS_SIZE];
    common.wish = MANIFEST_ISOLATION_AUTO;
    if (!machine_bootarg("isolation", word, sizeof word)) {
        return;
    }
    if (manifest_isolation_find(word, &common.wish) != STATUS_OK) {
        boot_refuse("boot argument isolation=%s: choose pmp, gstage or auto", word);
    }
    if (common.wish == MANIFEST_ISOLATION_GSTAGE && !has_gstage()) {
        boot_refuse("boot argument isolation=gstage: hart %lu has no two-stage translation (H extension)",
                    hart_without_gstage());
    }
}

static bool default_is_gstage(void) {
    return has_gstage() && common.wish != MANIFEST_ISOLATION_PMP;
}

[[gnu::cold]] void isolate_init(void) {
    look_at_harts();
    read_wish();
    if (default_is_gstage()) {
        format_buffer(common.text, sizeof common.text, "gstage (%s)", gstage_choose(common.modes, XLEN, 0)->name);
    } else {
        format_buffer(common.text, sizeof common.text, "pmp (%u entries)", common.pmp.entry_count);
    }
}

const char *isolate_default_text(void) {
    return common.text;
}

const char *isolate_name(const struct isolation *isolation) {
    return isolation->backend->name;
}

uint32_t isolate_modes(void) {
    return common.modes;
}

/* What a guest's description says counts; where it says nothing, the boot arguments. */
static status_t choose(const struct manifest_guest *guest, const struct isolate_backend **out_backend,
                       const char **out_sentence) {
    if (guest->isolation == MANIFEST_ISOLATION_GSTAGE && !has_gstage()) {
        format_buffer(sentence_text, sizeof sentence_text,
                      "its isolation gstage takes two-stage translation (H extension), which hart %lu does not have",
                      hart_without_gstage());
        *out_sentence = sentence_text;
        return STATUS_UNSUPPORTED;
    }
    bool is_gstage = guest->isolation == MANIFEST_ISOLATION_AUTO ? default_is_gstage()
                                                                 : guest->isolation == MANIFEST_ISOLATION_GSTAGE;
    *out_backend = is_gstage ? &isolate_gstage : &isolate_pmp;
    return STATUS_OK;
}

/* What the harts need to execute on their way into a guest; the kernel is in one place, so it is the same for all. */
static uint32_t entry_range(struct pmp_range *out_range) {
    out_range->permissions = PMP_EXECUTE;
    for (uint32_t index = 0; index < hart_count; index++) {
        if (arch_entry_code(harts[index], &out_range->base, &out_range->size)) {
            return 1;
        }
    }
    return 0;
}

static status_t encode(struct isolation *isolation, const struct pmp_range *ranges, uint32_t count,
                       const char **out_sentence) {
    uint32_t needed;
    status_t status = pmp_encode(ranges, count, &common.pmp, &isolation->pmp, &needed);
    if (status == STATUS_TOO_BIG) {
        format_buffer(sentence_text, sizeof sentence_text, "it takes %u PMP entries, and the harts have %u", needed,
                      common.pmp.entry_count);
        *out_sentence = sentence_text;
    } else if (status != STATUS_OK) {
        *out_sentence = "its RAM cannot be told apart by the harts' PMP: its size is not a multiple of their granule";
    }
    return status;
}

static status_t prepare(struct isolation *isolation, const char **out_sentence) {
    struct pmp_range ranges[ISOLATE_RANGES_MAX];
    uint32_t count;
    uint32_t first = entry_range(&ranges[0]);
    status_t status = isolation->backend->prepare(isolation, &ranges[first], &count, out_sentence);
    return status == STATUS_OK ? encode(isolation, ranges, first + count, out_sentence) : status;
}

status_t isolate_create(struct isolation *isolation, const struct manifest_guest *guest, uint32_t owner,
                        const char **out_sentence) {
    *isolation = (struct isolation){.owner = owner, .size = guest->memory};
    status_t status = choose(guest, &isolation->backend, out_sentence);
    if (status != STATUS_OK) {
        return status;
    }
    status = isolation->backend->place(isolation, guest, out_sentence);
    if (status == STATUS_OK) {
        status = prepare(isolation, out_sentence);
    }
    if (status != STATUS_OK) {
        isolate_destroy(isolation);
    }
    return status;
}

void isolate_destroy(struct isolation *isolation) {
    isolation->backend->release(isolation);
    for (uint32_t index = 0; index < isolation->piece_count; index++) {
        memory_guest_free(isolation->pieces[index].to, isolation->owner);
    }
    isolation->piece_count = 0;
}

/* Release: who sees the new epoch sees what it is about. */
static void next_epoch(struct isolation *isolation) {
    __atomic_add_fetch(&isolation->epoch, 1, __ATOMIC_RELEASE);
}

void isolate_open(struct isolation *isolation) {
    isolate_leave(arch_hart_self(), isolation);
    isolation->backend->map(isolation);
    next_epoch(isolation);
}

void isolate_close(struct isolation *isolation) {
    isolate_leave(arch_hart_self(), isolation);
    isolation->backend->unmap(isolation);
    next_epoch(isolation);
}

/* The root that the hart walks; none under pmp. */
static void stage_load(const struct hart *hart, const struct gstage *gstage) {
    unsigned mode = gstage->tables != nullptr ? gstage->scheme->mode : 0;
    CHECK(arch_gstage_load(hart, mode, paddr((uintptr_t)gstage->tables)) == STATUS_OK);
}

static void load(struct hart *hart, const struct pmp_layout *layout, const struct gstage *gstage) {
    /* A hart that does not hold what is written to it confines nobody. */
    CHECK(arch_pmp_load(hart, layout) == STATUS_OK);
    if (hart_has(hart, HART_H)) {
        stage_load(hart, gstage);
    }
    hart->tlb_owner = nullptr; /* whoever comes next flushes the TLB */
}

void isolate_activate(struct hart *hart, const struct isolation *isolation) {
    uint32_t epoch = __atomic_load_n(&isolation->epoch, __ATOMIC_ACQUIRE);
    if (hart->isolation == isolation && hart->isolation_epoch == epoch) {
        return;
    }
    hart->isolation = isolation;
    hart->isolation_epoch = epoch;
    if (arch_pmp_exchange(hart, &isolation->pmp)) {
        hart->tlb_owner = nullptr; /* as load does */
    } else {
        load(hart, &isolation->pmp, &isolation->gstage);
    }
}

void isolate_leave(struct hart *hart, const struct isolation *isolation) {
    static const struct pmp_layout nothing;
    static const struct gstage none;
    if (hart->isolation != isolation) {
        return;
    }
    load(hart, &nothing, &none);
    arch_tlb_flush();
    hart->isolation = nullptr;
}

bool isolate_translate(const struct isolation *isolation, gpaddr_t address, paddr_t *out_address, uint64_t *out_left) {
    for (uint32_t index = 0; index < isolation->piece_count; index++) {
        const struct gstage_range *piece = &isolation->pieces[index];
        uint64_t offset = address.value - piece->from.value;
        if (offset < piece->size) {
            *out_address = paddr(piece->to.value + offset);
            *out_left = piece->size - offset;
            return true;
        }
    }
    return false;
}

/* The memory behind the start of [address, address + left), and how much of it is in one piece. */
static void *piece_at(const struct isolation *isolation, gpaddr_t address, uint64_t left, size_t *out_size) {
    paddr_t place;
    uint64_t contiguous;
    CHECK(isolate_translate(isolation, address, &place, &contiguous));
    *out_size = (size_t)(left < contiguous ? left : contiguous);
    return (void *)(uintptr_t)place.value;
}

void isolate_write(const struct isolation *isolation, gpaddr_t address, const void *bytes, uint64_t size) {
    isolate_leave(arch_hart_self(), isolation);
    const uint8_t *from = bytes;
    size_t step;
    for (uint64_t done = 0; done < size; done += step) {
        void *to = piece_at(isolation, gpaddr(address.value + done), size - done, &step);
        memcpy(to, from + done, step);
    }
}

void isolate_clear(const struct isolation *isolation, gpaddr_t address, uint64_t size) {
    isolate_leave(arch_hart_self(), isolation);
    size_t step;
    for (uint64_t done = 0; done < size; done += step) {
        void *to = piece_at(isolation, gpaddr(address.value + done), size - done, &step);
        arch_clear(to, step);
    }
}
