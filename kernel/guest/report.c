/* Sentences about guests. */
#include "kernel/guest/report.h"

#include "kernel/console/kernel_log.h"
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

static void report_registers(const struct context *context) {
    static const char *const names[] = {"zero", "ra", "sp", "gp", "tp",  "t0",  "t1", "t2", "s0", "s1", "a0",
                                        "a1",   "a2", "a3", "a4", "a5",  "a6",  "a7", "s2", "s3", "s4", "s5",
                                        "s6",   "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6"};
    const int digits = (int)sizeof(unsigned long) * 2;
    for (unsigned index = 0; index < REG_COUNT; index += 4) {
        log_line("  %-4s %0*lx  %-4s %0*lx  %-4s %0*lx  %-4s %0*lx", names[index], digits, context->x[index],
                 names[index + 1], digits, context->x[index + 1], names[index + 2], digits, context->x[index + 2],
                 names[index + 3], digits, context->x[index + 3]);
    }
}

static void report_crash(const struct guest *guest) {
    const struct guest_end *end = &guest->end;
    log_line(
        "guest %s: crashed: its vcpu %u cannot take a trap: %s (cause %lu, value 0x%lx) at 0x%lx, its trap handler",
        guest->name, end->vcpu, cause_text(end->cause), end->cause, end->value, end->pc);
    report_registers(&guest->vcpus[end->vcpu]->context);
}

void report_ended(const struct guest *guest) {
    const struct guest_end *end = &guest->end;
    switch (end->kind) {
    case GUEST_END_SHUTDOWN:
        log_line("guest %s: shut down (%s)", guest->name, reason_text(end->reset_reason));
        break;
    case GUEST_END_REBOOT:
        log_line("guest %s: %s reboot (%s)", guest->name, end->reset_type == 1 ? "cold" : "warm",
                 reason_text(end->reset_reason));
        break;
    case GUEST_END_CRASH:
        report_crash(guest);
        break;
    case GUEST_END_REFUSED:
        log_line("guest %s: not started: %s", guest->name, end->sentence);
        break;
    }
}
