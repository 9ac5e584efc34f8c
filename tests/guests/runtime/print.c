/* Lines through DBCN, which takes as much as goes at the moment. */
#include "tests/guests/runtime/print.h"

#include <stdarg.h>
#include <stdint.h>

#include "lib/format.h"
#include "tests/guests/runtime/sbi.h"

enum { LINE_SIZE = 512 };

static uint8_t is_printing;

void print_text(const char *text, size_t size) {
    size_t done = 0;
    while (done < size) {
        struct sbi_result result = SBI(SBI_DBCN, SBI_DBCN_WRITE, size - done, (unsigned long)(uintptr_t)(text + done));
        if (result.error != SBI_SUCCESS || result.value > size - done) {
            sbi_reset(SBI_SHUTDOWN, 1); /* no way to say why */
        }
        done += result.value;
    }
}

void print(const char *format, ...) {
    char line[LINE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    size_t length = format_buffer_list(line, sizeof line - 1, format, arguments);
    va_end(arguments);
    length = length < sizeof line - 1 ? length : sizeof line - 2;
    line[length++] = '\n';
    while (__atomic_exchange_n(&is_printing, 1, __ATOMIC_ACQUIRE) != 0) {
    }
    print_text(line, length);
    __atomic_store_n(&is_printing, 0, __ATOMIC_RELEASE);
}
