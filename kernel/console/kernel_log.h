/*
 * The kernel's own log: where all its lines go, from the first instruction of C on. Nothing is shown before a console
 * takes from it (console_pump).
 */
#pragma once

#include "kernel/console/log.h"

extern struct log kernel_log;

/* Writes a line to it. */
[[gnu::format(printf, 1, 2)]] void log_line(const char *format, ...);
