/*
 * The guest memory contract on the build machine (kernel/arch/guest_memory.h): byte by byte, through the guest's page
 * tables, the second stage if there is one, and what the kernel has written to the PMP. Physical addresses are
 * addresses of this process, so what grants too much is found by ASan.
 */
#include "kernel/arch/guest_memory.h"

#include <string.h>

#include "kernel/arch/hart.h"
#include "kernel/arch/host/hart.h"
#include "kernel/decode/walk.h"
#include "kernel/isolate/gstage_walk.h"
#include "kernel/isolate/pmp_match.h"

enum { XLEN = 64 };

/* The bytes at a guest-physical address, which do not cross a page; null: the guest cannot have them. */
static void *reach(uint64_t address, uint64_t size, uint8_t access) {
    const struct host_hart *registers = host_hart_of(arch_hart_self());
    paddr_t place = paddr(address);
    uint64_t page_size;
    if (registers->gstage_mode != 0 &&
        !gstage_walk(registers->gstage_mode, registers->gstage_root, gpaddr(address), &place, &page_size)) {
        return nullptr;
    }
    return pmp_match(&registers->pmp, place, size, access) ? (void *)(uintptr_t)place.value : nullptr;
}

static status_t read_pte(void *, gpaddr_t address, size_t size, uint64_t *out_pte) {
    const void *pte = reach(address.value, size, PMP_READ);
    if (pte == nullptr) {
        return STATUS_FAULT;
    }
    *out_pte = 0;
    memcpy(out_pte, pte, size);
    return STATUS_OK;
}

/* The byte behind a virtual address, or the cause why there is none: 0 is not a cause that can come up. */
static unsigned long translate(const struct context *context, unsigned long address, enum walk_access access, bool mxr,
                               void **out_byte) {
    unsigned long satp = host_hart_of(arch_hart_self())->satp;
    struct walk_context walk = {
        .scheme = walk_scheme_of_satp(satp, XLEN),
        .root = walk_root_of_satp(satp, XLEN),
        .is_user = !context_is_supervisor(context),
        .sum = context_has_sum(context),
        .mxr = mxr,
    };
    struct walk_result result;
    bool is_store = access == WALK_STORE;
    status_t status =
        walk.scheme != nullptr ? walk_translate(&walk, address, access, read_pte, nullptr, &result) : STATUS_FAULT;
    if (status == STATUS_DENIED) {
        return is_store ? CAUSE_STORE_PAGE : CAUSE_LOAD_PAGE;
    }
    *out_byte = status == STATUS_OK ? reach(result.address.value, 1, is_store ? PMP_WRITE : PMP_READ) : nullptr;
    if (*out_byte == nullptr) {
        return is_store ? CAUSE_STORE_ACCESS : CAUSE_LOAD_ACCESS;
    }
    return 0;
}

status_t arch_guest_read(const struct context *context, unsigned long address, void *out_bytes, size_t size,
                         unsigned long *out_cause, unsigned long *out_address) {
    for (size_t index = 0; index < size; index++) {
        void *byte;
        unsigned long cause = translate(context, address + index, WALK_LOAD, context_has_mxr(context), &byte);
        if (cause != 0) {
            *out_cause = cause;
            *out_address = address + index;
            return STATUS_FAULT;
        }
        memcpy((uint8_t *)out_bytes + index, byte, 1);
    }
    return STATUS_OK;
}

status_t arch_guest_write(const struct context *context, unsigned long address, const void *bytes, size_t size,
                          unsigned long *out_cause, unsigned long *out_address) {
    for (size_t index = 0; index < size; index++) {
        void *byte;
        unsigned long cause = translate(context, address + index, WALK_STORE, false, &byte);
        if (cause != 0) {
            *out_cause = cause;
            *out_address = address + index;
            return STATUS_FAULT;
        }
        memcpy(byte, (const uint8_t *)bytes + index, 1);
    }
    return STATUS_OK;
}

static status_t fetch_half(const struct context *context, unsigned long address, uint16_t *out_half) {
    uint8_t bytes[2];
    for (unsigned index = 0; index < 2; index++) {
        void *byte;
        if (translate(context, address + index, WALK_LOAD, true, &byte) != 0) {
            return STATUS_FAULT;
        }
        memcpy(&bytes[index], byte, 1);
    }
    memcpy(out_half, bytes, sizeof bytes);
    return STATUS_OK;
}

status_t arch_guest_fetch(const struct context *context, uint32_t *out_instruction) {
    uint16_t low;
    uint16_t high = 0;
    if (fetch_half(context, context->pc, &low) != STATUS_OK) {
        return STATUS_FAULT;
    }
    if ((low & 3) == 3 && fetch_half(context, context->pc + 2, &high) != STATUS_OK) {
        return STATUS_FAULT;
    }
    *out_instruction = (uint32_t)high << 16 | low;
    return STATUS_OK;
}

status_t arch_guest_read_physical(const struct context *, gpaddr_t address, void *out_bytes, size_t size) {
    for (size_t index = 0; index < size; index++) {
        const void *byte = reach(address.value + index, 1, PMP_READ);
        if (byte == nullptr) {
            return STATUS_FAULT;
        }
        memcpy((uint8_t *)out_bytes + index, byte, 1);
    }
    return STATUS_OK;
}

status_t arch_guest_write_physical(const struct context *, gpaddr_t address, const void *bytes, size_t size) {
    for (size_t index = 0; index < size; index++) {
        void *byte = reach(address.value + index, 1, PMP_WRITE);
        if (byte == nullptr) {
            return STATUS_FAULT;
        }
        memcpy(byte, (const uint8_t *)bytes + index, 1);
    }
    return STATUS_OK;
}

/* Nothing to switch off: physical addresses are reached without translation here. */
void arch_guest_tables_open(const struct context *context, struct arch_guest_tables *out_tables) {
    *out_tables = (struct arch_guest_tables){
        .satp = host_hart_of(arch_hart_self())->satp,
        .rights = context->mstatus & (HOST_STATUS_MPP | HOST_STATUS_SUM | HOST_STATUS_MXR),
    };
}

void arch_guest_tables_close(const struct arch_guest_tables *) {
}

status_t arch_guest_tables_read(const struct arch_guest_tables *, struct arch_guest_entry *entry) {
    const void *place = reach(entry->place.value, sizeof entry->value, PMP_READ);
    if (place == nullptr) {
        return STATUS_FAULT;
    }
    memcpy(&entry->value, place, sizeof entry->value);
    return STATUS_OK;
}

bool arch_guest_tables_hold(const struct arch_guest_tables *tables, const struct arch_guest_entry *entries,
                            size_t count) {
    for (size_t index = 0; index < count; index++) {
        struct arch_guest_entry now = entries[index];
        if (arch_guest_tables_read(tables, &now) != STATUS_OK || now.value != entries[index].value) {
            return false;
        }
    }
    return true;
}
