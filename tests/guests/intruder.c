/*
 * Reaches for everything that is not its own on QEMU's virt machine: the kernel, the devices, other guests. Each
 * attempt has to end in an access fault in this guest. Plain, through page tables that it makes itself, by a page table
 * that would lie in the kernel, and by asking the kernel to do it.
 */
#include "tests/guests/runtime/payload.h"

#include "tests/guests/foreign.h"
#include "tests/guests/innocent.h"

static unsigned attempts;

/* One attempt: a function that reaches for an address, and the cause that it has to end with. */
struct attack {
    const char *name;
    void (*reach)(void *address);
    unsigned long cause;
};

#define REACH(name, instructions)                                               \
    static void name(void *address) {                                           \
        unsigned long value = 0;                                                \
        __asm__ volatile(instructions : "+r"(value) : "r"(address) : "memory"); \
    }

#define FLOAT(text) ".option push\n.option arch, +f, +d\n" text "\n.option pop"

REACH(load_byte, "lb %0, (%1)")
REACH(load_half, "lhu %0, (%1)")
REACH(load_word, "lw %0, (%1)")
REACH(load_float, FLOAT("flw f0, (%1)"))
REACH(load_double, FLOAT("fld f0, (%1)"))
REACH(load_reserved, "lr.w %0, (%1)")
REACH(store_byte, "sb %0, (%1)")
REACH(store_half, "sh %0, (%1)")
REACH(store_word, "sw %0, (%1)")
REACH(store_float, FLOAT("fsw f0, (%1)"))
REACH(store_double, FLOAT("fsd f0, (%1)"))
REACH(add_atomically, "amoadd.w %0, %0, (%1)")
REACH(swap_atomically, "amoswap.w.aqrl %0, %0, (%1)")

static void fetch(void *address) {
    ((void (*)(void))address)();
}

static const struct attack attacks[] = {
    {"load of a byte", load_byte, CAUSE_LOAD_ACCESS},
    {"load of a word", load_word, CAUSE_LOAD_ACCESS},
    {"load of an FP double", load_double, CAUSE_LOAD_ACCESS},
    {"lr", load_reserved, CAUSE_LOAD_ACCESS},
    {"store of a byte", store_byte, CAUSE_STORE_ACCESS},
    {"store of a word", store_word, CAUSE_STORE_ACCESS},
    {"store of an FP double", store_double, CAUSE_STORE_ACCESS},
    {"amoadd", add_atomically, CAUSE_STORE_ACCESS},
    {"amoswap", swap_atomically, CAUSE_STORE_ACCESS},
    {"fetch", fetch, CAUSE_FETCH_ACCESS},
};

/* Those that are wider than a byte, at addresses that are no multiples of their size and where they end in the next
 * page: the fault is of the one kind or the other, whichever the hart sees first, and of one of their bytes. */
static const struct {
    struct attack attack;
    unsigned long misaligned;
    unsigned size;
} wide_attacks[] = {
    {{"load of a half", load_half, CAUSE_LOAD_ACCESS}, CAUSE_LOAD_MISALIGNED, 2},
    {{"load of a word", load_word, CAUSE_LOAD_ACCESS}, CAUSE_LOAD_MISALIGNED, 4},
    {{"load of an FP word", load_float, CAUSE_LOAD_ACCESS}, CAUSE_LOAD_MISALIGNED, 4},
    {{"load of an FP double", load_double, CAUSE_LOAD_ACCESS}, CAUSE_LOAD_MISALIGNED, 8},
    {{"lr", load_reserved, CAUSE_LOAD_ACCESS}, CAUSE_LOAD_MISALIGNED, 4},
    {{"store of a half", store_half, CAUSE_STORE_ACCESS}, CAUSE_STORE_MISALIGNED, 2},
    {{"store of a word", store_word, CAUSE_STORE_ACCESS}, CAUSE_STORE_MISALIGNED, 4},
    {{"store of an FP word", store_float, CAUSE_STORE_ACCESS}, CAUSE_STORE_MISALIGNED, 4},
    {{"store of an FP double", store_double, CAUSE_STORE_ACCESS}, CAUSE_STORE_MISALIGNED, 8},
    {{"amoadd", add_atomically, CAUSE_STORE_ACCESS}, CAUSE_STORE_MISALIGNED, 4},
};

static void attack_address(unsigned long address, const char *what) {
    for (size_t index = 0; index < sizeof attacks / sizeof attacks[0]; index++) {
        const struct attack *attack = &attacks[index];
        struct trap trap = trap_catch(attack->reach, (void *)address);
        attempts++;
        check_quietly(trap.came && trap.cause == attack->cause && trap.value == address,
                      "%s at %s 0x%lx: %s %lu, value 0x%lx", attack->name, what, address,
                      trap.came ? "cause" : "no trap", trap.cause, trap.value);
    }
}

static void attack_wide(unsigned long address, const char *what) {
    for (size_t index = 0; index < sizeof wide_attacks / sizeof wide_attacks[0]; index++) {
        const struct attack *attack = &wide_attacks[index].attack;
        struct trap trap = trap_catch(attack->reach, (void *)address);
        bool is_fault = trap.cause == attack->cause || trap.cause == wide_attacks[index].misaligned;
        attempts++;
        check_quietly(trap.came && is_fault && trap.value - address < wide_attacks[index].size,
                      "%s at %s 0x%lx: %s %lu, value 0x%lx", attack->name, what, address,
                      trap.came ? "cause" : "no trap", trap.cause, trap.value);
    }
}

static void attack_misaligned(unsigned long address, const char *what) {
    static const unsigned offsets[] = {1, 2, 3, 0xff9, 0xffd, 0xffe, 0xfff};
    for (size_t index = 0; index < sizeof offsets / sizeof offsets[0]; index++) {
        if (address % 0x1000 == 0) {
            attack_wide(address + offsets[index], what);
        }
    }
}

/* An SC without a reservation there may trap or fail. */
static void store_conditionally(void *address) {
    unsigned long own = 0;
    unsigned long result;
    __asm__ volatile("lr.w %0, (%2)\nsc.w %0, %1, (%3)" : "=&r"(result) : "r"(1ul), "r"(&own), "r"(address) : "memory");
    check_quietly(result != 0, "no SC at %p", address);
}

static void attack_conditionally(unsigned long address, const char *what) {
    struct trap trap = trap_catch(store_conditionally, (void *)address);
    attempts++;
    check_quietly(!trap.came || trap.cause == CAUSE_STORE_ACCESS, "SC at %s 0x%lx: cause %lu", what, address,
                  trap.cause);
}

/* Except for the one device that the guest has, at byte width; loads of others may not even be tried by the kernel. */
static void attack_devices(void) {
    static const unsigned long devices[] = {
        0,          /* nothing */
        0x1000,     /* boot ROM */
        0x100000,   /* the power switch */
        0x101000,   /* clock */
        0x2000000,  /* CLINT: IPIs */
        0x2004000,  /* timers */
        0xc000000,  /* PLIC */
        0x10000100, /* behind the UART */
        0x10001000, /* virtio */
        0x10100000, /* fw_cfg */
        0x20000000, /* flash */
        0x30000000, /* PCIe */
    };
    for (size_t index = 0; index < sizeof devices / sizeof devices[0]; index++) {
        attack_address(devices[index], "a device");
        attack_misaligned(devices[index], "a device");
        attack_conditionally(devices[index], "a device");
    }
}

static void attack_memory(const char *what) {
    unsigned long end = machine.memory_base + machine.memory_size;
    attack_address(machine.memory_base - 8, what);
    attack_address(end, what);
    attack_address(end + 0x1000, what);
    attack_misaligned(machine.memory_base - 0x2000, what);
    attack_misaligned(end, what);
    attack_conditionally(machine.memory_base - 8, what);
    attack_conditionally(end, what);
    for (unsigned long address = FOREIGN_KERNEL; address < FOREIGN_RAM_END; address += 0x200000) {
        if (!foreign_is_own(address)) {
            attack_address(address, what);
            attack_address(address + 0x1000, what);
            attack_conditionally(address, what);
        }
    }
}

/* Where one access is in the guest's RAM with one end and in somebody else's with the other. */
static void attack_edges(const char *what) {
    for (unsigned long back = 1; back < 8; back++) {
        unsigned long end = machine.memory_base + machine.memory_size;
        for (size_t index = 0; index < sizeof wide_attacks / sizeof wide_attacks[0]; index++) {
            const struct attack *attack = &wide_attacks[index].attack;
            if (back >= wide_attacks[index].size) {
                continue;
            }
            struct trap low = trap_catch(attack->reach, (void *)(machine.memory_base - back));
            struct trap high = trap_catch(attack->reach, (void *)(end - back));
            unsigned long other = wide_attacks[index].misaligned;
            attempts += 2;
            check_quietly(low.came && (low.cause == attack->cause || low.cause == other),
                          "%s into %s from %lu bytes before it: cause %lu", attack->name, what, back, low.cause);
            check_quietly(high.came && (high.cause == attack->cause || high.cause == other),
                          "%s out of %s, %lu bytes before its end: cause %lu", attack->name, what, back, high.cause);
        }
    }
}

/* It answers to loads and stores of bytes, and to nothing else; nor does what begins or ends in it. */
static void attack_uart(void) {
    for (size_t index = 0; index < sizeof attacks / sizeof attacks[0]; index++) {
        const struct attack *attack = &attacks[index];
        if (attack->reach == load_byte || attack->reach == store_byte) {
            continue;
        }
        struct trap trap = trap_catch(attack->reach, (void *)machine.uart);
        attempts++;
        check_quietly(trap.came && trap.cause == attack->cause && trap.value == machine.uart,
                      "%s at the UART: cause %lu, value 0x%lx", attack->name, trap.cause, trap.value);
    }
    for (unsigned long offset = 0; offset < 8; offset++) {
        attack_wide(machine.uart + offset, "the UART");
        attack_wide(machine.uart - offset, "the UART");
        attack_wide(machine.uart + 0x100 - offset, "the end of the UART");
    }
}

/* Behind a page table that is not in the guest's RAM. Which access it was is not said by every hart: with two stages,
 * QEMU 7.2 calls the walk of any access a load. */
static void attack_walk(unsigned long address) {
    for (size_t index = 0; index < sizeof attacks / sizeof attacks[0]; index++) {
        struct trap trap = trap_catch(attacks[index].reach, (void *)address);
        bool is_access_fault = trap.cause == attacks[index].cause || trap.cause == CAUSE_LOAD_ACCESS;
        attempts++;
        check_quietly(trap.came && is_access_fault && trap.value == address, "%s behind a foreign page table: %s %lu",
                      attacks[index].name, trap.came ? "cause" : "no trap", trap.cause);
    }
}

/* The kernel walks there, too, to see whether it is the UART that was meant: by a table in the kernel, behind the
 * guest's RAM, in devices, and in the UART. */
static void attack_walks(void) {
    const unsigned long tables[] = {
        foreign_table(), machine.memory_base + machine.memory_size, machine.uart, 0, 0x2000000, 0xc000000,
    };
    for (size_t index = 0; index < sizeof tables / sizeof tables[0]; index++) {
        foreign_move_table(tables[index]);
        attack_walk(FOREIGN_WALK);
    }
}

static void attack_through_tables(void) {
    foreign_tables_on();
    attack_memory("translated memory");
    attack_edges("translated memory");
    attack_devices();
    attack_uart();
    check((((volatile uint8_t *)machine.uart)[5] & 0x20) != 0, "its own UART is there through page tables");
    attack_walks();
    foreign_tables_off();
}

#define ATTACK_CSR(csr)              \
    static void read_##csr(void *) { \
        (void)csr_read(csr);         \
    }

ATTACK_CSR(mhartid)
ATTACK_CSR(mstatus)
ATTACK_CSR(mtvec)
ATTACK_CSR(mip)
ATTACK_CSR(pmpcfg0)
ATTACK_CSR(pmpaddr0)
ATTACK_CSR(0x600) /* hstatus */
ATTACK_CSR(0x680) /* hgatp */
ATTACK_CSR(0x280) /* vsatp */

#define ATTACK_INSTRUCTION(name, text)                                                                        \
    static void name(void *) {                                                                                \
        unsigned long value = machine.memory_base;                                                            \
        __asm__ volatile(".option push\n.option arch, +h\n" text "\n.option pop" : "+r"(value) : : "memory"); \
    }

/* A hypervisor's: a guest is none, whatever it runs in. */
ATTACK_CSR(0x200) /* vsstatus */
ATTACK_CSR(0x602) /* hedeleg */
ATTACK_CSR(0x645) /* hvip */
ATTACK_INSTRUCTION(load_virtually, "hlv.w %0, (%0)")
ATTACK_INSTRUCTION(fetch_virtually, "hlvx.hu %0, (%0)")
ATTACK_INSTRUCTION(store_virtually, "hsv.b %0, (%0)")
ATTACK_INSTRUCTION(fence_guests, "hfence.gvma")
ATTACK_INSTRUCTION(fence_virtually, "hfence.vvma")

static void open_memory(void *) {
    csr_write(pmpcfg0, 0x1f);
}

static void return_to_machine(void *) {
    __asm__ volatile("mret");
}

static void attack_privilege(void) {
    static void (*const instructions[])(void *) = {
        read_mhartid,    read_mstatus, read_mtvec,      read_mip,    read_pmpcfg0,      read_pmpaddr0,  read_0x600,
        read_0x680,      read_0x280,   read_0x200,      read_0x602,  read_0x645,        load_virtually, fetch_virtually,
        store_virtually, fence_guests, fence_virtually, open_memory, return_to_machine,
    };
    for (size_t index = 0; index < sizeof instructions / sizeof instructions[0]; index++) {
        struct trap trap = trap_catch(instructions[index], nullptr);
        attempts++;
        check(trap.came && trap.cause == CAUSE_ILLEGAL_INSTRUCTION, "privileged instruction %u is illegal",
              (unsigned)index);
    }
}

static void check_description(void) {
    check(!machine_has_extension("h"), "no hart is said to have the H extension");
}

static void ask(unsigned long address, unsigned long size) {
    struct sbi_result write = SBI(SBI_DBCN, SBI_DBCN_WRITE, size, address);
    struct sbi_result read = SBI(SBI_DBCN, SBI_DBCN_READ, size, address);
    struct sbi_result start = SBI(SBI_HSM, SBI_HSM_HART_START, 1, address);
    struct sbi_result resume = SBI(SBI_HSM, SBI_HSM_HART_SUSPEND, 0x80000000, address);
    attempts += 4;
    check_quietly(write.error == SBI_ERR_INVALID_PARAM, "the kernel does not print 0x%lx: %ld", address, write.error);
    check_quietly(read.error == SBI_ERR_INVALID_PARAM, "the kernel does not read into 0x%lx: %ld", address, read.error);
    check_quietly(start.error == SBI_ERR_INVALID_ADDRESS, "no hart starts at 0x%lx: %ld", address, start.error);
    check_quietly(resume.error == SBI_ERR_INVALID_ADDRESS, "no hart resumes at 0x%lx: %ld", address, resume.error);
}

static void attack_by_asking(void) {
    unsigned long end = machine.memory_base + machine.memory_size;
    if (!foreign_is_own(FOREIGN_KERNEL)) {
        ask(FOREIGN_KERNEL, 16);
    }
    ask(machine.memory_base - 2, 16);
    ask(end, 16);
    ask(end - 1, 16);
    ask(machine.uart, 1);
    ask(0, 16);
    ask(-16ul, 16);
    ask(machine.memory_base - 2, -1ul);
}

static void attack_everything(void) {
    attack_devices();
    attack_memory("memory");
    attack_edges("memory");
    attack_uart();
    attack_through_tables();
    attack_privilege();
    attack_by_asking();
}

/* With rounds=N in the boot arguments so often, from when an innocent guest measures its share. */
void payload_main(void) {
    uint64_t rounds = machine_number("rounds", 1);
    csr_set(sstatus, SSTATUS_FS_INITIAL);
    check_description();
    if (rounds > 1) {
        timer_wait_ms(INNOCENT_READY_MS);
    }
    for (uint64_t round = 0; round < rounds; round++) {
        attack_everything();
    }
    print("%u attempts trapped or were refused", attempts);
}
