/* A trace for people and for Perfetto. */
#pragma once

#include "tools/trace/trace_log.h"

/* A line per entry: seconds since the first, hart, vcpu, event, details. */
void output_text(const struct trace_log *log, FILE *output);

/*
 * Chrome's trace event format ("JSON Object Format"): a thread per hart, a slice for each time that it ran a vcpu, and
 * the other events as instants. ui.perfetto.dev and chrome://tracing open it. STATUS_NO_MEMORY: nothing was written.
 */
status_t output_json(const struct trace_log *log, FILE *output);
