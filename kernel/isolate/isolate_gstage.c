/*
 * The gstage backend: RAM where the guest's description says, from as many pieces of the machine's as it takes.
 *
 * The tables are one block whose size is a power of two and its alignment, so that PMP shows it to the harts' walks,
 * for reading, with a single entry. No guest can reach it: its own second stage does not map it.
 */
#include "kernel/guest/devices.h"
#include "kernel/isolate/isolate_backend.h"
#include "kernel/mem/memory.h"
#include "kernel/panic.h"

enum { XLEN = sizeof(unsigned long) * 8 };

#define RAM_ADDRESS_DEFAULT UINT64_C(0x80000000)

/* A guest starts with translation off, so its RAM has to end where a register's reach does. */
static bool is_within_reach(uint64_t base, uint64_t size) {
    uint64_t last;
    return !__builtin_add_overflow(base, size - 1, &last) && last <= UINTPTR_MAX;
}

static status_t check_place(uint64_t base, uint64_t size, const char **out_sentence) {
    if (!is_within_reach(base, size) || gstage_choose(isolate_modes(), XLEN, base + size) == nullptr) {
        *out_sentence = "its RAM ends beyond the guest-physical addresses that the harts can translate";
        return STATUS_UNSUPPORTED;
    }
    if (base < DEVICE_UART_BASE + DEVICE_UART_SIZE && base + size > DEVICE_UART_BASE) {
        *out_sentence = "its ram-address puts RAM where its UART is";
        return STATUS_INVALID;
    }
    return STATUS_OK;
}

/* Pieces from the end of the guest's RAM to its start, each the largest there is: what is no multiple of the alignment
 * is at the end of the highest, which is never so small that the device tree would not fit it. */
static status_t take_pieces(struct isolation *isolation) {
    uint64_t left = isolation->size;
    while (left > 0) {
        paddr_t base;
        uint64_t size = left;
        if (isolation->piece_count == ISOLATION_PIECES_MAX ||
            memory_guest_alloc_largest(&size, isolation->owner, &base) != STATUS_OK) {
            return STATUS_NO_MEMORY;
        }
        left -= size;
        isolation->pieces[isolation->piece_count++] =
            (struct gstage_range){.from = gpaddr(isolation->base.value + left), .to = base, .size = size};
        if (left > 0 && size < MEMORY_GUEST_ALIGNMENT) {
            return STATUS_NO_MEMORY;
        }
    }
    return STATUS_OK;
}

static void reverse_pieces(struct isolation *isolation) {
    for (uint32_t low = 0, high = isolation->piece_count - 1; low < high; low++, high--) {
        struct gstage_range piece = isolation->pieces[low];
        isolation->pieces[low] = isolation->pieces[high];
        isolation->pieces[high] = piece;
    }
}

static status_t place(struct isolation *isolation, const struct manifest_guest *guest, const char **out_sentence) {
    uint64_t base = guest->has_ram_address ? guest->ram_address : RAM_ADDRESS_DEFAULT;
    status_t status = check_place(base, isolation->size, out_sentence);
    if (status != STATUS_OK) {
        return status;
    }
    isolation->base = gpaddr(base);
    status = take_pieces(isolation);
    if (status != STATUS_OK) {
        *out_sentence = "not enough RAM is left, or only in more pieces than the harts' PMP can tell apart";
        return status;
    }
    reverse_pieces(isolation);
    return STATUS_OK;
}

/* A power of two, from the root's size on. */
static size_t block_size(size_t size) {
    size_t block = GSTAGE_ROOT_SIZE;
    while (block < size) {
        block *= 2;
    }
    return block;
}

static status_t prepare(struct isolation *isolation, struct pmp_range *out_ranges, uint32_t *out_count,
                        const char **out_sentence) {
    const struct gstage_scheme *scheme = gstage_choose(isolate_modes(), XLEN, isolation->base.value + isolation->size);
    size_t size = block_size(gstage_count(scheme, isolation->pieces, isolation->piece_count));
    void *tables = memory_block_alloc(size);
    if (tables == nullptr) {
        *out_sentence = "no memory left for the tables of its second stage";
        return STATUS_NO_MEMORY;
    }
    gstage_init(&isolation->gstage, scheme, tables, size);
    out_ranges[0] = (struct pmp_range){.base = paddr((uintptr_t)tables), .size = size, .permissions = PMP_READ};
    for (uint32_t index = 0; index < isolation->piece_count; index++) {
        out_ranges[1 + index] = (struct pmp_range){
            .base = isolation->pieces[index].to,
            .size = isolation->pieces[index].size,
            .permissions = PMP_READ | PMP_WRITE | PMP_EXECUTE,
        };
    }
    *out_count = 1 + isolation->piece_count;
    return STATUS_OK;
}

static void release(struct isolation *isolation) {
    if (isolation->gstage.tables != nullptr) {
        memory_block_free(isolation->gstage.tables);
        isolation->gstage.tables = nullptr;
    }
}

static void map(struct isolation *isolation) {
    for (uint32_t index = 0; index < isolation->piece_count; index++) {
        /* The tables were counted out for these pieces, and nothing of them is mapped. */
        CHECK(gstage_map(&isolation->gstage, &isolation->pieces[index]) == STATUS_OK);
    }
}

static void unmap(struct isolation *isolation) {
    for (uint32_t index = 0; index < isolation->piece_count; index++) {
        gstage_unmap(&isolation->gstage, &isolation->pieces[index]);
    }
}

const struct isolate_backend isolate_gstage = {
    .name = "gstage",
    .place = place,
    .prepare = prepare,
    .release = release,
    .map = map,
    .unmap = unmap,
};
