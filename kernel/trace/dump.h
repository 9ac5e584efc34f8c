/*
 * The trace as lines (abi/trace.h), made one at a time, as the console has room for them. Tracing stands still
 * meanwhile.
 *
 * trace_dump_line and trace_dump_now are for who has the console: under its lock, or after a panic.
 */
#pragma once

#include <stddef.h>

/* Asks for a dump, from any hart. False: one is on its way already. */
bool trace_dump_request(void);

/* Writes the next line of the dump that was asked for. False: there is none. */
bool trace_dump_line(char *out_text, size_t size);

/* Begins a dump of the last `count` records of each hart at most, in the place of any other. */
void trace_dump_now(unsigned count);
