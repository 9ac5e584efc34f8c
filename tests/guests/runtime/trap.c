/* What comes of a trap: it is caught, an interrupt goes to the hart's function, and anything else ends the guest. */
#include "tests/guests/runtime/trap.h"

#include <stdint.h>

#include "tests/guests/runtime/check.h"
#include "tests/guests/runtime/csr.h"

/* trap.S */
void trap_call(void (*function)(void *argument), void *argument);
void trap_recover(void);
void user_enter(void (*function)(void *argument), void *argument);

void trap_handle(struct hart *hart);

struct call {
    void (*function)(void *argument);
    void *argument;
};

struct trap trap_catch(void (*function)(void *argument), void *argument) {
    struct hart *hart = hart_self();
    hart->caught = (struct trap){0};
    trap_call(function, argument);
    return hart->caught;
}

static void enter(void *argument) {
    const struct call *call = argument;
    user_enter(call->function, call->argument);
}

struct trap user_catch(void (*function)(void *argument), void *argument) {
    return trap_catch(enter, &(struct call){.function = function, .argument = argument});
}

void trap_handle(struct hart *hart) {
    unsigned long cause = csr_read(scause);
    if ((cause & SCAUSE_INTERRUPT) != 0 && hart->on_interrupt != nullptr) {
        hart->on_interrupt(cause & ~SCAUSE_INTERRUPT);
        return;
    }
    if (hart->recovery_sp == 0) {
        check(false, "no trap on hart %lu, but cause 0x%lx, value 0x%lx at 0x%lx came", hart->id, cause,
              csr_read(stval), hart->x[0]);
        check_finish();
    }
    hart->caught = (struct trap){.came = true, .cause = cause, .value = csr_read(stval), .pc = hart->x[0]};
    hart->x[2] = hart->recovery_sp;
    hart->x[0] = (unsigned long)(uintptr_t)trap_recover;
    csr_set(sstatus, SSTATUS_SPP); /* back to supervisor mode, whichever it came from */
}
