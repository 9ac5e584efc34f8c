/*
 * A trace in memory, read out of a saved console log (abi/trace.h has the lines). The log may hold anything else beside
 * it, from guests, too; lines that are not quite right are counted, not believed.
 */
#pragma once

#include "abi/manifest.h"
#include "abi/status.h"
#include "abi/trace.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct trace_entry {
    uint64_t time; /* ticks */
    uint64_t words[2];
    uint32_t hart;
    uint16_t event;
    uint16_t vcpu;  /* TRACE_NO_VCPU: none */
    uint32_t order; /* of the line, for entries of the same time */
};

struct trace_log {
    uint64_t ticks_per_second;
    char guests[MANIFEST_GUESTS_MAX][MANIFEST_GUEST_NAME_SIZE]; /* "" where the log names none */
    struct trace_entry *entries;                                /* by time; on the heap */
    size_t entry_count;
    uint64_t lost_count; /* records that were overwritten before the dump */
    size_t bad_count;    /* lines that begin as one of a trace and are none */
    bool is_complete;    /* the dump has its last line */
};

/* Reads the last dump in the log. STATUS_NOT_FOUND: there is none; STATUS_UNSUPPORTED: of another version;
 * STATUS_NO_MEMORY. On failure nothing needs freeing. */
status_t trace_log_read(FILE *input, struct trace_log *out_log);

void trace_log_free(struct trace_log *log);

/* The name of a guest, or its number in `buffer`. */
enum { TRACE_LOG_NAME_SIZE = 32 };
const char *trace_log_guest(const struct trace_log *log, uint32_t guest, char buffer[TRACE_LOG_NAME_SIZE]);

/* "web.0" for a vcpu, "-" for none. */
void trace_log_vcpu(const struct trace_log *log, uint16_t vcpu, char out_text[TRACE_LOG_NAME_SIZE]);
