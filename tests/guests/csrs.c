/*
 * Everything that instructions can name and this guest was not given: all CSRs by their numbers, all instructions of
 * the SYSTEM opcode, and those of custom opcodes; from supervisor and from user mode. Each has to be an illegal
 * instruction, with itself or 0 in stval, but for what the table of CSRs says. What may be written is written with
 * anything, too.
 */
#include "tests/guests/runtime/payload.h"

#include "tests/guests/innocent.h"

enum {
    SPACE = 4096, /* of CSR numbers, and of the same bits in other instructions */
    WRITES = 200, /* to each CSR that may be written */
    XLEN = sizeof(unsigned long) * 8,
};

enum : uint32_t {
    RET = 0x00008067,
    ECALL = 0x00000073,
    CSRRS_A0_X0 = 0x00002573,
    CSRRW_A0_A0 = 0x00051573,
    CSRRW_T0_A0 = 0x000512f3,
    CSRRW_A0_T0 = 0x00029573,
    SYSTEM = 0x00000073,
    SYSTEM_VIRTUAL = 0x00054573, /* hlv, hlvx and hsv, at a0 */
    SPACE_SHIFT = 20,
};

enum : unsigned { SATP = 0x180, SSCRATCH = 0x140 };

/* ALWAYS: of S-mode itself. IF_TOLD: if the device tree names the extension. MAYBE: the hart has it or not. */
enum right { ALWAYS, IF_TOLD, MAYBE };

struct given {
    unsigned first;
    unsigned last;
    enum right right;
    const char *extension;
    unsigned xlens; /* 32, 64, or both: 96 */
};

static const struct given given[] = {
    {0x001, 0x003, IF_TOLD, "f", 96},                                    /* fflags, frm, fcsr */
    {0x100, 0x100, ALWAYS, "", 96},                                      /* sstatus */
    {0x104, 0x106, ALWAYS, "", 96},                                      /* sie, stvec, scounteren */
    {0x10a, 0x10a, MAYBE, "", 96},                                       /* senvcfg */
    {0x10c, 0x10c, MAYBE, "", 96},                                       /* sstateen0, of which nothing can be set */
    {0x140, 0x144, ALWAYS, "", 96},                                      /* sscratch, sepc, scause, stval, sip */
    {0x14d, 0x14d, IF_TOLD, "sstc", 96},                                 /* stimecmp */
    {0x15d, 0x15d, IF_TOLD, "sstc", 32},                                 /* stimecmph */
    {SATP, SATP, ALWAYS, "", 96},        {0xc00, 0xc02, ALWAYS, "", 96}, /* cycle, time, instret */
    {0xc80, 0xc82, ALWAYS, "", 32},                                      /* their upper halves */
    {0xda0, 0xda0, MAYBE, "", 96}, /* scountovf, which shows nothing of counters that a guest has not */
};

/* Each with what ends it. */
static uint32_t slots[SPACE][2];

static uint64_t random_state = 0x2545f4914f6cdd1d;

static unsigned long random_next(void) {
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (unsigned long)(random_state >> 16);
}

/* Fields of CSR numbers (priv. spec, "CSR Address Mapping Conventions"). */
static bool is_read_only(unsigned number) {
    return number >> 10 == 3;
}

static bool is_for_users(unsigned number) {
    return (number >> 8 & 3) == 0;
}

static const struct given *find(unsigned number) {
    for (size_t index = 0; index < sizeof given / sizeof given[0]; index++) {
        const struct given *row = &given[index];
        if (number >= row->first && number <= row->last && (row->xlens & XLEN) != 0) {
            return row;
        }
    }
    return nullptr;
}

static bool is_given(unsigned number) {
    const struct given *row = find(number);
    return row != nullptr && (row->right == ALWAYS || (row->right == IF_TOLD && machine_has_extension(row->extension)));
}

static bool is_perhaps_given(unsigned number) {
    const struct given *row = find(number);
    return row != nullptr && row->right == MAYBE;
}

static void fill(uint32_t instruction, uint32_t end) {
    for (uint32_t index = 0; index < SPACE; index++) {
        slots[index][0] = instruction | index << SPACE_SHIFT;
        slots[index][1] = end;
    }
    __asm__ volatile("fence.i" : : : "memory");
}

/* Executes a slot with a value in a0. */
static struct trap run(unsigned index, bool as_user, unsigned long value) {
    void (*function)(void *argument) = (void (*)(void *))(uintptr_t)slots[index];
    return as_user ? user_catch(function, (void *)value) : trap_catch(function, (void *)value);
}

static void check_illegal(unsigned index, const struct trap *trap, const char *what) {
    uint32_t word = slots[index][0];
    check_quietly(trap->came && trap->cause == CAUSE_ILLEGAL_INSTRUCTION && (trap->value == word || trap->value == 0) &&
                      trap->pc == (unsigned long)(uintptr_t)slots[index],
                  "%s 0x%x is illegal: %s %lu, value 0x%lx", what, index, trap->came ? "cause" : "no trap", trap->cause,
                  trap->value);
}

/* The end of a slot was reached. */
static void check_legal(unsigned index, const struct trap *trap, bool as_user) {
    check_quietly(as_user ? trap->cause == CAUSE_ECALL_U : !trap->came, "CSR 0x%x is given: cause %lu", index,
                  trap->cause);
}

/* Reads with csrrs do not write (unpriv. spec, "Zicsr"); writes are tried on what must not be there only. */
static void probe_csrs(bool as_user, bool writes) {
    unsigned seen = 0;
    fill(writes ? CSRRW_A0_A0 : CSRRS_A0_X0, as_user ? ECALL : RET);
    for (unsigned number = 0; number < SPACE; number++) {
        bool is_reachable = !(writes && is_read_only(number)) && !(as_user && !is_for_users(number));
        bool is_there = is_reachable && is_given(number);
        if (is_reachable && (is_perhaps_given(number) || (is_there && writes))) {
            continue;
        }
        struct trap trap = run(number, as_user, random_next());
        if (is_there) {
            check_legal(number, &trap, as_user);
        } else {
            check_illegal(number, &trap, writes ? "write of CSR" : "read of CSR");
        }
        seen += !trap.came || trap.cause == CAUSE_ECALL_U;
    }
    print("%u CSRs %s from %s mode", seen, writes ? "were written" : "can be read", as_user ? "user" : "supervisor");
}

/* Of S-mode: ecall, ebreak, wrs.nto, wrs.sto, sret, wfi, and fences of translations. */
static bool is_supervisor_instruction(unsigned index) {
    return index <= 1 || index == 0x00d || index == 0x01d || index == 0x102 || index == 0x105 ||
           (index >= 0x120 && index < 0x140) || (index >= 0x160 && index < 0x182);
}

/* Zimop has its instructions in gaps of the hypervisor's: mop.r.n and mop.rr.n. */
static bool is_may_be_operation(unsigned index) {
    return machine_has_extension("zimop") && ((index & 0xb3c) == 0x81c || (index & 0xb20) == 0x820);
}

static void probe_system(bool as_user) {
    unsigned long address = (unsigned long)(uintptr_t)slots;
    fill(SYSTEM, as_user ? ECALL : RET);
    for (unsigned index = 0; index < SPACE; index++) {
        if (!is_supervisor_instruction(index)) {
            struct trap trap = run(index, as_user, address);
            check_illegal(index, &trap, "privileged instruction");
        }
    }
    fill(SYSTEM_VIRTUAL, as_user ? ECALL : RET);
    for (unsigned index = 0; index < SPACE; index++) {
        if (!is_may_be_operation(index)) {
            struct trap trap = run(index, as_user, address);
            check_illegal(index, &trap, "hypervisor's access");
        }
    }
}

/* Registers and functions at random. */
static void probe_custom(bool as_user) {
    static const uint32_t opcodes[] = {0x0b, 0x2b, 0x5b, 0x7b};
    fill(0, as_user ? ECALL : RET);
    for (unsigned index = 0; index < SPACE; index++) {
        slots[index][0] = (uint32_t)random_next() << 7 | opcodes[index % 4];
    }
    __asm__ volatile("fence.i" : : : "memory");
    for (unsigned index = 0; index < SPACE; index++) {
        struct trap trap = run(index, as_user, 0);
        check_illegal(index, &trap, "custom instruction");
    }
}

static unsigned long value_for(unsigned number) {
    unsigned long value = random_next();
    unsigned mode_bits = XLEN == 64 ? 4 : 1;
    return number == SATP ? value << mode_bits >> mode_bits : value; /* no tables to go on with */
}

static unsigned long swap(unsigned number, unsigned long value) {
    static uint32_t code[4];
    code[0] = CSRRW_T0_A0 | number << SPACE_SHIFT; /* and back: the next instruction may already need the old one */
    code[1] = CSRRW_A0_T0 | number << SPACE_SHIFT;
    code[2] = RET;
    __asm__ volatile("fence.i" : : : "memory");
    return ((unsigned long (*)(unsigned long))(uintptr_t)code)(value);
}

static bool exists(unsigned number) {
    return is_given(number) || (is_perhaps_given(number) && !run(number, false, 0).came);
}

static void write_given(void) {
    unsigned written = 0;
    fill(CSRRS_A0_X0, RET);
    csr_write(sie, 0);
    for (unsigned number = 0; number < SPACE; number++) {
        if (is_read_only(number) || !exists(number)) {
            continue;
        }
        for (unsigned round = 0; round < WRITES; round++) {
            unsigned long value = value_for(number);
            unsigned long seen = swap(number, value);
            check_quietly(number != SSCRATCH || seen == value, "sscratch holds what is written");
        }
        written++;
    }
    print("%u CSRs were written with anything", written);
}

/* With "later" in the boot arguments, from when an innocent guest measures its share. */
void payload_main(void) {
    if (machine_has_extension("f")) {
        csr_set(sstatus, SSTATUS_FS_INITIAL);
    }
    if (machine_has_word("later")) {
        timer_wait_ms(INNOCENT_READY_MS);
    }
    for (unsigned as_user = 0; as_user < 2; as_user++) {
        probe_csrs(as_user, false);
        probe_csrs(as_user, true);
        probe_system(as_user);
        probe_custom(as_user);
    }
    write_given();
}
