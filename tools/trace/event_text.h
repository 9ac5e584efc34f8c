/* What an entry of a trace means, in words: "exit: ecall from supervisor mode at 0x80201f4c". */
#pragma once

#include "tools/trace/trace_log.h"

/* The event's name. */
const char *event_name(const struct trace_entry *entry);

/* Its words, explained; "" where they say nothing. */
enum { EVENT_TEXT_SIZE = 128 };
void event_details(const struct trace_log *log, const struct trace_entry *entry, char out_text[EVENT_TEXT_SIZE]);
