/* Emulation by reading the guest's instruction and doing what it says. */
#include "kernel/guest/emulate.h"

#include <string.h>

#include "kernel/arch/guest_memory.h"
#include "kernel/decode/insn.h"
#include "kernel/decode/walk.h"
#include "kernel/dev/kernel_console.h"
#include "kernel/guest/devices.h"
#include "kernel/guest/guest.h"
#include "kernel/irq/timer.h"
#include "kernel/sched/sched.h"

enum { XLEN = sizeof(unsigned long) * 8 };

/* Privileged instructions that come here (priv. spec, "RISC-V Privileged Instruction Set Listings"; unpriv. spec,
 * Zicntr). */
enum : uint32_t {
    WFI = 0x10500073,
    WRS_NTO = 0x00d00073, /* Zawrs: waits for a store by another hart, traps like WFI while TW is set */
    RDTIME = 0xc0102073,  /* csrrs rd, time, x0 */
    RDTIMEH = 0xc8102073, /* csrrs rd, timeh, x0 */
    RD_MASK = 0x00000f80,
    RD_SHIFT = 7,
    FORM_MASK = 0x00005000, /* tells csrrs, csrrc, csrrsi and csrrci apart: of nothing, all of them just read */
};

static uint32_t read_of_what(uint32_t instruction) {
    return instruction & ~(RD_MASK | FORM_MASK);
}

static void step_over(struct vcpu *vcpu, unsigned length) {
    vcpu->context.pc += length;
}

static void write_register(struct vcpu *vcpu, unsigned index, unsigned long value) {
    if (index != 0) {
        vcpu->context.x[index] = value;
    }
}

static unsigned long read_register(const struct vcpu *vcpu, unsigned index) {
    return index != 0 ? vcpu->context.x[index] : 0;
}

static bool emulate_wfi(struct vcpu *vcpu) {
    if (!context_is_supervisor(&vcpu->context)) {
        return false; /* in user mode it is illegal when it would have to wait (priv. spec, "Wait for Interrupt") */
    }
    step_over(vcpu, 4);
    if (arch_context_wakeups() == 0) {
        sched_wait(vcpu);
    }
    return true;
}

/* A wait that may end at any time ends now; who it waits for may be behind us in the queue. TW is ours, so user mode
 * may do it too. */
static bool emulate_wrs(struct vcpu *vcpu) {
    step_over(vcpu, 4);
    sched_give_way(vcpu->hart);
    return true;
}

/* On harts without a time CSR every read comes here; scounteren.TM decides about user mode as it would there. */
static bool emulate_time(struct vcpu *vcpu, uint32_t instruction) {
    if (hart_has(vcpu->hart, HART_TIME) ||
        (!context_is_supervisor(&vcpu->context) && !arch_context_shows_time_to_user())) {
        return false;
    }
    bool is_high = read_of_what(instruction) == RDTIMEH;
    uint64_t now = timer_now();
    write_register(vcpu, (instruction & RD_MASK) >> RD_SHIFT, (unsigned long)(is_high ? now >> 32 : now));
    step_over(vcpu, 4);
    return true;
}

bool emulate_knows(uint32_t instruction) {
    uint32_t read = read_of_what(instruction);
    return instruction == WFI || instruction == WRS_NTO || read == RDTIME || read == RDTIMEH;
}

bool emulate_instruction(struct vcpu *vcpu, struct guest_trap *trap) {
    /* mtval may hold the instruction, or 0 (priv. spec 3.1.16). */
    uint32_t instruction = (uint32_t)trap->value;
    if (instruction == 0 && arch_guest_fetch(&vcpu->context, &instruction) != STATUS_OK) {
        return false;
    }
    if (instruction == WFI) {
        return emulate_wfi(vcpu);
    }
    if (instruction == WRS_NTO && isa_has(&vcpu->guest->isa, ISA_ZAWRS)) {
        return emulate_wrs(vcpu);
    }
    uint32_t read = read_of_what(instruction);
    if (read == RDTIME || (XLEN == 32 && read == RDTIMEH)) {
        return emulate_time(vcpu, instruction);
    }
    return false;
}

enum { PAGE_BITS = 12 };
static_assert(DEVICE_UART_BASE % (1 << PAGE_BITS) == 0 && DEVICE_UART_SIZE <= 1 << PAGE_BITS,
              "one page tells the UART from all else");

static unsigned long uart_offset(unsigned long address) {
    return address % (1ul << PAGE_BITS);
}

/* Where a walk reads, and what it has read. */
struct walk_reader {
    const struct arch_guest_tables *tables;
    struct known_access *known;
};

/* Where the PTE lies is not looked at: it is read as the guest, which gets no further than its own memory. Its size is
 * that of a register, since a guest is as wide as its hart. */
static status_t read_pte(void *reader, gpaddr_t address, size_t, uint64_t *out_pte) {
    const struct walk_reader *walk = reader;
    struct known_access *known = walk->known;
    struct arch_guest_entry entry = {.place = address};
    bool has_room = known->count < KNOWN_ENTRIES_MAX; /* no scheme has more levels */
    status_t status = has_room ? arch_guest_tables_read(walk->tables, &entry) : STATUS_FAULT;
    if (status == STATUS_OK) {
        known->entries[known->count++] = entry;
        *out_pte = entry.value;
    }
    return status;
}

/* Walks the guest's page tables from their root to the page of an address. Whether that is the UART's. */
static bool walk_to_page(const struct vcpu *vcpu, const struct arch_guest_tables *tables, unsigned long address,
                         enum walk_access access, struct known_access *known) {
    struct walk_context walk = {
        .scheme = walk_scheme_of_satp(tables->satp, XLEN),
        .root = walk_root_of_satp(tables->satp, XLEN),
        .is_user = !context_is_supervisor(&vcpu->context),
        .sum = context_has_sum(&vcpu->context),
        .mxr = context_has_mxr(&vcpu->context),
        .has_napot = isa_has(&vcpu->guest->isa, ISA_SVNAPOT),
    };
    struct walk_reader reader = {.tables = tables, .known = known};
    struct walk_result result;
    known->satp = tables->satp;
    known->rights = tables->rights;
    known->page = address >> PAGE_BITS;
    known->count = 0;
    bool is_uart = walk.scheme != nullptr &&
                   walk_translate(&walk, address, access, read_pte, &reader, &result) == STATUS_OK &&
                   result.address.value >> PAGE_BITS == DEVICE_UART_BASE >> PAGE_BITS;
    known->count = is_uart ? known->count : 0;
    return is_uart;
}

[[gnu::noinline]] static bool learn_page(const struct vcpu *vcpu, unsigned long address, enum walk_access access,
                                         struct known_access *known) {
    struct arch_guest_tables tables;
    arch_guest_tables_open(&vcpu->context, &tables);
    bool is_uart = walk_to_page(vcpu, &tables, address, access, known);
    arch_guest_tables_close(&tables);
    return is_uart;
}

/* Whether a walk would lead to the UART's page again. */
static bool is_page_known(const struct vcpu *vcpu, unsigned long address, const struct known_access *known) {
    struct arch_guest_tables tables;
    arch_guest_tables_open(&vcpu->context, &tables);
    bool is_known = known->count != 0 && known->satp == tables.satp && known->rights == tables.rights &&
                    known->page == address >> PAGE_BITS &&
                    arch_guest_tables_hold(&tables, known->entries, known->count);
    arch_guest_tables_close(&tables);
    return is_known;
}

/* Whether it is the UART that was reached for. */
static bool is_uart(const struct vcpu *vcpu, unsigned long address, enum walk_access access,
                    struct known_access *known) {
    return uart_offset(address) < DEVICE_UART_SIZE &&
           (is_page_known(vcpu, address, known) || learn_page(vcpu, address, access, known));
}

/* Whether an access does not lie at an address. Compared as far as addresses go in user mode with the smaller width
 * (sstatus.UXL). */
static bool is_elsewhere(const struct vcpu *vcpu, struct insn_place place, unsigned size, unsigned long address) {
    unsigned long first = read_register(vcpu, place.base_index) + (unsigned long)place.offset;
    return (uint32_t)(address - first) >= size;
}

/*
 * Whether an instruction makes another access than the one that trapped: a hart of the guest has replaced it since, and
 * what is there now is executed by the guest itself. Neither what is no access that is known here nor FP accesses,
 * whose encodings have other meanings, too (decode/insn.h): those would trap and be executed again for ever. A fault
 * may be that of any of the `size` bytes from the access's address on.
 */
static bool is_replaced(const struct vcpu *vcpu, const struct insn_access *access, struct insn_place place,
                        unsigned size, const struct guest_trap *trap, bool is_store) {
    return (access->kind == INSN_LOAD || access->kind == INSN_STORE) && !access->is_float &&
           (access->is_store != is_store || is_elsewhere(vcpu, place, size, trap->value));
}

[[gnu::noinline]] static void learn_instruction(uint32_t instruction, enum insn_kind kind, struct known_access *known) {
    struct insn_access access = insn_decode(instruction, XLEN);
    bool has_place = access.kind == INSN_LOAD || access.kind == INSN_STORE;
    known->instruction = instruction;
    known->is_for_uart = access.kind == kind && access.size == 1 && !access.is_float;
    known->access = access;
    known->place = has_place ? insn_place(instruction, &access) : (struct insn_place){};
    known->registers = 1u << access.register_index | 1u << known->place.base_index;
}

/* A part of its caller, which a call would make longer by a tenth. */
[[gnu::always_inline]] static inline void do_access(struct vcpu *vcpu, const struct insn_access *access,
                                                    unsigned long offset) {
    struct vuart *vuart = &vcpu->guest->vuart;
    if (!access->is_store) {
        uint8_t byte = vuart_read(vuart, offset);
        write_register(vcpu, access->register_index, access->sign_extend ? (unsigned long)(int8_t)byte : byte);
    } else if (vuart_write(vuart, offset, (uint8_t)read_register(vcpu, access->register_index))) {
        kernel_console_kick(vcpu->hart);
    }
    step_over(vcpu, access->length);
}

bool emulate_device(struct vcpu *vcpu, const struct guest_trap *trap, uint32_t registers) {
    uint32_t instruction;
    bool is_store = trap->cause == CAUSE_STORE_ACCESS;
    struct known_access *known = is_store ? &vcpu->known_store : &vcpu->known_load;
    if (!is_uart(vcpu, trap->value, is_store ? WALK_STORE : WALK_LOAD, known)) {
        return false;
    }
    if (arch_guest_fetch(&vcpu->context, &instruction) != STATUS_OK) {
        return true; /* gone since: the guest executes what is there now, or faults on it */
    }
    if (instruction != known->instruction) {
        learn_instruction(instruction, is_store ? INSN_STORE : INSN_LOAD, known);
    }
    if ((known->registers & ~registers) != 0) {
        return false;
    }
    if (!known->is_for_uart) {
        return is_replaced(vcpu, &known->access, known->place, known->access.size, trap,
                           is_store); /* it answers to bytes only */
    }
    if (!is_elsewhere(vcpu, known->place, 1, trap->value)) {
        do_access(vcpu, &known->access, uart_offset(trap->value));
    }
    return true;
}

/* The value that a load puts into its register. */
static unsigned long extend(const struct insn_access *access, uint64_t value) {
    if (access->sign_extend && access->size < 8) {
        unsigned shift = 64 - access->size * 8u;
        return (unsigned long)((int64_t)(value << shift) >> shift);
    }
    return (unsigned long)value;
}

/* FP values narrower than the register are NaN-boxed (unpriv. spec, "NaN Boxing of Narrower Values"). */
static uint64_t box(uint64_t value, unsigned size) {
    return size == 8 ? value : value | UINT64_MAX << (size * 8);
}

static status_t misaligned_load(struct vcpu *vcpu, const struct insn_access *access, unsigned long address,
                                struct guest_trap *fault) {
    uint64_t value = 0;
    status_t status = arch_guest_read(&vcpu->context, address, &value, access->size, &fault->cause, &fault->value);
    if (status != STATUS_OK) {
        return status;
    }
    if (access->is_float) {
        arch_context_float_write(&vcpu->context, access->register_index, box(value, access->size));
    } else {
        write_register(vcpu, access->register_index, extend(access, value));
    }
    return STATUS_OK;
}

static status_t misaligned_store(struct vcpu *vcpu, const struct insn_access *access, unsigned long address,
                                 struct guest_trap *fault) {
    uint64_t value = access->is_float ? arch_context_float_read(&vcpu->context, access->register_index)
                                      : read_register(vcpu, access->register_index);
    return arch_guest_write(&vcpu->context, address, &value, access->size, &fault->cause, &fault->value);
}

bool emulate_misaligned(struct vcpu *vcpu, struct guest_trap *trap) {
    uint32_t instruction;
    bool is_store = trap->cause == CAUSE_STORE_MISALIGNED;
    if (arch_guest_fetch(&vcpu->context, &instruction) != STATUS_OK) {
        return true; /* gone since: the guest executes what is there now, or faults on it */
    }
    struct insn_access access = insn_decode(instruction, XLEN);
    if (access.kind != INSN_LOAD && access.kind != INSN_STORE) {
        return false; /* atomics have to be aligned */
    }
    /* That an access is misaligned is said of its own address. */
    if (is_replaced(vcpu, &access, insn_place(instruction, &access), 1, trap, is_store)) {
        return true;
    }
    if (access.is_store != is_store || access.size > 8 || (access.is_float && !context_has_float_on(&vcpu->context))) {
        return false;
    }
    if (access.is_float && access.length == 2 && access.size == 8 && isa_has(&vcpu->guest->isa, ISA_ZCMP)) {
        return false; /* a cm.push or the like (decode/insn.h), which the hart would do as several accesses */
    }
    status_t status = is_store ? misaligned_store(vcpu, &access, trap->value, trap)
                               : misaligned_load(vcpu, &access, trap->value, trap);
    if (status != STATUS_OK) {
        return false; /* *trap is now the fault of the byte that could not be reached */
    }
    step_over(vcpu, access.length);
    return true;
}
