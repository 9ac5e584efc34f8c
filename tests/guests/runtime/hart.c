/* Harts from their entry to their end. */
#include "tests/guests/runtime/hart.h"

#include <stdint.h>

#include "tests/guests/runtime/check.h"
#include "tests/guests/runtime/csr.h"
#include "tests/guests/runtime/machine.h"
#include "tests/guests/runtime/sbi.h"

enum { STACK_SIZE = 12288, TRAP_STACK_SIZE = 4096 };

[[noreturn]] void hart_boot(unsigned long id, const void *fdt, unsigned long entered_with);
[[noreturn]] void hart_begin(unsigned long id, struct hart *hart);
void hart_entry(void); /* start.S; not for calling from C, nor is the next */
void hart_entered(void);

static struct hart harts[HART_COUNT_MAX];
static uint8_t stacks[HART_COUNT_MAX][STACK_SIZE] __attribute__((aligned(16)));
static uint8_t trap_stacks[HART_COUNT_MAX][TRAP_STACK_SIZE] __attribute__((aligned(16)));

struct hart *hart_self(void) {
    return (struct hart *)csr_read(sscratch);
}

unsigned long hart_entry_address(void) {
    return (unsigned long)(uintptr_t)hart_entry;
}

void hart_prepare_as(struct hart *hart, unsigned long id, void (*function)(void *argument), void *argument) {
    *hart = (struct hart){
        .stack_top = (unsigned long)(uintptr_t)(stacks[id] + STACK_SIZE),
        .trap_stack_top = (unsigned long)(uintptr_t)(trap_stacks[id] + TRAP_STACK_SIZE),
        .id = id,
        .function = function,
        .argument = argument,
    };
}

struct hart *hart_prepare(unsigned long id, void (*function)(void *argument), void *argument) {
    hart_prepare_as(&harts[id], id, function, argument);
    return &harts[id];
}

static void run_payload(void *) {
    payload_main();
    check_finish();
}

void hart_boot(unsigned long id, const void *fdt, unsigned long entered_with) {
    machine_read(fdt);
    struct hart *hart = hart_prepare(id, run_payload, nullptr);
    hart->entered_with = entered_with;
    register unsigned long a0 __asm__("a0") = id;
    register struct hart *a1 __asm__("a1") = hart;
    __asm__ volatile("j hart_entered" : : "r"(a0), "r"(a1) : "memory");
    __builtin_unreachable();
}

void hart_begin(unsigned long id, struct hart *hart) {
    if (id != hart->id) {
        check(false, "hart %lu was started as hart %lu", hart->id, id);
        check_finish();
    }
    hart->function(hart->argument);
    SBI(SBI_HSM, SBI_HSM_HART_STOP);
    __builtin_trap();
}

long hart_run(unsigned long id, void (*function)(void *argument), void *argument) {
    struct hart *hart = hart_prepare(id, function, argument);
    return SBI(SBI_HSM, SBI_HSM_HART_START, id, hart_entry_address(), (unsigned long)(uintptr_t)hart).error;
}
