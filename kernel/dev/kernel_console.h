/*
 * The one console of the machine, and its place in the scheduler: who gives it something to show kicks it, and the hart
 * pumps before it next enters a guest.
 */
#pragma once

#include <stdint.h>

#include "kernel/console/console.h"
#include "kernel/hart/hart.h"

extern struct console kernel_console;

/* Sets it up, with the boot arguments' wishes: console.colour, console.columns=N. Lines are kept until the UART is
 * attached. */
void kernel_console_init(void);

/* Attaches the machine's UART, if it has one and it is not attached yet. */
void kernel_console_attach(void);

/* This hart has given the console something to show. */
void kernel_console_kick(struct hart *hart);

/* Pumps if it is time to; returns when to call again at the latest. */
uint64_t kernel_console_serve(struct hart *hart, uint64_t now);

/* The UART has interrupted this hart. */
void kernel_console_receive(void);
