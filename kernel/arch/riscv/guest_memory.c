/*
 * Access to guest memory with the guest's rights. A fault returns to the next instruction with a note in the hart
 * (trap.c).
 *
 * Without the H extension, mstatus.MPRV makes a load or store go through the translation and protection of the mode in
 * MPP (priv. spec "Memory Privilege in mstatus"). The instructions in between touch registers only: after an expected
 * trap, mstatus.MPP is not what it was.
 *
 * With it, hlv and hsv do what the guest in VS-mode or VU-mode would do, in the mode of hstatus.SPVP (priv. spec
 * "Hypervisor Virtual-Machine Load and Store Instructions"); MPRV would need mstatus.MPV, which not every hart lets be
 * set.
 */
#include "kernel/arch/guest_memory.h"

#include <string.h>

#include "kernel/arch/hart.h"
#include "kernel/arch/riscv/csr.h"
#include "kernel/arch/riscv/fence.h"
#include "kernel/arch/riscv/trap.h"
#include "kernel/arch/riscv/virtual.h"
#include "kernel/hart/hart.h"

enum { WORD_SIZE = sizeof(unsigned long) };

#if __riscv_xlen == 64
#define WORD_LOAD "ld"
#define WORD_STORE "sd"
#define VIRTUAL_WORD_LOAD "hlv.d"
#define VIRTUAL_WORD_STORE "hsv.d"
#else
#define WORD_LOAD "lw"
#define WORD_STORE "sw"
#define VIRTUAL_WORD_LOAD "hlv.w"
#define VIRTUAL_WORD_STORE "hsv.w"
#endif

/* How an access is the guest's: without H, mstatus during the access, which is never 0. */
enum : unsigned long { MODE_VIRTUAL = 0 };

static bool is_plain(unsigned long mode) {
    return __builtin_expect(mode != MODE_VIRTUAL, true);
}

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
#define VIRTUAL_LOAD(instruction, address, value)                                                                      \
    __asm__ volatile(".option push\n.option arch, +h\n"                                                                \
                     instruction " %[value], (%[address])\n"                                                           \
                     ".option pop"                                                                                     \
                     : [value] "+&r"(value) : [address] "r"(address) : "memory")
#define VIRTUAL_STORE(instruction, address, value)                                                                     \
    __asm__ volatile(".option push\n.option arch, +h\n"                                                                \
                     instruction " %[value], (%[address])\n"                                                           \
                     ".option pop"                                                                                     \
                     : : [address] "r"(address), [value] "r"(value) : "memory")
/* clang-format on */

static unsigned long plain_load(unsigned long status, unsigned long address, unsigned size) {
    unsigned long old;
    unsigned long value = 0;
    if (size == WORD_SIZE) {
        GUEST_LOAD(WORD_LOAD, status, address, value);
    } else {
        GUEST_LOAD("lbu", status, address, value);
    }
    return value;
}

static unsigned long virtual_load(unsigned long address, unsigned size) {
    unsigned long value = 0;
    if (size == WORD_SIZE) {
        VIRTUAL_LOAD(VIRTUAL_WORD_LOAD, address, value);
    } else {
        VIRTUAL_LOAD("hlv.bu", address, value);
    }
    return value;
}

static bool load(unsigned long mode, unsigned long address, unsigned size, unsigned long *out_value) {
    struct hart *hart = arch_hart_self();
    trap_expect(hart, TRAP_GUEST);
    *out_value = mode == MODE_VIRTUAL ? virtual_load(address, size) : plain_load(mode, address, size);
    return !trap_came(hart);
}

static void plain_store(unsigned long status, unsigned long address, unsigned size, unsigned long value) {
    unsigned long old;
    if (size == WORD_SIZE) {
        GUEST_STORE(WORD_STORE, status, address, value);
    } else {
        GUEST_STORE("sb", status, address, value);
    }
}

static void virtual_store(unsigned long address, unsigned size, unsigned long value) {
    if (size == WORD_SIZE) {
        VIRTUAL_STORE(VIRTUAL_WORD_STORE, address, value);
    } else {
        VIRTUAL_STORE("hsv.b", address, value);
    }
}

static bool store(unsigned long mode, unsigned long address, unsigned size, unsigned long value) {
    struct hart *hart = arch_hart_self();
    trap_expect(hart, TRAP_GUEST);
    if (mode == MODE_VIRTUAL) {
        virtual_store(address, size, value);
    } else {
        plain_store(mode, address, size, value);
    }
    return !trap_came(hart);
}

/* Words while both ends allow it, else bytes. */
static unsigned step_size(unsigned long address, size_t left) {
    return address % WORD_SIZE == 0 && left >= WORD_SIZE ? WORD_SIZE : 1;
}

static status_t copy_in(unsigned long mode, unsigned long address, void *out_bytes, size_t size,
                        unsigned long *out_at) {
    uint8_t *to = out_bytes;
    while (size > 0) {
        unsigned step = step_size(address, size);
        unsigned long value;
        if (!load(mode, address, step, &value)) {
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

static status_t copy_out(unsigned long mode, unsigned long address, const void *bytes, size_t size,
                         unsigned long *out_at) {
    const uint8_t *from = bytes;
    while (size > 0) {
        unsigned step = step_size(address, size);
        unsigned long value = 0;
        memcpy(&value, from, step);
        if (!store(mode, address, step, value)) {
            *out_at = address;
            return STATUS_FAULT;
        }
        from += step;
        address += step;
        size -= step;
    }
    return STATUS_OK;
}

static void set_virtual_mode(bool is_supervisor) {
    if (is_supervisor) {
        csr_set(CSR_HSTATUS, HSTATUS_SPVP);
    } else {
        csr_clear(CSR_HSTATUS, HSTATUS_SPVP);
    }
}

/* As the guest in the mode that it was in, with its SUM and MXR, and interrupts off. */
static unsigned long guest_mode(const struct context *context) {
    if (__builtin_expect(context->is_virtual, false)) {
        set_virtual_mode(context_is_supervisor(context));
        return MODE_VIRTUAL;
    }
    return (context->mstatus | MSTATUS_MPRV) & ~(MSTATUS_MIE | MSTATUS_MPIE);
}

static status_t fault(status_t status, unsigned long at, unsigned long *out_cause, unsigned long *out_address) {
    if (status == STATUS_FAULT) {
        *out_cause = trap_cause_of(arch_hart_self()->trap_cause);
        *out_address = at;
    }
    return status;
}

status_t arch_guest_read(const struct context *context, unsigned long address, void *out_bytes, size_t size,
                         unsigned long *out_cause, unsigned long *out_address) {
    unsigned long at = 0;
    unsigned long mode = guest_mode(context);
    status_t status = copy_in(mode, address, out_bytes, size, &at);
    return fault(status, at, out_cause, out_address);
}

status_t arch_guest_write(const struct context *context, unsigned long address, const void *bytes, size_t size,
                          unsigned long *out_cause, unsigned long *out_address) {
    unsigned long at = 0;
    unsigned long mode = guest_mode(context);
    status_t status = copy_out(mode, address, bytes, size, &at);
    return fault(status, at, out_cause, out_address);
}

/* 2 bytes of an instruction, or 4 that are aligned; executable is enough. */
static bool load_code(unsigned long mode, unsigned long address, unsigned size, unsigned long *out_value) {
    struct hart *hart = arch_hart_self();
    unsigned long value = 0;
    unsigned long old;
    trap_expect(hart, TRAP_GUEST);
    if (is_plain(mode) && size == 4) {
        GUEST_LOAD("lw", mode | MSTATUS_MXR, address, value);
    } else if (is_plain(mode)) {
        GUEST_LOAD("lhu", mode | MSTATUS_MXR, address, value);
    } else if (size == 4) {
        VIRTUAL_LOAD("hlvx.wu", address, value);
    } else {
        VIRTUAL_LOAD("hlvx.hu", address, value);
    }
    *out_value = value;
    return !trap_came(hart);
}

/* The second half may be in another page, or not be there at all. */
[[gnu::noinline]] static bool load_halves(unsigned long mode, unsigned long address, unsigned long *out_value) {
    unsigned long low;
    unsigned long high = 0;
    if (!load_code(mode, address, 2, &low) || ((low & 3) == 3 && !load_code(mode, address + 2, 2, &high))) {
        return false;
    }
    *out_value = high << 16 | low;
    return true;
}

/* At once where the hart fetches so (Ziccif): the halves of two instructions that a guest's hart puts there one after
 * the other would be a third one. */
status_t arch_guest_fetch(const struct context *context, uint32_t *out_instruction) {
    unsigned long mode = guest_mode(context);
    unsigned long pc = context->pc;
    unsigned long value;
    if (!(pc % 4 == 0 ? load_code(mode, pc, 4, &value) : load_halves(mode, pc, &value))) {
        return STATUS_FAULT;
    }
    *out_instruction = (uint32_t)value;
    return STATUS_OK;
}

/*
 * With satp = Bare the guest's addresses are guest-physical, and the second stage and PMP still check them as its own.
 * The hart may keep translations of the guest's address spaces meanwhile: nothing of them has changed.
 *
 * Going to Bare and back needs no fence (priv. spec, "Supervisor Address Translation and Protection Register"), but
 * QEMU 7.2 goes on with what it last translated for hlv; a fence of one page, whichever, makes it look, and costs a
 * hart next to nothing.
 */
static unsigned long swap_translation(unsigned long mode, unsigned long value) {
    if (is_plain(mode)) {
        return csr_swap(satp, value);
    }
    unsigned long before = csr_swap(CSR_VSATP, value);
    hfence_vvma_page(0);
    return before;
}

static bool address_fits(gpaddr_t address, size_t size) {
    unsigned long first = (unsigned long)address.value;
    return first == address.value && (size == 0 || first + (size - 1) >= first);
}

/* As supervisor, whatever mode the guest was in: user mode has translation on in name only, but the same PMP. */
static unsigned long physical_mode(const struct context *context) {
    unsigned long mode = guest_mode(context);
    if (mode == MODE_VIRTUAL) {
        set_virtual_mode(true);
        return mode;
    }
    return (mode & ~MSTATUS_MPP) | MSTATUS_MPP_S;
}

status_t arch_guest_read_physical(const struct context *context, gpaddr_t address, void *out_bytes, size_t size) {
    unsigned long at = 0;
    if (!address_fits(address, size)) {
        return STATUS_FAULT;
    }
    unsigned long mode = physical_mode(context);
    unsigned long satp = swap_translation(mode, 0);
    status_t status = copy_in(mode, (unsigned long)address.value, out_bytes, size, &at);
    swap_translation(mode, satp);
    return status;
}

status_t arch_guest_write_physical(const struct context *context, gpaddr_t address, const void *bytes, size_t size) {
    unsigned long at = 0;
    if (!address_fits(address, size)) {
        return STATUS_FAULT;
    }
    unsigned long mode = physical_mode(context);
    unsigned long satp = swap_translation(mode, 0);
    status_t status = copy_out(mode, (unsigned long)address.value, bytes, size, &at);
    swap_translation(mode, satp);
    return status;
}

/* The guest's MPP, SUM and MXR, the latter of VS-mode's own register where there is one. */
static unsigned long rights(const struct context *context) {
    unsigned long own = context->mstatus;
    if (__builtin_expect(context->is_virtual, false)) {
        own = (own & MSTATUS_MPP) | (csr_read(CSR_VSSTATUS) & ~MSTATUS_MPP);
    }
    return own & (MSTATUS_MPP | MSTATUS_SUM | MSTATUS_MXR);
}

void arch_guest_tables_open(const struct context *context, struct arch_guest_tables *out_tables) {
    out_tables->rights = rights(context);
    out_tables->mode = physical_mode(context);
    out_tables->satp = swap_translation(out_tables->mode, 0);
    trap_expect(arch_hart_self(), TRAP_GUEST);
}

void arch_guest_tables_close(const struct arch_guest_tables *tables) {
    trap_expect_none(arch_hart_self());
    swap_translation(tables->mode, tables->satp);
}

/* 0 where an entry cannot be read. */
static unsigned long load_entry(bool plain, unsigned long mode, gpaddr_t place) {
    unsigned long address = (unsigned long)place.value;
    if (address != place.value) {
        return 0;
    }
    return plain ? plain_load(mode, address, WORD_SIZE) : virtual_load(address, WORD_SIZE);
}

status_t arch_guest_tables_read(const struct arch_guest_tables *tables, struct arch_guest_entry *entry) {
    struct hart *hart = arch_hart_self();
    unsigned long value = load_entry(is_plain(tables->mode), tables->mode, entry->place);
    if (!trap_is_expected(hart)) {
        trap_expect(hart, TRAP_GUEST); /* for the next one */
        return STATUS_FAULT;
    }
    entry->value = value;
    return STATUS_OK;
}

/* An entry that cannot be read is 0, which is not the one wanted: there is no need to look for a trap each time. */
static bool hold(bool plain, unsigned long mode, const struct arch_guest_entry *entries, size_t count) {
    for (const struct arch_guest_entry *entry = entries; entry != entries + count; entry++) {
        if (load_entry(plain, mode, entry->place) != entry->value) {
            trap_expect(arch_hart_self(), TRAP_GUEST); /* for the next one, if it was a trap */
            return false;
        }
    }
    return true;
}

bool arch_guest_tables_hold(const struct arch_guest_tables *tables, const struct arch_guest_entry *entries,
                            size_t count) {
    return is_plain(tables->mode) ? hold(true, tables->mode, entries, count)
                                  : hold(false, MODE_VIRTUAL, entries, count);
}
