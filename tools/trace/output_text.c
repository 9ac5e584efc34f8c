/* The text form of output.h. */
#include "tools/trace/event_text.h"
#include "tools/trace/output.h"

#include <inttypes.h>

static void print_entry(const struct trace_log *log, const struct trace_entry *entry, FILE *output) {
    char vcpu[TRACE_LOG_NAME_SIZE];
    char details[EVENT_TEXT_SIZE];
    trace_log_vcpu(log, entry->vcpu, vcpu);
    event_details(log, entry, details);
    double seconds = (double)(entry->time - log->entries[0].time) / (double)log->ticks_per_second;
    fprintf(output, "%12.6f  hart %-2" PRIu32 "  %-18s  %s%s%s\n", seconds, entry->hart, vcpu, event_name(entry),
            details[0] != '\0' ? ": " : "", details);
}

void output_text(const struct trace_log *log, FILE *output) {
    for (size_t index = 0; index < log->entry_count; index++) {
        print_entry(log, &log->entries[index], output);
    }
    if (log->lost_count != 0) {
        fprintf(output, "%" PRIu64 " older records were overwritten before the dump\n", log->lost_count);
    }
    if (log->bad_count != 0) {
        fprintf(output, "%zu damaged lines were left out\n", log->bad_count);
    }
    if (!log->is_complete) {
        fprintf(output, "the log ends before the dump does\n");
    }
}
