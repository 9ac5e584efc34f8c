/*
 * What one hart costs by itself: SBI calls, an IPI to itself, an illegal instruction, and, if the boot arguments say
 * "emulated", registers of the emulated UART, through page tables. Runs as a guest of ours and under any other
 * SBI firmware.
 */
#include "tests/bench/measure.h"
#include "tests/bench/paging.h"
#include "tests/guests/runtime/payload.h"

/* An hour from now: not near, and not the value for never either. */
enum { DEADLINE_SECONDS = 3600, PAGE_SIZE = 4096, ACKNOWLEDGE_INSTRUCTIONS = 2, LINE_STATUS = 5, SCRATCH = 7 };

struct call {
    const char *name;
    enum sbi_extension extension;
    enum sbi_function function;
    unsigned long arguments[SBI_ARGUMENT_COUNT];
    unsigned long step; /* by which the first argument differs from round to round */
};

/* All arguments are set anew in each round, because a0 and a1 come back as the results. */
#define CALL_LOOP(operation, call)                                                                         \
    MEASURE_LOOP("mul a0, %[left_], %[step]\n add a0, a0, %[a0]\n mv a1, %[a1]\n mv a2, %[a2]\n"           \
                 "mv a3, %[a3]\n mv a6, %[a6]\n mv a7, %[a7]\n" operation,                                 \
                 [step] "r"((call)->step), [a0] "r"((call)->arguments[0]), [a1] "r"((call)->arguments[1]), \
                 [a2] "r"((call)->arguments[2]), [a3] "r"((call)->arguments[3]),                           \
                 [a6] "r"((unsigned long)(call)->function), [a7] "r"((unsigned long)(call)->extension))

static void measure_call(const struct call *call, uint32_t known) {
    struct sbi_result result = sbi_call(call->extension, call->function, call->arguments);
    check_quietly(result.error == SBI_SUCCESS, "%s succeeds", call->name);
    uint32_t with = CALL_LOOP("ecall\n", call);
    uint32_t without = CALL_LOOP("", call);
    measure_keep(call->name, with, without, known);
}

static void measure_calls(void) {
    unsigned long self = hart_self()->id;
    uint64_t deadline = timer_now() + (uint64_t)machine.ticks_per_second * DEADLINE_SECONDS;
    const struct call calls[] = {
        {"get_spec_version", SBI_BASE, SBI_BASE_GET_SPEC_VERSION, {}, 0},
        {"set_timer", SBI_TIME, SBI_TIME_SET_TIMER, {(unsigned long)deadline, (unsigned long)(deadline >> 32)}, 1},
        {"sfence_self", SBI_RFENCE, SBI_RFENCE_SFENCE_VMA, {1, self, machine_free_start(), PAGE_SIZE}, 0},
        {"hart_get_status", SBI_HSM, SBI_HSM_HART_GET_STATUS, {self}, 0},
    };
    for (size_t index = 0; index < sizeof calls / sizeof calls[0]; index++) {
        measure_call(&calls[index], 0);
    }
}

/* The interrupt is taken where the call returns to, by a handler of two instructions. */
static void measure_ipi_self(void) {
    unsigned long stvec = csr_read(stvec);
    struct call call = {"ipi_self", SBI_IPI, SBI_IPI_SEND_IPI, {1, hart_self()->id}, 0};
    __asm__ volatile("   lla t0, 2f\n"
                     "   csrw stvec, t0\n"
                     "   j 3f\n"
                     "   .balign 4\n"
                     "2: csrci sip, %0\n"
                     "   sret\n"
                     "3:\n"
                     :
                     : "i"(INTERRUPT_SOFTWARE)
                     : "t0", "memory");
    csr_write(sie, INTERRUPT_SOFTWARE);
    csr_set(sstatus, SSTATUS_SIE);
    measure_call(&call, ACKNOWLEDGE_INSTRUCTIONS);
    csr_clear(sstatus, SSTATUS_SIE);
    check_quietly((csr_read(sip) & INTERRUPT_SOFTWARE) == 0, "each IPI was taken");
    csr_write(sie, 0);
    csr_write(stvec, stvec);
}

/* The handler of the trap is what follows the instruction, so nothing of it has to be subtracted. */
#define FAULT_LOOP(instruction) MEASURE_LOOP("lla t0, 2f\n csrw stvec, t0\n" instruction "2:\n", )

static void measure_illegal(void) {
    unsigned long stvec = csr_read(stvec);
    csr_write(scause, 0);
    uint32_t without = FAULT_LOOP("");
    uint32_t word = FAULT_LOOP(".4byte 0x0000000b\n"); /* custom-0: nobody's */
    uint32_t csr = FAULT_LOOP("csrw cycle, zero\n");   /* read-only */
    csr_write(stvec, stvec);
    check_quietly(csr_read(scause) == CAUSE_ILLEGAL_INSTRUCTION, "they were illegal");
    measure_keep("illegal", word, without, 0);
    measure_keep("illegal_csr", csr, without, 0);
}

/*
 * The line status is what drivers ask for before each byte; the scratch register sends nothing. A driver's function
 * that makes one access has its address in a register that it need not save; the other kind is measured, too:
 * %[address] can only be one.
 */
static void measure_uart(void) {
    unsigned long uart = paging_on(machine.uart);
    uint32_t read = MEASURE_LOOP("mv a0, %[address]\n lb a0, (a0)\n", [address] "r"(uart + LINE_STATUS));
    uint32_t write = MEASURE_LOOP("mv a0, %[address]\n sb a1, (a0)\n", [address] "r"(uart + SCRATCH));
    uint32_t without = MEASURE_LOOP("mv a0, %[address]\n", [address] "r"(uart));
    uint32_t read_saved = MEASURE_LOOP("lb t0, (%[address])\n", [address] "r"(uart + LINE_STATUS));
    uint32_t without_saved = MEASURE_LOOP("", [address] "r"(uart));
    paging_off();
    measure_keep("uart_read", read, without, 0);
    measure_keep("uart_read_saved", read_saved, without_saved, 0);
    measure_keep("uart_write", write, without, 0);
}

void payload_main(void) {
    measure_calls();
    measure_ipi_self();
    measure_illegal();
    if (machine_has_word("emulated")) {
        measure_uart();
    }
    measure_print();
}
