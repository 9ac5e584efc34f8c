/* Counting and saying. */
#include "tests/guests/runtime/check.h"

#include <stdarg.h>
#include <stdint.h>

#include "lib/format.h"
#include "tests/guests/runtime/print.h"
#include "tests/guests/runtime/sbi.h"

enum { TEXT_SIZE = 256, FAILURES_SHOWN = 50 };

static uint32_t done;
static uint32_t failed;

static bool count(bool holds, bool is_quiet, const char *format, va_list arguments) {
    char text[TEXT_SIZE];
    __atomic_add_fetch(&done, 1, __ATOMIC_RELAXED);
    if (holds && is_quiet) {
        return true;
    }
    if (!holds && __atomic_add_fetch(&failed, 1, __ATOMIC_RELAXED) > FAILURES_SHOWN) {
        return false;
    }
    format_buffer_list(text, sizeof text, format, arguments);
    print("%s %s", holds ? "ok  " : "FAIL", text);
    return holds;
}

bool check(bool holds, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    count(holds, false, format, arguments);
    va_end(arguments);
    return holds;
}

bool check_quietly(bool holds, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    count(holds, true, format, arguments);
    va_end(arguments);
    return holds;
}

bool check_equal(unsigned long seen, unsigned long expected, const char *what) {
    if (seen == expected) {
        return check(true, "%s", what);
    }
    return check(false, "%s: 0x%lx instead of 0x%lx", what, seen, expected);
}

void check_finish(void) {
    if (failed == 0) {
        print("all %u checks passed", done);
        sbi_reset(SBI_SHUTDOWN, 0);
    }
    print("%u of %u checks failed", failed, done);
    sbi_reset(SBI_SHUTDOWN, 1);
}
