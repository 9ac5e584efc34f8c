/*
 * Leaves a secret wherever a guest can leave one, and looks wherever a guest can look for somebody else's: at its
 * start, and whenever the other guest of the hart may have run. Two of these beside each other have secrets of their
 * own, by the first character of their boot arguments; what is not one's own secret then is the other's.
 *
 * Goes on until a key says how to end: r: reboot; c: crash; q: the end, with all checks. A life that begins after
 * another one has to find nothing of that either.
 */
#include "tests/guests/runtime/payload.h"

#include <libfdt.h>

#include "tests/guests/foreign.h"

enum { HOLD_MS = 6, FCSR = 0x61, REGISTERS = 32, GROUPS = 4, VECTOR_SIZE_MAX = 65536 };

enum : unsigned long {
    STATUS_VS = 3ul << 9,
    STATUS_VS_INITIAL = 1ul << 9,
    STATUS_SUM = 1ul << 18,
    STATUS_MXR = 1ul << 19
};

enum { ASID_SHIFT = sizeof(unsigned long) == 8 ? 44 : 22 };

#define CSR_SENVCFG 0x10a
#define SENVCFG_FIOM 1ul
#define CSR_JVT 0x017

/* secrets_registers.S */
void secrets_hold_working_but_x31(const unsigned long *values);
void secrets_hold_working_but_x30(const unsigned long *values);
void secrets_hold_waiting_but_x31(const unsigned long *values);
void secrets_hold_waiting_but_x30(const unsigned long *values);
extern unsigned long secrets_seen[REGISTERS];

/* fp_registers.S, secrets_single.S, secrets_vector.S */
void fp_registers_write(const uint64_t *values, unsigned long fcsr);
unsigned long fp_registers_read(uint64_t *out_values);
void secrets_single_fill(unsigned long word);
void secrets_single_store(uint32_t *out_words);
void secrets_vector_fill(unsigned long byte);
unsigned long secrets_vector_store(uint8_t *out_bytes);

/* payload.ld */
extern const char image_start[];

static bool is_clean = true;
static bool has_fp;
static bool has_single; /* FP, but not D */
static bool has_fcsr;   /* and no such FP as has_fp says */
static bool has_jvt;
static bool has_vector;
static bool has_envcfg;
static uint8_t vector_bytes[GROUPS * VECTOR_SIZE_MAX];

static bool is_first(void) {
    return machine.bootargs[0] == 'a';
}

/* No number that code or data of the image would hold; none of a register or guest is another's. */
static unsigned long secret_of(char guest, unsigned index) {
    return (unsigned long)(uint8_t)guest * 0x9e3779b1ul * (index + 1) | 0x40000000ul;
}

static unsigned long secret(unsigned index) {
    return secret_of(machine.bootargs[0], index);
}

static void need(bool holds, const char *what) {
    is_clean &= check_quietly(holds, "%s", what);
}

/* The guest's RAM but for its image and its device tree. */
struct range {
    unsigned long *from;
    unsigned long *to;
    bool is_zero; /* at the start; behind the device tree there may be something of what made it */
};

enum { RANGES = 3 };

static void ranges_find(struct range *out_ranges) {
    unsigned long fdt = (unsigned long)(uintptr_t)machine.fdt;
    unsigned long behind = (fdt + fdt_totalsize(machine.fdt) + sizeof(long) - 1) & -sizeof(long);
    unsigned long *end = (unsigned long *)(machine.memory_base + machine.memory_size);
    out_ranges[0] = (struct range){(unsigned long *)machine.memory_base, (unsigned long *)(uintptr_t)image_start, true};
    out_ranges[1] = (struct range){(unsigned long *)machine_free_start(), (unsigned long *)(fdt & -sizeof(long)), true};
    out_ranges[2] = (struct range){(unsigned long *)behind, end, false};
}

static void look_at_ram(void) {
    struct range ranges[RANGES];
    ranges_find(ranges);
    for (unsigned index = 0; index < RANGES; index++) {
        size_t left = 0;
        for (const unsigned long *word = ranges[index].from; word < ranges[index].to; word++) {
            left += ranges[index].is_zero ? *word != 0 : *word == secret_of('a', 0) || *word == secret_of('b', 0);
        }
        need(left == 0, "nothing is left in RAM");
    }
}

static void leave_in_ram(void) {
    struct range ranges[RANGES];
    ranges_find(ranges);
    for (unsigned index = 0; index < RANGES; index++) {
        for (unsigned long *word = ranges[index].from; word < ranges[index].to; word++) {
            *word = secret(0);
        }
    }
}

static void look_at_fp(void) {
    uint64_t values[REGISTERS];
    uint64_t all = 0;
    unsigned long fcsr = fp_registers_read(values);
    for (unsigned index = 0; index < REGISTERS; index++) {
        all |= values[index];
    }
    need(all == 0 && fcsr == 0, "FP registers are 0 at the start");
}

/* As the next one, and fcsr, which Zfinx has as well. */
static bool single_is(uint32_t own) {
    uint32_t words[REGISTERS];
    secrets_single_store(words);
    for (unsigned index = 0; index < REGISTERS; index++) {
        if (words[index] != own && words[index] != 0) {
            return false;
        }
    }
    return true;
}

static bool fcsr_is(unsigned long own) {
    unsigned long seen = csr_read(fcsr) & 0xff;
    return seen == own || seen == 0;
}

/* Not given, but perhaps there: then this guest's own from before, or nothing. */
static bool vector_is(uint8_t own) {
    size_t size = secrets_vector_store(vector_bytes);
    for (size_t at = 0; at < GROUPS * size && at < sizeof vector_bytes; at++) {
        if (vector_bytes[at] != own && vector_bytes[at] != 0) {
            return false;
        }
    }
    return true;
}

static void write_envcfg(void *) {
    csr_write(CSR_SENVCFG, 0);
}

static void look_at_the_start(void) {
    need(hart_self()->entered_with == 0, "registers and CSRs are 0 at the start");
    look_at_ram();
    has_fp = machine_has_extension("d");
    if (has_fp) {
        csr_set(sstatus, SSTATUS_FS_INITIAL);
        look_at_fp();
    }
    has_single = machine_has_word("single");
    has_fcsr = has_single || machine_has_word("zfinx");
    need(!has_fcsr || (!machine_has_extension("f") && !machine_has_extension("zfinx")), "it is told of no other FP");
    if (has_single) {
        csr_set(sstatus, SSTATUS_FS_INITIAL);
        need(single_is(0), "single FP registers are 0 at the start");
    }
    need(!has_fcsr || fcsr_is(0), "fcsr is 0 at the start");
    has_jvt = machine_has_word("jvt");
    need(!has_jvt || csr_read(CSR_JVT) == 0, "jvt is 0 at the start");
    csr_set(sstatus, STATUS_VS_INITIAL);
    has_vector = (csr_read(sstatus) & STATUS_VS) != 0 && machine_has_word("vector");
    if (has_vector) {
        need(vector_is(0), "vector registers are 0 at the start");
    }
    has_envcfg = !trap_catch(write_envcfg, nullptr).came;
}

struct supervisor {
    unsigned long status, sie, stvec, sscratch, sepc, scause, stval, satp, scounteren, senvcfg, software;
};

static struct supervisor supervisor_read(void) {
    return (struct supervisor){
        .status = csr_read(sstatus) & (STATUS_SUM | STATUS_MXR | SSTATUS_SPP | SSTATUS_SPIE),
        .sie = csr_read(sie),
        .stvec = csr_read(stvec),
        .sscratch = csr_read(sscratch),
        .sepc = csr_read(sepc),
        .scause = csr_read(scause),
        .stval = csr_read(stval),
        .satp = csr_read(satp),
        .scounteren = csr_read(scounteren),
        .senvcfg = has_envcfg ? csr_read(CSR_SENVCFG) : 0,
        .software = csr_read(sip) & INTERRUPT_SOFTWARE,
    };
}

static void supervisor_write(const struct supervisor *values) {
    csr_clear(sstatus, STATUS_SUM | STATUS_MXR | SSTATUS_SPP | SSTATUS_SPIE);
    csr_set(sstatus, values->status);
    csr_write(sie, values->sie);
    csr_write(stvec, values->stvec);
    csr_write(sscratch, values->sscratch);
    csr_write(sepc, values->sepc);
    csr_write(scause, values->scause);
    csr_write(stval, values->stval);
    csr_write(satp, values->satp);
    __asm__ volatile("sfence.vma" : : : "memory");
    csr_write(scounteren, values->scounteren);
    if (has_envcfg) {
        csr_write(CSR_SENVCFG, values->senvcfg);
    }
    csr_clear(sip, INTERRUPT_SOFTWARE);
    csr_set(sip, values->software);
}

/* Nothing traps while these are there: interrupts are off. Tables are in use, under an ASID of the guest's own. */
static struct supervisor supervisor_secrets(const struct supervisor *own) {
    bool is_a = is_first();
    return (struct supervisor){
        .status = is_a ? STATUS_SUM | SSTATUS_SPP : STATUS_MXR | SSTATUS_SPIE,
        .sie = INTERRUPT_TIMER | (is_a ? 1ul << 9 : 0),
        .stvec = secret(40) & ~3ul,
        .sscratch = secret(41),
        .sepc = secret(42) & ~3ul,
        .scause = is_a ? 2 : 7,
        .stval = secret(43),
        .satp = own->satp | (unsigned long)(is_a ? 0x15 : 0x1a) << ASID_SHIFT,
        .scounteren = is_a ? 5 : 2,
        .senvcfg = has_envcfg && is_a ? SENVCFG_FIOM : 0,
        .software = is_a ? INTERRUPT_SOFTWARE : 0,
    };
}

static void set_timer(void) {
    timer_set(timer_now() + timer_ticks_of_ms(HOLD_MS));
}

static void hold_registers(unsigned round) {
    static void (*const holds[])(const unsigned long *) = {
        secrets_hold_working_but_x31,
        secrets_hold_waiting_but_x30,
        secrets_hold_working_but_x30,
        secrets_hold_waiting_but_x31,
    };
    unsigned long values[REGISTERS];
    for (unsigned index = 0; index < REGISTERS; index++) {
        values[index] = secret(index);
    }
    holds[round % 4](values);
    unsigned but = round % 4 == 0 || round % 4 == 3 ? 31 : 30;
    for (unsigned index = 1; index < REGISTERS; index++) {
        need(index == but || secrets_seen[index] == values[index], "registers are as they were");
    }
}

static unsigned long own_fcsr(void) {
    return FCSR + (is_first() ? 0 : 3);
}

static unsigned long own_jvt(void) {
    return secret(52) & ~63ul;
}

static void fp_fill(uint64_t *values) {
    for (unsigned index = 0; index < REGISTERS; index++) {
        values[index] = (uint64_t)secret(100 + index) << 16 | index;
    }
    fp_registers_write(values, own_fcsr());
}

static void fp_compare(const uint64_t *values) {
    uint64_t seen[REGISTERS];
    unsigned long fcsr = fp_registers_read(seen);
    need(memcmp(seen, values, sizeof seen) == 0 && (fcsr & 0xff) == own_fcsr(), "FP registers are as they were");
}

/* Everything full of secrets while the other guest has the hart. */
static void hold(unsigned round) {
    uint64_t fp[REGISTERS];
    set_timer();
    if (has_fp) {
        fp_fill(fp);
    }
    if (has_single) {
        secrets_single_fill(secret(51));
    }
    if (has_fcsr) {
        csr_write(fcsr, own_fcsr());
    }
    if (has_jvt) {
        csr_write(CSR_JVT, own_jvt());
    }
    if (has_vector) {
        secrets_vector_fill(secret(50));
    }
    foreign_tables_on();
    struct supervisor own = supervisor_read();
    struct supervisor values = supervisor_secrets(&own);
    supervisor_write(&values);
    struct supervisor written = supervisor_read();
    hold_registers(round);
    struct supervisor seen = supervisor_read();
    supervisor_write(&own);
    foreign_tables_off();
    timer_set(TIMER_NEVER);
    need(memcmp(&seen, &written, sizeof seen) == 0, "supervisor CSRs are as they were");
    if (has_fp) {
        fp_compare(fp);
    }
    need(!has_single || single_is((uint32_t)secret(51)), "single FP registers hold nothing of the other's");
    need(!has_fcsr || fcsr_is(own_fcsr()), "fcsr holds nothing of the other's");
    need(!has_jvt || csr_read(CSR_JVT) == own_jvt() || csr_read(CSR_JVT) == 0, "jvt holds nothing of the other's");
    need(!has_vector || vector_is((uint8_t)secret(50)), "vector registers hold nothing of the other's");
}

[[noreturn]] static void crash(void) {
    csr_write(stvec, 0);
    __builtin_trap();
}

void payload_main(void) {
    look_at_the_start();
    leave_in_ram();
    for (unsigned round = 0;; round++) {
        hold(round);
        if (round == 4) {
            print("%s, waiting for r, c or q", is_clean ? "clean" : "dirty");
        }
        int key = round > 4 ? uart_get() : -1;
        if (key == 'q') {
            return;
        }
        if (key == 'r' && is_clean) {
            sbi_reset(SBI_COLD_REBOOT, 0);
        }
        if (key == 'c' && is_clean) {
            crash();
        }
    }
}
