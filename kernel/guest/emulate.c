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
};

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
    bool is_high = (instruction & ~RD_MASK) == RDTIMEH;
    uint64_t now = timer_now();
    write_register(vcpu, (instruction & RD_MASK) >> RD_SHIFT, (unsigned long)(is_high ? now >> 32 : now));
    step_over(vcpu, 4);
    return true;
}

bool emulate_knows(uint32_t instruction) {
    uint32_t without_register = instruction & ~RD_MASK;
    return instruction == WFI || instruction == WRS_NTO || without_register == RDTIME || without_register == RDTIMEH;
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
    uint32_t without_register = instruction & ~RD_MASK;
    if (without_register == RDTIME || (XLEN == 32 && without_register == RDTIMEH)) {
        return emulate_time(vcpu, instruction);
    }
    return false;
}

static status_t read_pte(void *reader, gpaddr_t address, size_t size, uint64_t *out_pte) {
    struct vcpu *vcpu = reader;
    uint64_t pte = 0;
    status_t status = guest_owns(vcpu->guest, address, size)
                          ? arch_guest_read_physical(&vcpu->context, address, &pte, size)
                          : STATUS_FAULT;
    if (status == STATUS_OK) {
        *out_pte = pte;
    }
    return status;
}

/* The guest-physical address behind a virtual one. */
static bool translate(struct vcpu *vcpu, unsigned long address, bool is_store, gpaddr_t *out_address) {
    unsigned long satp = arch_context_satp();
    struct walk_context walk = {
        .scheme = walk_scheme_of_satp(satp, XLEN),
        .root = walk_root_of_satp(satp, XLEN),
        .is_user = !context_is_supervisor(&vcpu->context),
        .sum = context_has_sum(&vcpu->context),
        .mxr = context_has_mxr(&vcpu->context),
        .has_napot = isa_has(&vcpu->guest->isa, ISA_SVNAPOT),
    };
    struct walk_result result;
    if (walk.scheme == nullptr ||
        walk_translate(&walk, address, is_store ? WALK_STORE : WALK_LOAD, read_pte, vcpu, &result) != STATUS_OK) {
        return false;
    }
    *out_address = result.address;
    return true;
}

static bool is_uart(gpaddr_t address) {
    return address.value - DEVICE_UART_BASE < DEVICE_UART_SIZE;
}

/*
 * Whether an instruction makes another access than the one that trapped: a hart of the guest has replaced it since, and
 * what is there now is executed by the guest itself. Neither what is no access that is known here nor FP accesses,
 * whose encodings have other meanings, too (decode/insn.h): those would trap and be executed again for ever. Addresses
 * are compared as far as they go in user mode with the smaller width (sstatus.UXL).
 */
static bool is_replaced(const struct vcpu *vcpu, uint32_t instruction, const struct insn_access *access,
                        const struct guest_trap *trap, bool is_store) {
    if ((access->kind != INSN_LOAD && access->kind != INSN_STORE) || access->is_float) {
        return false;
    }
    struct insn_place place = insn_place(instruction, access);
    unsigned long first = read_register(vcpu, place.base_index) + (unsigned long)place.offset;
    return access->is_store != is_store || (uint32_t)(trap->value - first) >= access->size;
}

/* The value that a load puts into its register. */
static unsigned long extend(const struct insn_access *access, uint64_t value) {
    if (access->sign_extend && access->size < 8) {
        unsigned shift = 64 - access->size * 8u;
        return (unsigned long)((int64_t)(value << shift) >> shift);
    }
    return (unsigned long)value;
}

bool emulate_device(struct vcpu *vcpu, struct guest_trap *trap) {
    gpaddr_t address;
    uint32_t instruction;
    bool is_store = trap->cause == CAUSE_STORE_ACCESS;
    if (!translate(vcpu, trap->value, is_store, &address) || !is_uart(address)) {
        return false;
    }
    if (arch_guest_fetch(&vcpu->context, &instruction) != STATUS_OK) {
        return true; /* gone since: the guest executes what is there now, or faults on it */
    }
    struct insn_access access = insn_decode(instruction, XLEN);
    if (is_replaced(vcpu, instruction, &access, trap, is_store)) {
        return true;
    }
    if (access.kind != (is_store ? INSN_STORE : INSN_LOAD) || access.size != 1 || access.is_float) {
        return false; /* the device answers to byte accesses only */
    }
    uint64_t offset = address.value - DEVICE_UART_BASE;
    if (is_store) {
        vuart_write(&vcpu->guest->vuart, offset, (uint8_t)read_register(vcpu, access.register_index));
        kernel_console_kick(vcpu->hart);
    } else {
        write_register(vcpu, access.register_index, extend(&access, vuart_read(&vcpu->guest->vuart, offset)));
    }
    step_over(vcpu, access.length);
    return true;
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
    if (is_replaced(vcpu, instruction, &access, trap, is_store)) {
        return true;
    }
    if (access.kind != (is_store ? INSN_STORE : INSN_LOAD) || access.size > 8 ||
        (access.is_float && !context_has_float_on(&vcpu->context))) {
        return false; /* atomics have to be aligned */
    }
    status_t status = is_store ? misaligned_store(vcpu, &access, trap->value, trap)
                               : misaligned_load(vcpu, &access, trap->value, trap);
    if (status != STATUS_OK) {
        return false; /* *trap is now the fault of the byte that could not be reached */
    }
    step_over(vcpu, access.length);
    return true;
}
