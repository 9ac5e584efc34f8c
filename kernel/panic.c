/* The panic report. Runs with whatever is left: a second panic on the way only stops the hart (ending.h). */
#include "kernel/panic.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/arch/backtrace.h"
#include "kernel/arch/hart.h"
#include "kernel/dev/kernel_console.h"
#include "kernel/ending.h"
#include "kernel/hart/hart.h"
#include "kernel/trace/dump.h"
#include "kernel/trace/trace.h"
#include "lib/format.h"

enum { TEXT_SIZE = 256, FRAMES_MAX = 16, TRACE_RECORDS = 64 };

static void print_backtrace(unsigned long pc, unsigned long frame) {
    unsigned long addresses[FRAMES_MAX];
    size_t count = arch_backtrace(frame, addresses, FRAMES_MAX);
    console_panic_line(&kernel_console, "  at %p", (void *)pc);
    for (size_t index = 0; index < count; index++) {
        console_panic_line(&kernel_console, "  from %p", (void *)addresses[index]);
    }
    console_panic_line(&kernel_console, "  the kernel starts at %p", arch_kernel_start());
}

/* The last of what each hart did, if it was being traced. */
static void print_trace(void) {
    char text[TEXT_SIZE];
    if (!trace_is_on()) {
        return;
    }
    trace_dump_now(TRACE_RECORDS);
    while (trace_dump_line(text, sizeof text)) {
        console_panic_line(&kernel_console, "%s", text);
    }
}

[[noreturn]] static void panic_end(void) {
    print_trace();
    ending_fail();
}

void panic(const char *format, ...) {
    char text[TEXT_SIZE];
    va_list arguments;
    va_start(arguments, format);
    format_buffer_list(text, sizeof text, format, arguments);
    va_end(arguments);

    ending_begin();
    console_panic_line(&kernel_console, "diosix: panic on hart %lu: %s", arch_hart_self()->id, text);
    print_backtrace((unsigned long)(uintptr_t)__builtin_return_address(0),
                    (unsigned long)(uintptr_t)__builtin_frame_address(0));
    panic_end();
}

void panic_trap(unsigned long pc, unsigned long cause, unsigned long value, const unsigned long *x) {
    static const char *const names[] = {"zero", "ra", "sp", "gp", "tp",  "t0",  "t1", "t2", "s0", "s1", "a0",
                                        "a1",   "a2", "a3", "a4", "a5",  "a6",  "a7", "s2", "s3", "s4", "s5",
                                        "s6",   "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6"};
    ending_begin();
    console_panic_line(&kernel_console, "diosix: panic on hart %lu: the kernel trapped, cause %lx, value %lx",
                       arch_hart_self()->id, cause, value);
    for (size_t index = 1; index < sizeof names / sizeof names[0]; index += 4) {
        char text[TEXT_SIZE];
        size_t used = 0;
        for (size_t column = index; column < index + 4 && column < sizeof names / sizeof names[0]; column++) {
            used += format_buffer(text + used, sizeof text - used, "  %-3s %0*lx", names[column],
                                  (int)sizeof(unsigned long) * 2, x[column]);
        }
        console_panic_line(&kernel_console, "%s", text);
    }
    print_backtrace(pc, x[8]);
    panic_end();
}
