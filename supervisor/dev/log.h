/*
 * What the supervisor itself has to say: whole lines on the terminal, never in the middle of a program's.
 */
#pragma once

#include "supervisor/dev/tty.h"

/* Before this nothing is said. */
void log_init(struct tty *tty);

/* "diosix supervisor: ..." and the end of the line. */
[[gnu::format(printf, 1, 2)]] void log_line(const char *format, ...);
