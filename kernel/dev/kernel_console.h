/*
 * The one console of the machine, and its place in the scheduler: who gives it something to show kicks it, and the hart
 * pumps before it next enters a guest.
 */
#pragma once

#include <stdint.h>

#include "kernel/console/console.h"
#include "kernel/console/kernel_log.h"
#include "kernel/hart/hart.h"

extern struct console kernel_console;

/* Sets it up, with the boot arguments' wishes: console.colour, console.columns=N. Lines are kept until the UART is
 * attached. */
void kernel_console_init(void);

/* Attaches the machine's UART, if it has one and it is not attached yet. */
void kernel_console_attach(void);

/* This hart has given the console something to show. */
void kernel_console_kick(struct hart *hart);

/* For kernel_console_serve: it is time to. */
void kernel_console_pump(struct hart *hart, uint64_t now);

/* Pumps if it is time to; returns when to call again at the latest. */
static inline uint64_t kernel_console_serve(struct hart *hart, uint64_t now) {
    /* Who writes a line of the kernel's does not know about harts; but it is on one, which comes by here next. */
    if (now >= hart->console_deadline || !log_is_empty(&kernel_log)) {
        kernel_console_pump(hart, now);
    }
    return hart->console_deadline;
}

/* The UART has interrupted this hart. */
void kernel_console_receive(void);
