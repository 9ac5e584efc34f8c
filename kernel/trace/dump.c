/* Where a dump is, and its next line. */
#include "kernel/trace/dump.h"

#include "kernel/guest/guest.h"
#include "kernel/irq/timer.h"
#include "kernel/trace/trace.h"
#include "lib/format.h"

/* Its oldest record may have been in the middle of being written over when tracing stopped. */
enum { READABLE_COUNT = TRACE_RECORD_COUNT - 1 };

enum stage { STAGE_NONE, STAGE_BEGIN, STAGE_GUESTS, STAGE_HART, STAGE_RECORDS, STAGE_END };

static uint32_t is_requested; /* atomic: from the request to the last line */

/* Owned by who has the console. */
static struct {
    enum stage stage;
    bool was_tracing;
    uint32_t most;  /* records of a hart */
    uint32_t index; /* of the guest or hart */
    uint32_t at;    /* of the record, counted as trace_ring.written */
    uint32_t end;
} dump;

bool trace_dump_request(void) {
    return __atomic_exchange_n(&is_requested, 1, __ATOMIC_SEQ_CST) == 0;
}

static void begin(uint32_t most) {
    dump.was_tracing = dump.stage == STAGE_NONE ? trace_is_on() : dump.was_tracing;
    trace_switch(false);
    dump.most = most < READABLE_COUNT ? most : READABLE_COUNT;
    dump.index = 0;
    dump.stage = STAGE_BEGIN;
}

void trace_dump_now(unsigned count) {
    __atomic_store_n(&is_requested, 1, __ATOMIC_SEQ_CST);
    begin(count);
}

static void begin_line(char *text, size_t size) {
    format_buffer(text, size, TRACE_LINE_BEGIN " %d %llu", TRACE_VERSION, (unsigned long long)timer_ticks_per_second());
    dump.stage = STAGE_GUESTS;
}

static void guest_line(char *text, size_t size) {
    format_buffer(text, size, TRACE_LINE_GUEST " %u %s", dump.index, guests[dump.index]->name);
    dump.index++;
}

static void hart_line(const struct hart *hart, char *text, size_t size) {
    const struct trace_ring *ring = hart->trace_ring;
    uint32_t written = ring != nullptr ? __atomic_load_n(&ring->written, __ATOMIC_ACQUIRE) : 0;
    uint32_t count = written < dump.most ? written : dump.most;
    dump.at = written - count;
    dump.end = written;
    format_buffer(text, size, TRACE_LINE_HART " %lx %u %u", hart->id, count, dump.at);
    dump.stage = STAGE_RECORDS;
}

static void record_line(const struct hart *hart, char *text, size_t size) {
    static const char *const names[] = {
#define NAME(NAME, name) [TRACE_##NAME] = name,
        TRACE_EVENTS(NAME)
#undef NAME
    };
    const struct trace_record *record = &hart->trace_ring->records[dump.at++ % TRACE_RECORD_COUNT];
    char vcpu[16] = "-";
    if (record->vcpu != TRACE_NO_VCPU) {
        format_buffer(vcpu, sizeof vcpu, "%x.%x", record->vcpu >> TRACE_VCPU_BITS,
                      record->vcpu & ((1u << TRACE_VCPU_BITS) - 1));
    }
    format_buffer(text, size, TRACE_LINE_RECORD " %lx %llx %s %s %lx %lx", hart->id, (unsigned long long)record->time,
                  names[record->event], vcpu, record->words[0], record->words[1]);
}

/* Goes on to the next stage where one has come to its end. */
static void advance(void) {
    if (dump.stage == STAGE_GUESTS && dump.index == guests_made()) {
        dump.stage = STAGE_HART;
        dump.index = 0;
    }
    if (dump.stage == STAGE_RECORDS && dump.at == dump.end) {
        dump.stage = STAGE_HART;
        dump.index++;
    }
    if (dump.stage == STAGE_HART && dump.index == hart_count) {
        dump.stage = STAGE_END;
    }
}

static void end_line(char *text, size_t size) {
    format_buffer(text, size, TRACE_LINE_END);
    dump.stage = STAGE_NONE;
    trace_switch(dump.was_tracing);
    __atomic_store_n(&is_requested, 0, __ATOMIC_SEQ_CST);
}

bool trace_dump_line(char *out_text, size_t size) {
    if (__atomic_load_n(&is_requested, __ATOMIC_SEQ_CST) == 0) {
        return false;
    }
    if (dump.stage == STAGE_NONE) {
        begin(READABLE_COUNT);
    }
    advance();
    switch (dump.stage) {
    case STAGE_BEGIN:
        begin_line(out_text, size);
        break;
    case STAGE_GUESTS:
        guest_line(out_text, size);
        break;
    case STAGE_HART:
        hart_line(harts[dump.index], out_text, size);
        break;
    case STAGE_RECORDS:
        record_line(harts[dump.index], out_text, size);
        break;
    case STAGE_NONE:
    case STAGE_END:
        end_line(out_text, size);
        break;
    }
    return true;
}
