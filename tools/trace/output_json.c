/*
 * The JSON form of output.h. Everything that is written between quotes is ours or was checked by trace_log.c, so
 * nothing has to be escaped.
 *
 * A hart runs a vcpu from its "enter" on, through its traps, until it enters another or goes idle.
 */
#include "tools/trace/event_text.h"
#include "tools/trace/output.h"

#include <inttypes.h>
#include <stdlib.h>

/* What a hart is doing. */
struct track {
    uint32_t hart;
    uint16_t vcpu;     /* that it runs; TRACE_NO_VCPU: none */
    uint64_t began_at; /* ticks */
    uint64_t last_at;  /* its last entry */
};

struct writing {
    const struct trace_log *log;
    FILE *output;
    bool has_event; /* so that the next needs a comma */
    struct track *tracks;
    size_t track_count;
};

static double microseconds(const struct writing *writing, uint64_t time) {
    uint64_t first = writing->log->entries[0].time;
    return (double)(time - first) * 1e6 / (double)writing->log->ticks_per_second;
}

static void begin_event(struct writing *writing) {
    fputs(writing->has_event ? ",\n" : "\n", writing->output);
    writing->has_event = true;
}

static void name_track(struct writing *writing, uint32_t hart) {
    begin_event(writing);
    fprintf(writing->output,
            "{\"ph\":\"M\",\"pid\":1,\"tid\":%" PRIu32 ",\"name\":\"thread_name\",\"args\":{\"name\":\"hart %" PRIu32
            "\"}}",
            hart, hart);
}

/* The track of a hart, made at its first entry; there are as many places as entries. */
static struct track *track_of(struct writing *writing, const struct trace_entry *entry) {
    for (size_t index = 0; index < writing->track_count; index++) {
        if (writing->tracks[index].hart == entry->hart) {
            return &writing->tracks[index];
        }
    }
    struct track *track = &writing->tracks[writing->track_count++];
    *track = (struct track){.hart = entry->hart, .vcpu = TRACE_NO_VCPU};
    name_track(writing, entry->hart);
    return track;
}

static void end_slice(struct writing *writing, struct track *track, uint64_t time) {
    char vcpu[TRACE_LOG_NAME_SIZE];
    if (track->vcpu == TRACE_NO_VCPU) {
        return;
    }
    trace_log_vcpu(writing->log, track->vcpu, vcpu);
    begin_event(writing);
    fprintf(writing->output,
            "{\"ph\":\"X\",\"pid\":1,\"tid\":%" PRIu32 ",\"ts\":%.3f,\"dur\":%.3f,\"name\":\"%s\",\"cat\":\"vcpu\"}",
            track->hart, microseconds(writing, track->began_at),
            microseconds(writing, time) - microseconds(writing, track->began_at), vcpu);
    track->vcpu = TRACE_NO_VCPU;
}

static void begin_slice(struct writing *writing, struct track *track, const struct trace_entry *entry) {
    if (track->vcpu == entry->vcpu) {
        return;
    }
    end_slice(writing, track, entry->time);
    track->vcpu = entry->vcpu;
    track->began_at = entry->time;
}

static void put_instant(struct writing *writing, const struct trace_entry *entry) {
    char vcpu[TRACE_LOG_NAME_SIZE];
    char details[EVENT_TEXT_SIZE];
    trace_log_vcpu(writing->log, entry->vcpu, vcpu);
    event_details(writing->log, entry, details);
    begin_event(writing);
    fprintf(writing->output,
            "{\"ph\":\"i\",\"s\":\"t\",\"pid\":1,\"tid\":%" PRIu32 ",\"ts\":%.3f,\"name\":\"%s\",\"cat\":\"event\","
            "\"args\":{\"vcpu\":\"%s\",\"what\":\"%s\"}}",
            entry->hart, microseconds(writing, entry->time), event_name(entry), vcpu, details);
}

static void put_entry(struct writing *writing, const struct trace_entry *entry) {
    struct track *track = track_of(writing, entry);
    if (entry->event == TRACE_ENTER && entry->vcpu != TRACE_NO_VCPU) {
        begin_slice(writing, track, entry);
    } else {
        if (entry->event == TRACE_IDLE) {
            end_slice(writing, track, entry->time);
        }
        put_instant(writing, entry);
    }
    track->last_at = entry->time;
}

status_t output_json(const struct trace_log *log, FILE *output) {
    struct writing writing = {.log = log, .output = output};
    writing.tracks = calloc(log->entry_count + 1, sizeof(*writing.tracks));
    if (writing.tracks == nullptr) {
        return STATUS_NO_MEMORY;
    }
    fputs("{\"displayTimeUnit\":\"ns\",\"traceEvents\":[", output);
    begin_event(&writing);
    fputs("{\"ph\":\"M\",\"pid\":1,\"name\":\"process_name\",\"args\":{\"name\":\"diosix\"}}", output);
    for (size_t index = 0; index < log->entry_count; index++) {
        put_entry(&writing, &log->entries[index]);
    }
    for (size_t index = 0; index < writing.track_count; index++) {
        end_slice(&writing, &writing.tracks[index], writing.tracks[index].last_at);
    }
    fputs("\n]}\n", output);
    free(writing.tracks);
    return STATUS_OK;
}
