/*
 * The device under the terminal: the SBI's debug console where there is one, else the UART of the device tree.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "supervisor/dev/time_source.h"
#include "supervisor/dev/tty.h"

/* Uses the SBI's console. False: it has none. */
bool console_use_sbi(void);

/* Uses an ns16550a whose registers are mapped at `registers`, 1 << shift bytes apart. */
void console_use_uart(void *registers, unsigned shift);

/* Waiting sleeps by this clock; before this is called it spins. */
void console_set_time(const struct time_source *time);

/* Does nothing while neither of the two is in use. */
const struct tty_device *console_device(void);
