/*
 * Access to guest memory with the guest's rights: mstatus.MPRV makes a load or store go through the translation and
 * protection of the mode in MPP (priv. spec "Memory Privilege in mstatus"). A fault returns to the next instruction
 * with a note in the hart (trap.c).
 *
 * The instructions in between touch registers only: after an expected trap, mstatus.MPP is not what it was.
 */
#include "kernel/arch/guest_memory.h"

#include <string.h>

#include "kernel/arch/hart.h"
#include "kernel/arch/riscv/csr.h"
#include "kernel/arch/riscv/trap.h"
#include "kernel/hart/hart.h"

enum { WORD_SIZE = sizeof(unsigned long) };

#if __riscv_xlen == 64
#define WORD_LOAD "ld"
#define WORD_STORE "sd"
#else
#define WORD_LOAD "lw"
#define WORD_STORE "sw"
#endif

/* clang-format off */
#define GUEST_LOAD(instruction, status, address, value)                                                                \
    __asm__ volatile(".option push\n.option norvc\n"                                                                   \
                     "csrrw %[old], mstatus, %[new]\n"                                                                 \
                     instruction " %[value], (%[address])\n"                                                           \
                     "csrw mstatus, %[old]\n"                                                                          \
                     ".option pop"                                                                                     \
                     : [old] "=&r"(old), [value] "+&r"(value)                                                          \
                     : [new] "r"(status), [address] "r"(address) : "memory")
#define GUEST_STORE(instruction, status, address, value)                                                               \
    __asm__ volatile(".option push\n.option norvc\n"                                                                   \
                     "csrrw %[old], mstatus, %[new]\n"                                                                 \
                     instruction " %[value], (%[address])\n"                                                           \
                     "csrw mstatus, %[old]\n"                                                                          \
                     ".option pop"                                                                                     \
                     : [old] "=&r"(old)                                                                                \
                     : [new] "r"(status), [address] "r"(address), [value] "r"(value) : "memory")
/* clang-format on */

static bool load(unsigned long status, unsigned long address, unsigned size, unsigned long *out_value) {
    struct hart *hart = arch_hart_self();
    unsigned long old;
    unsigned long value = 0;
    trap_expect(hart);
    if (size == WORD_SIZE) {
        GUEST_LOAD(WORD_LOAD, status, address, value);
    } else if (size == 2) {
        GUEST_LOAD("lhu", status, address, value);
    } else {
        GUEST_LOAD("lbu", status, address, value);
    }
    *out_value = value;
    return !trap_came(hart);
}

static bool store(unsigned long status, unsigned long address, unsigned size, unsigned long value) {
    struct hart *hart = arch_hart_self();
    unsigned long old;
    trap_expect(hart);
    if (size == WORD_SIZE) {
        GUEST_STORE(WORD_STORE, status, address, value);
    } else {
        GUEST_STORE("sb", status, address, value);
    }
    return !trap_came(hart);
}

/* Words while both ends allow it, else bytes. */
static unsigned step_size(unsigned long address, size_t left) {
    return address % WORD_SIZE == 0 && left >= WORD_SIZE ? WORD_SIZE : 1;
}

static status_t copy_in(unsigned long status, unsigned long address, void *out_bytes, size_t size,
                        unsigned long *out_at) {
    uint8_t *to = out_bytes;
    while (size > 0) {
        unsigned step = step_size(address, size);
        unsigned long value;
        if (!load(status, address, step, &value)) {
            *out_at = address;
            return STATUS_FAULT;
        }
        memcpy(to, &value, step);
        to += step;
        address += step;
        size -= step;
    }
    return STATUS_OK;
}

static status_t copy_out(unsigned long status, unsigned long address, const void *bytes, size_t size,
                         unsigned long *out_at) {
    const uint8_t *from = bytes;
    while (size > 0) {
        unsigned step = step_size(address, size);
        unsigned long value = 0;
        memcpy(&value, from, step);
        if (!store(status, address, step, value)) {
            *out_at = address;
            return STATUS_FAULT;
        }
        from += step;
        address += step;
        size -= step;
    }
    return STATUS_OK;
}

/* The mstatus with which a load or store is the guest's own: its mode, SUM and MXR, and interrupts off. */
static unsigned long guest_status(const struct context *context) {
    return (context->mstatus | MSTATUS_MPRV) & ~(MSTATUS_MIE | MSTATUS_MPIE);
}

static status_t fault(status_t status, unsigned long at, unsigned long *out_cause, unsigned long *out_address) {
    if (status == STATUS_FAULT) {
        *out_cause = arch_hart_self()->trap_cause - 1;
        *out_address = at;
    }
    return status;
}

status_t arch_guest_read(const struct context *context, unsigned long address, void *out_bytes, size_t size,
                         unsigned long *out_cause, unsigned long *out_address) {
    unsigned long at = 0;
    status_t status = copy_in(guest_status(context), address, out_bytes, size, &at);
    return fault(status, at, out_cause, out_address);
}

status_t arch_guest_write(const struct context *context, unsigned long address, const void *bytes, size_t size,
                          unsigned long *out_cause, unsigned long *out_address) {
    unsigned long at = 0;
    status_t status = copy_out(guest_status(context), address, bytes, size, &at);
    return fault(status, at, out_cause, out_address);
}

status_t arch_guest_fetch(const struct context *context, uint32_t *out_instruction) {
    /* MXR: executable is enough. Halves, since the second may be in another page, or not be there at all. */
    unsigned long status = guest_status(context) | MSTATUS_MXR;
    unsigned long low;
    unsigned long high = 0;
    if (!load(status, context->pc, 2, &low)) {
        return STATUS_FAULT;
    }
    if ((low & 3) == 3 && !load(status, context->pc + 2, 2, &high)) {
        return STATUS_FAULT;
    }
    *out_instruction = (uint32_t)(high << 16 | low);
    return STATUS_OK;
}

/* With satp = Bare the guest's addresses are physical, and PMP still checks them as its own. The hart may keep
 * translations of the guest's address spaces meanwhile: nothing of them has changed. */
static unsigned long translation_off(void) {
    return csr_swap(satp, 0);
}

static bool address_fits(gpaddr_t address, size_t size) {
    unsigned long first = (unsigned long)address.value;
    return first == address.value && first + size >= first;
}

/* As supervisor, whatever mode the guest was in: user mode has translation on in name only, but the same PMP. */
static unsigned long physical_status(const struct context *context) {
    return (guest_status(context) & ~MSTATUS_MPP) | MSTATUS_MPP_S;
}

status_t arch_guest_read_physical(const struct context *context, gpaddr_t address, void *out_bytes, size_t size) {
    unsigned long at = 0;
    if (!address_fits(address, size)) {
        return STATUS_FAULT;
    }
    unsigned long satp = translation_off();
    status_t status = copy_in(physical_status(context), (unsigned long)address.value, out_bytes, size, &at);
    csr_write(satp, satp);
    return status;
}

status_t arch_guest_write_physical(const struct context *context, gpaddr_t address, const void *bytes, size_t size) {
    unsigned long at = 0;
    if (!address_fits(address, size)) {
        return STATUS_FAULT;
    }
    unsigned long satp = translation_off();
    status_t status = copy_out(physical_status(context), (unsigned long)address.value, bytes, size, &at);
    csr_write(satp, satp);
    return status;
}
