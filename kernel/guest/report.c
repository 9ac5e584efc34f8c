/* Sentences about guests. */
#include "kernel/guest/report.h"

#include "kernel/console/kernel_log.h"
#include "lib/format.h"
#include "lib/sizes.h"

void report_created(const struct guest *guest) {
    char size[SIZES_TEXT_SIZE];
    sizes_print(size, sizeof size, guest->size);
    log_line("guest %-15s %u vcpu%s  %s at 0x%llx  %s", guest->name, guest->vcpu_count,
             guest->vcpu_count == 1 ? " " : "s", size, (unsigned long long)guest->base.value,
             isolate_name(&guest->isolation));
}

void report_started(const struct guest *guest) {
    if (guest->boots == 1) {
        log_line("guest %s: started", guest->name);
    } else {
        log_line("guest %s: started again from its image, boot %u", guest->name, guest->boots);
    }
}

/* SBI v3.0, "System Reset Extension", table of reset reasons. */
static const char *reason_text(uint32_t reason) {
    switch (reason) {
    case 0:
        return "no reason given";
    case 1:
        return "system failure";
    default:
        return "a reason of its own";
    }
}

static const char *cause_text(unsigned long cause) {
    switch (cause) {
    case CAUSE_FETCH_MISALIGNED:
        return "misaligned instruction address";
    case CAUSE_BREAKPOINT:
        return "breakpoint";
    case CAUSE_ECALL_U:
    case CAUSE_ECALL_S:
        return "environment call";
    case CAUSE_FETCH_PAGE:
        return "instruction page fault";
    case CAUSE_LOAD_PAGE:
        return "load page fault";
    case CAUSE_STORE_PAGE:
        return "store page fault";
    case CAUSE_FETCH_ACCESS:
        return "instruction access fault";
    case CAUSE_ILLEGAL_INSTRUCTION:
        return "illegal instruction";
    case CAUSE_LOAD_MISALIGNED:
        return "misaligned load";
    case CAUSE_LOAD_ACCESS:
        return "load access fault";
    case CAUSE_STORE_MISALIGNED:
        return "misaligned store";
    case CAUSE_STORE_ACCESS:
        return "store access fault";
    default:
        return "exception";
    }
}

/* All of them, compactly. Each line says whose they are: another guest may crash on another hart meanwhile. */
static void report_registers(const struct guest *guest) {
    static const char *const names[] = {"pc", "ra", "sp", "gp", "tp",  "t0",  "t1", "t2", "s0", "s1", "a0",
                                        "a1", "a2", "a3", "a4", "a5",  "a6",  "a7", "s2", "s3", "s4", "s5",
                                        "s6", "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6"};
    const int digits = (int)sizeof(unsigned long) * 2;
    const struct guest_registers *registers = &guest->end_registers;
    const unsigned long *x = registers->x;
    for (unsigned index = 0; index < REG_COUNT; index += 4) {
        log_line("%s  %-4s %0*lx  %-4s %0*lx  %-4s %0*lx  %-4s %0*lx", guest->name, names[index], digits, x[index],
                 names[index + 1], digits, x[index + 1], names[index + 2], digits, x[index + 2], names[index + 3],
                 digits, x[index + 3]);
    }
    log_line("%s  mstatus %0*lx  sie %lx  satp %0*lx  stvec %0*lx", guest->name, digits, registers->status,
             registers->sie, digits, registers->satp, digits, registers->stvec);
    log_line("%s  scause %lx  sepc %0*lx  stval %0*lx", guest->name, registers->scause, digits, registers->sepc, digits,
             registers->stval);
}

/* A crash: which vcpu, what it could not do, and the trap. */
static void crash_text(const struct guest_end *end, char *text, size_t size) {
    static const char *const what[] = {
        [GUEST_END_CRASH] = "cannot take a trap",
        [GUEST_END_ENDLESS] = "traps for ever in its trap handler",
        [GUEST_END_DOUBLE_TRAP] = "took a trap inside its trap handler",
    };
    format_buffer(text, size, "crashed: its vcpu %u %s: %s (cause %lu, value 0x%lx) at 0x%lx%s", end->vcpu,
                  what[end->kind], cause_text(end->cause), end->cause, end->value, end->pc,
                  end->kind == GUEST_END_CRASH ? ", its trap handler" : "");
}

void report_end_text(const struct guest *guest, char *out_text, size_t size) {
    const struct guest_end copy = guest->end; /* it may be ending again on another hart */
    const struct guest_end *end = &copy;
    switch (end->kind) {
    case GUEST_END_SHUTDOWN:
        format_buffer(out_text, size, "shut down (%s) by vcpu %u", reason_text(end->reset_reason), end->vcpu);
        break;
    case GUEST_END_REBOOT:
        format_buffer(out_text, size, "%s reboot (%s) by vcpu %u", end->reset_type == 1 ? "cold" : "warm",
                      reason_text(end->reset_reason), end->vcpu);
        break;
    case GUEST_END_CRASH:
    case GUEST_END_ENDLESS:
    case GUEST_END_DOUBLE_TRAP:
        crash_text(end, out_text, size);
        break;
    case GUEST_END_HUNG:
        format_buffer(out_text, size, "hung: its vcpu %u had the hart for %u ms without a sign of life, last at 0x%lx",
                      end->vcpu, guest->manifest->watchdog_ms, end->pc);
        break;
    case GUEST_END_STOPPED:
        format_buffer(out_text, size, "stopped from the console");
        break;
    case GUEST_END_RESTARTED:
        format_buffer(out_text, size, "restarted from the console");
        break;
    case GUEST_END_REFUSED:
        format_buffer(out_text, size, "not started: %s", end->sentence);
        break;
    }
}

/* What happens next. */
static void next_text(const struct guest *guest, const struct restart_verdict *verdict, char *text, size_t size) {
    uint32_t limit = guest->manifest->restart_limit;
    if (verdict->limit_reached) {
        format_buffer(text, size, "it stays off after %u restart%s in a row", limit, limit == 1 ? "" : "s");
    } else if (!verdict->starts_again) {
        format_buffer(text, size, "it stays off");
    } else if (verdict->backoff_ms == 0) {
        format_buffer(text, size, "it starts again now");
    } else if (limit == 0) {
        format_buffer(text, size, "it starts again in %u ms", verdict->backoff_ms);
    } else {
        format_buffer(text, size, "it starts again in %u ms, restart %u of %u in a row", verdict->backoff_ms,
                      guest->restarts_in_row, limit);
    }
}

void report_ended(const struct guest *guest, const struct restart_verdict *verdict) {
    char what[REPORT_TEXT_SIZE];
    char next[REPORT_TEXT_SIZE];
    report_end_text(guest, what, sizeof what);
    next_text(guest, verdict, next, sizeof next);
    log_line("guest %s: %s; %s", guest->name, what, next);
    if (guest_end_is_crash(&guest->end)) {
        report_registers(guest);
    }
}

void report_paused(const struct guest *guest, bool is_paused) {
    log_line("guest %s: %s from the console", guest->name, is_paused ? "paused" : "goes on");
}

void report_not_possible(const struct guest *guest, const char *participle) {
    log_line("guest %s: is %s and cannot be %s now", guest->name, guest_state_text(guest), participle);
}
